import { html } from 'hono/html';

/** Where a sign-in starts; it ends at the dashboard. */
export const SIGN_IN = '/api/kavach/auth/oauth/authorize/bitbucket?redirectTo=/dashboard';

/** For everybody. `user` is `undefined` when nobody is signed in. */
export function home(user) {
  return page('Welcome', user
    ? html`<p>Signed in as ${name(user)}. <a href="/dashboard">Dashboard</a></p>`
    : html`<p><a href="${SIGN_IN}">Sign in with Bitbucket</a></p>`);
}

/** For the signed-in. */
export function dashboard(user) {
  return page('Dashboard', html`<p>Hello, ${name(user)}.</p>
  <button type="button" id="sign-out">Sign out</button>
  <script>
    document.getElementById('sign-out').onclick = async () => {
      await fetch('/api/kavach/auth/sign-out', { method: 'POST' });
      location.assign('/');
    };
  </script>`);
}

function page(title, content) {
  return html`<!doctype html>
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

// `html` escapes it: a name is what a stranger typed in.
function name(user) {
  return user.name ?? user.email ?? 'stranger';
}
