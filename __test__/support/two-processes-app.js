// An application that runs in processes of its own, all on one database and with one Bitbucket.
// The Bitbucket lives in the process of the test, so its counts are those of all of them together.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { startBitbucket } from '../../testing/server.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';

const CHILD = fileURLToPath(new URL('./two-processes-child.js', import.meta.url));
const TABLES = ['users', 'oauth_accounts', 'sessions', 'oauth_states'];

/** `database`: one of the matrix; `bitbucket`: options of the stand-in over the usual ones. */
export async function startWorld(t, { database, bitbucket: options }) {
  const bitbucket = await startBitbucket({ consumer: CONSUMER, ...options });
  const running = new Set();
  const endAll = () => Promise.all([...running].map((process) => process.end()));
  const closers = [() => bitbucket.close(), endAll];
  t.after(async () => {
    for (const close of closers) await close();
  });
  const { options: location, query, drop } = await database.fresh();
  closers.push(drop);

  /** Starts a process. */
  async function start({ secret = SECRET } = {}) {
    const process = await launch({ database: location, secret, endpoints: bitbucket.endpoints });
    running.add(process);
    return process;
  }

  /** What the browser brings back from Bitbucket, without walking through its pages. */
  function callback(authorizationUrl, user) {
    const state = new URL(authorizationUrl).searchParams.get('state');
    const grant = { consumer: CONSUMER.key, user, scopes: ['account', 'email'] };
    const code = bitbucket.grants.issueCode(grant, CONSUMER.callbackUrl);
    return `/auth/oauth/callback/bitbucket?${new URLSearchParams({ code, state })}`;
  }

  /** Signs a user in at a process; resolves to the browser. */
  async function signIn(process, user, client = process.browser()) {
    const response = await client.getJson(callback(await client.authorize(), user));
    assert.equal(response.status, 302, await response.clone().text());
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    return client;
  }

  async function rows() {
    const counts = TABLES.map((table) => `(SELECT COUNT(*) FROM kavach_${table}) AS ${table}`);
    const [row] = await query(`SELECT ${counts.join(', ')}`);
    return Object.fromEntries(TABLES.map((table) => [table, Number(row[table])]));
  }

  return { bitbucket, query, start, callback, signIn, rows };
}

/** How long access tokens live from now on, by the word of the provider. */
export function announce(bitbucket, seconds) {
  Object.defineProperty(bitbucket.grants, 'accessTokenTtl', { value: seconds, configurable: true });
}

/** Asks so many times at once, the processes by turns. */
export function atOnce(processes, count, ask) {
  return Promise.all(
    Array.from({ length: count }, (_, i) => ask(processes[i % processes.length], i)),
  );
}

async function launch(options) {
  const child = fork(CHILD, [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  const waiting = new Map();
  const { port } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    ended.then((code) => reject(new Error(`a process ended with ${code}: ${said}`)));
  });
  child.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error(`a process ended: ${said}`));
  });
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(Object.assign(new Error(error.message), error));
    else resolve(value);
  });

  let count = 0;
  /** Calls a function of the instance, by its path: `call('users.disable', id)`. */
  const call = (method, ...args) =>
    new Promise((resolve, reject) => {
      const id = (count += 1);
      waiting.set(id, { resolve, reject });
      child.send({ id, method, args });
    });

  const url = `http://127.0.0.1:${port}`;
  /** As a proxy that speaks TLS would. */
  const forward = async (request) =>
    fetch(request.url.replace(BASE_URL, url), {
      method: request.method,
      headers: request.headers,
      body: request.body && (await request.text()),
      redirect: 'manual',
    });
  const base = `${BASE_URL}/api/kavach`;
  return {
    call,
    /** A browser that reaches this process, with the cookies of another one if it is given. */
    browser: (like) => {
      const client = new Client(forward, { base });
      if (like) client.cookies = new Map(like.cookies);
      return client;
    },
    /** Closes the instance and waits for the end of the process. */
    stop: async () => {
      await call('close');
      assert.equal(await ended, 0, said);
    },
    /** Ends the process, whatever it does. */
    end: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
