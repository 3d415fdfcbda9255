/** Where a sign-in starts; it ends at the dashboard. */
export const SIGN_IN = '/api/kavach/auth/oauth/authorize/bitbucket?redirectTo=/dashboard';

/** For everybody. `user` is `undefined` when nobody is signed in. */
export function home(user) {
  if (!user) return page('Welcome', `<p><a href="${SIGN_IN}">Sign in with Bitbucket</a></p>`);
  return page('Welcome', `<p>Signed in as ${name(user)}. <a href="/dashboard">Dashboard</a></p>`);
}

/** For the signed-in. */
export function dashboard(user) {
  return page('Dashboard', `<p>Hello, ${name(user)}.</p>${SIGN_OUT}`);
}

const SIGN_OUT = `<button type="button" id="sign-out">Sign out</button>
  <script>
    document.getElementById('sign-out').onclick = async () => {
      await fetch('/api/kavach/auth/sign-out', { method: 'POST' });
      location.assign('/');
    };
  </script>`;

function page(title, content) {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
</head>
<body>
  <h1>${title}</h1>
  ${content}
</body>
</html>
`;
}

// A name is what a stranger typed in.
function name(user) {
  const text = user.name ?? user.email ?? 'stranger';
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
