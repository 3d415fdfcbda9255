// The demo: sign-in with Bitbucket on plain node:http. `npm start` runs it.
//
// What an application needs is in `startDemo`: create Kavach once, mount its routes, and ask
// `getSession` who sends a request. The page in public/ shows the browser's side.

import { realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';

import { explain, readSettings } from './settings.js';
import { startStandIn } from './stand-in.js';
import { sendFile, sendJson } from './static.js';

/**
 * @param {object} settings as `readSettings` gives them
 * @param {number} settings.port 0 picks a free one
 * @param {{ clientId: string, clientSecret: string }} [settings.bitbucket] default: the stand-in
 * @param {{ provider: 'sqlite' | 'postgres' | 'mysql', url: string }} settings.database
 * @param {string} settings.secret
 */
export async function startDemo({ port, bitbucket, database, secret }) {
  const opened = [];
  const close = async () => {
    // Kavach before the server: it lets the sign-ins in flight finish.
    while (opened.length > 0) await opened.pop()();
  };

  try {
    // Listening comes first, since the port is part of the address that Bitbucket sends users to.
    let answer = (req, res) => sendJson(res, 503, { error: 'The demo is still starting.' });
    const server = createServer((req, res) => answer(req, res));
    await listen(server, port);
    opened.push(() => stop(server));
    const baseUrl = `http://localhost:${server.address().port}`;

    const standIn = bitbucket ? undefined : await startStandIn(baseUrl);
    if (standIn) opened.push(() => standIn.close());
    const { clientId, clientSecret, options } = bitbucket ?? standIn;

    const kavach = await createKavach({
      database,
      secret,
      baseUrl,
      plugins: [oauth({ providers: [bitbucketProvider(clientId, clientSecret, options)] })],
    });
    opened.push(() => kavach.close());

    const auth = toNodeHandler(kavach);
    const facts = { standIn: Boolean(standIn), database: database.provider };
    answer = (req, res) => {
      const path = req.url.split('?', 1)[0];
      if (path.startsWith('/api/kavach/')) return auth(req, res);
      if (path === '/api/demo') return demo(kavach, facts, req, res);
      return sendFile(req, res, path, { images: standIn?.url });
    };
    return { url: baseUrl, kavach, standIn: standIn?.bitbucket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A route of the application's own: `getSession` tells who asks, or gives null. */
async function demo(kavach, facts, req, res) {
  try {
    const signedIn = await kavach.auth.getSession(req);
    sendJson(res, 200, { ...facts, signedIn: signedIn !== null });
  } catch (error) {
    sendJson(res, error.status ?? 500, { error: { code: error.code, message: error.message } });
  }
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, 'localhost', resolve);
  });
}

function stop(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    // Browsers keep connections open; requests in flight get a second to finish.
    setTimeout(() => server.closeAllConnections(), 1000).unref();
  });
}

async function main() {
  const settings = readSettings(process.env);
  const { url, standIn, close } = await startDemo(settings);

  // npm passes signals on that the terminal has sent already: the second one must do nothing.
  let closing;
  const end = () => (closing ??= close().then(() => process.exit(0), fail));
  process.on('SIGINT', end).on('SIGTERM', end);

  console.log(`
  kavachos demo   ${url}
  Bitbucket       ${standIn ? `a stand-in on this computer, ${standIn.url}` : 'bitbucket.org'}
  Database        ${settings.databaseName}
`);
  console.log(
    standIn
      ? '  For the real Bitbucket set BITBUCKET_CLIENT_ID and BITBUCKET_CLIENT_SECRET.'
      : `  Its consumer needs this callback URL: ${url}/api/kavach/auth/oauth/callback/bitbucket`,
  );
  console.log('  Stop with Ctrl-C.\n');
}

function fail(error) {
  console.error(explain(error));
  process.exit(1);
}

const program = process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href;
if (import.meta.url === program) main().catch(fail);
