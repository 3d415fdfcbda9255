// An application as an attacker meets it: behind a real HTTP server, on a database that is looked
// at before and after.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { toNodeHandler } from '../../node.js';
import { BASE_URL, CONSUMER, SECRET, memory, startApp } from './app.js';
import { overHttp } from './attack-http.js';
import { Client } from './client.js';

export const BASE = `${BASE_URL}/api/kavach`;
export const AUTHORIZE = '/auth/oauth/authorize/bitbucket';
export const CALLBACK = '/auth/oauth/callback/bitbucket';

const CHILD = fileURLToPath(new URL('./attack-child.js', import.meta.url));
const TABLES = ['users', 'oauth_accounts', 'sessions', 'oauth_states', 'rate_limits'];

/**
 * `startApp`, served. The requests come from one address, so the limiter stays out of it; `server`
 * are options of `node:http`.
 */
export async function startTarget(t, { database = memory, server, kavach, ...options } = {}) {
  const unlimited = { rateLimit: { enabled: false }, ...kavach };
  const app = await startApp(t, { database, kavach: unlimited, ...options });
  const port = await serve(t, createServer(server ?? {}, toNodeHandler(app.kavach)));

  /** A browser with a cookie jar of its own, at this server or at another one. */
  const browser = (at = port) => new Client(overHttp(at), { base: BASE });

  /** Everything that the tables hold; `undefined` where no other connection can look. */
  async function contents() {
    if (!database.canQuery) return undefined;
    const found = {};
    for (const table of TABLES) {
      const rows = await app.query(`SELECT * FROM kavach_${table}`);
      found[table] = rows.map((row) => JSON.stringify(row)).sort();
    }
    return found;
  }

  /** Runs an attack and asserts that no row came, went or changed. */
  async function untouched(attack) {
    const before = await contents();
    const result = await attack();
    assert.deepEqual(await contents(), before, 'the database is as it was');
    return result;
  }

  /** A code that the stand-in accepts, without its pages. */
  function code(user = 'jane') {
    const grant = { consumer: CONSUMER.key, user, scopes: ['account', 'email'] };
    return app.bitbucket.grants.issueCode(grant, CONSUMER.callbackUrl);
  }

  /** A flow about to come back: its state, and the path that finishes it. */
  async function start(by, { user = 'jane', ...params } = {}) {
    const url = new URL(await by.authorize(params));
    const state = url.searchParams.get('state');
    const query = new URLSearchParams({ code: code(user), state });
    return { state, back: `${CALLBACK}?${query}`, cookie: [...by.cookies].at(-1) };
  }

  return { ...app, port, browser, client: browser(), untouched, code, start };
}

/** Listens on a free port until the test ends. */
export async function serve(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections?.();
  });
  return server.address().port;
}

/** Another process that serves the same application: `port`, and `memory()` of that process. */
export async function startProcess(t, { database, endpoints }) {
  const options = { database, endpoints, secret: SECRET, baseUrl: BASE_URL, consumer: CONSUMER };
  const child = fork(CHILD, [JSON.stringify(options)]);
  const closed = once(child, 'exit');
  t.after(() => {
    if (child.connected) child.disconnect();
    return closed;
  });
  const answer = async () => {
    const [message] = await Promise.race([once(child, 'message'), closed]);
    assert.equal(typeof message, 'object', `the process ended: ${message}`);
    return message;
  };
  const { port } = await answer();
  return {
    port,
    memory: () => {
      child.send('memory');
      return answer();
    },
  };
}

/** Nobody is signed in, by cookie or otherwise. */
export async function assertNobody(browser) {
  assert.equal(browser.token, undefined);
  assert.equal(await browser.session(), null);
}
