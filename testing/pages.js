/** What a person sees: plain HTML and CSS, usable by keyboard and screen reader. */
import { decode } from './http.js';

/** @param {Record<string, import('./users.js').User>} users */
export function signInPage(consumer, users) {
  const choices = Object.entries(users).map(
    ([key, { display_name: name = key, about = '' }]) => html`
      <li>
        <button class="user" name="user" value="${key}">
          ${picture(key)}
          <span><bdi>${name}</bdi> <small>${about}</small></span>
        </button>
      </li>`,
  );
  return page(
    200,
    'Log in to continue',
    html`
      <p>to <strong>${consumer.name}</strong>. Choose who you are:</p>
      <form method="post"><ul class="users">${choices}</ul></form>`,
  );
}

/** @param {import('./users.js').User} user */
export function consentPage(consumer, key, { display_name: name = key }) {
  const scopes = consumer.scopes.map((scope) => {
    return html`<li>${SCOPES[scope] ?? 'Use the permission'} <code>${scope}</code></li>`;
  });
  return page(
    200,
    'Confirm access to your account',
    html`
      <p><strong>${consumer.name}</strong> is requesting access to the following:</p>
      <ul>${scopes}</ul>
      <form method="post" class="row">
        <button class="primary" name="decision" value="grant">Grant access</button>
        <button name="decision" value="cancel">Cancel</button>
      </form>
      <form method="post" class="who">
        ${picture(key)}
        <span>Logged in as <bdi>${name}</bdi></span>
        <button class="link" name="decision" value="switch">Use another account</button>
      </form>`,
  );
}

export function problemPage(status, title, text) {
  return page(status, title, html`<p>${text}</p>`);
}

export function notFoundPage() {
  return problemPage(404, 'Not found', 'Start at the application that you want to sign in to.');
}

/** A picture of initials. @returns {import('./http.js').Answer | undefined} */
export function avatar(bitbucket, encodedKey) {
  const key = decode(encodedKey);
  const user = bitbucket.user(key);
  if (!user) return undefined;
  const initials = String(user.display_name ?? key)
    .split(' ')
    .map((word) => [...word][0] ?? '')
    .join('')
    .slice(0, 4);
  const body = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64"
    height="64"><circle cx="32" cy="32" r="32" fill="#344563"/><text x="32" y="41" fill="#fff"
    font-family="sans-serif" font-size="24" text-anchor="middle">${initials}</text></svg>`;
  return { status: 200, headers: { ...SAFE, 'content-type': 'image/svg+xml' }, body: body.text };
}

function picture(key) {
  // The name stands beside it, so it says nothing new to a screen reader.
  const source = `/avatar/${encodeURIComponent(key)}.svg`;
  return html`<img src="${source}" alt="" width="40" height="40">`;
}

/** @returns {import('./http.js').Answer} */
function page(status, title, content) {
  const { text } = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="icon" href="data:,">
  <title>${title} – Bitbucket stand-in</title>
  <style>${STYLE}</style>
</head>
<body>
  <p class="banner" role="note">
    This is a stand-in for Bitbucket Cloud, for tests and demonstrations. The accounts are invented.
  </p>
  <main>
    <h1>${title}</h1>
    ${content}
  </main>
</body>
</html>`;
  return { status, headers: { ...SAFE, 'content-type': 'text/html; charset=utf-8' }, body: text };
}

/** Markup; what is put in is escaped unless it is markup itself. */
class Html {
  constructor(text) {
    this.text = text;
  }
}

function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(markup)));
}

function markup(value) {
  if (Array.isArray(value)) return value.map(markup).join('');
  if (value instanceof Html) return value.text;
  return String(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** No `form-action`: browsers apply it to the redirect back to the application, too. */
const SAFE = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; " +
    "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const SCOPES = {
  account: 'Read your account information',
  email: 'Read your account’s primary email address',
};

const STYLE = new Html(`
  :root {
    color-scheme: light dark;
    --text: #172b4d; --quiet: #505f79; --paper: #fff; --ground: #f4f5f7; --line: #c1c7d0;
    --blue: #0052cc; --on-blue: #fff; --banner: #fff0b3; --on-banner: #172b4d;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --text: #e6edfa; --quiet: #a9b6cc; --paper: #1d2125; --ground: #101214; --line: #454f59;
      --blue: #579dff; --on-blue: #101214; --banner: #533f04; --on-banner: #f8e6a0;
    }
  }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--ground); color: var(--text);
    font: 1rem/1.5 system-ui, sans-serif; }
  .banner { margin: 0; padding: .5rem 1rem; text-align: center; font-size: .875rem;
    background: var(--banner); color: var(--on-banner); }
  main { max-width: 30rem; margin: 2rem auto; padding: 2rem; background: var(--paper);
    border: 1px solid var(--line); border-radius: .5rem; }
  h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
  button { padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .25rem; font: inherit;
    color: inherit; background: transparent; cursor: pointer; }
  button:hover { border-color: var(--blue); }
  button:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
  .primary { background: var(--blue); border-color: var(--blue); color: var(--on-blue); }
  .link { padding: 0; border: 0; color: var(--blue); text-decoration: underline; }
  .row, .who, .user { display: flex; gap: .75rem; align-items: center; flex-wrap: wrap; }
  .who { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line);
    font-size: .875rem; }
  .users { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: .5rem; }
  .user { width: 100%; text-align: start; flex-wrap: nowrap; }
  small { display: block; color: var(--quiet); }
  img { flex: none; border-radius: 50%; }
`);
