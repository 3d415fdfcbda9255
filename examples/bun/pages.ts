import type { User } from 'kavachos';

/** Where a sign-in starts; it ends at the dashboard. */
const SIGN_IN = '/api/kavach/auth/oauth/authorize/bitbucket?redirectTo=/dashboard';

/** For everybody. `user` is `undefined` when nobody is signed in. */
export function home(user: User | undefined): Response {
  return page('Welcome', user
    ? `<p>Signed in as ${nameOf(user)}. <a href="/dashboard">Dashboard</a></p>`
    : `<p><a href="${SIGN_IN}">Sign in with Bitbucket</a></p>`);
}

/** For the signed-in. */
export function dashboard(user: User): Response {
  return page('Dashboard', `<p>Hello, ${nameOf(user)}.</p>
  <button type="button" id="sign-out">Sign out</button>
  <script>
    document.getElementById('sign-out').onclick = async () => {
      await fetch('/api/kavach/auth/sign-out', { method: 'POST' });
      location.assign('/');
    };
  </script>`);
}

/** For those who are not. */
export function toSignIn(): Response {
  return new Response(null, { status: 302, headers: { location: SIGN_IN } });
}

function page(title: string, content: string): Response {
  const html = `<!doctype html>
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
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' };
  return new Response(html, { headers });
}

// A name is what a stranger typed in.
function nameOf({ name, email }: User): string {
  const text = name ?? email ?? 'stranger';
  return text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
