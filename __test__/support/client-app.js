// An application whose pages use `kavachos/client` in a real browser, with the Bitbucket stand-in.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { bitbucketProvider, oauth } from '../../auth.js';
import { startBitbucket } from '../../testing/server.js';
import { createKavach } from '../../index.js';
import { toNodeHandler } from '../../node.js';
import { root } from '../../scripts/environment.js';
import { CONSUMER, SECRET } from './app-config.js';
import { reactPage } from './client-react.js';

const PREFIX = '/api/kavach';

/**
 * Serves it until the test is over:
 *
 * - `/plain`: a page without a bundler, which shows who is signed in. Its globals are
 *   `createClient`, its `client`, and in `states` every state that it has shown.
 * - `/react`: the same by React, rendered on the server
 * - `/quiet`: `createClient` alone
 *
 * Gives `{ url, kavach, asked }`; `asked` has each request for a route of ours, such as
 * `GET /auth/session`.
 */
export async function serveClientApp(t) {
  const asked = [];
  const server = createServer();
  await once(server.listen(0, 'localhost'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://localhost:${server.address().port}`;

  const callbackUrl = `${url}${PREFIX}/auth/oauth/callback/bitbucket`;
  const bitbucket = await startBitbucket({ consumer: { ...CONSUMER, callbackUrl } });
  t.after(() => bitbucket.close());
  const { key, secret } = CONSUMER;
  const kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: SECRET,
    baseUrl: url,
    plugins: [oauth({ providers: [bitbucketProvider(key, secret, bitbucket.endpoints)] })],
  });
  t.after(() => kavach.close());
  const auth = toNodeHandler(kavach);
  server.on('request', async (req, res) => {
    if (!req.url.startsWith(`${PREFIX}/`)) return send(res, await pageAt(req.url.split('?')[0]));
    asked.push(`${req.method} ${req.url.slice(PREFIX.length)}`);
    return auth(req, res);
  });
  return { url, kavach, asked };
}

/** Runs a function in the page, on the globals that its scripts have made. */
export async function inPage(page, call, argument) {
  const globals = await page.evaluateHandle('globalThis');
  return globals.evaluate(call, argument);
}

/** Passes the stand-in's pages, as this person. */
export async function approve(page, name = 'Jane Example') {
  await page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: 'Grant access' }).click();
}

/** Waits until the page shows this. */
export function shows(page, text) {
  return page.getByText(text, { exact: true }).waitFor();
}

async function pageAt(path) {
  switch (path) {
    case '/plain':
      return html(PLAIN);
    case '/quiet':
      return html(QUIET);
    case '/react':
      return html(REACT((await react()).markup));
    case '/react.js':
      return script((await react()).script);
    case '/client.js':
      return script(readFileSync(join(root, 'client.js'), 'utf8'));
    case '/favicon.ico':
      return { status: 204 };
    default:
      return { ...html('<p>There is no such page.</p>'), status: 404 };
  }
}

let built;
const react = () => (built ??= reactPage());

const QUIET = `
<script type="module">
  import { createClient } from '/client.js';
  globalThis.createClient = createClient;
</script>`;

const PLAIN = `
<p id="who"></p>
<script type="module">
  import { createClient } from '/client.js';

  const client = createClient();
  const states = [];

  function show(state) {
    states.push(state);
    document.getElementById('who').textContent = state.user?.name ?? state.status;
  }

  show(client.session.get());
  client.session.subscribe(show);
  Object.assign(globalThis, { createClient, client, states });
</script>`;

const REACT = (markup) => `
<div id="root">${markup}</div>
<script type="module" src="/react.js"></script>`;

function html(body) {
  const text = `<!doctype html>\n<html lang="en">\n<title>Client</title>\n${body}\n</html>\n`;
  return { status: 200, type: 'text/html; charset=utf-8', text };
}

function script(text) {
  return { status: 200, type: 'text/javascript; charset=utf-8', text };
}

function send(res, { status, type, text }) {
  res.writeHead(status, type && { 'content-type': type }).end(text);
}
