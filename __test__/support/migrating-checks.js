// What the tests of all migrations ask of kavachos after a copy.

import assert from 'node:assert/strict';

import { startBitbucket, users } from '../../testing/server.js';
import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';
import { rowsOf, runScript, scriptOf } from './migrating-databases.js';

export const UUID = Object.fromEntries(
  Object.entries(users).map(([name, { uuid }]) => [name, uuid]),
);

const ends = new WeakMap();

/** Closes things when the test ends, the youngest first: a database outlives its connections. */
export function atEnd(t, close) {
  let stack = ends.get(t);
  if (!stack) {
    ends.set(t, (stack = []));
    t.after(async () => {
      for (const end of stack) await end();
    });
  }
  stack.unshift(close);
}

/** A Bitbucket at which this callback URL is registered, until the test ends. */
export async function bitbucketFor(t, callbackPath) {
  const consumer = { ...CONSUMER, callbackUrl: `${BASE_URL}${callbackPath}` };
  const bitbucket = await startBitbucket({ consumer });
  atEnd(t, () => bitbucket.close());
  return bitbucket;
}

/** kavachos on the database, as the page configures it; `close()` ends it before the test does. */
export async function openKavach(t, database) {
  const bitbucket = await bitbucketFor(t, '/api/kavach/auth/oauth/callback/bitbucket');
  const provider = bitbucketProvider(CONSUMER.key, CONSUMER.secret, bitbucket.endpoints);
  const kavach = await createKavach({
    database,
    secret: SECRET,
    baseUrl: BASE_URL,
    plugins: [oauth({ providers: [provider] })],
    rateLimit: { enabled: false },
  });
  atEnd(t, () => kavach.close());
  return {
    kavach,
    browser: () => new Client(kavach.handler, { base: `${BASE_URL}/api/kavach` }),
    close: () => kavach.close(),
  };
}

/** The deployment step of the pages: kavachos makes its tables, and goes. */
export async function makeTables(t, database) {
  const { close } = await openKavach(t, database);
  await close();
}

/** Runs a script of a page. */
export function run(page, script, database) {
  return runScript(database, scriptOf(`docs/migrating/${page}.md`, script, database.provider));
}

/** What kavachos holds about users and accounts, in order. */
export async function copied(database) {
  const users = await rowsOf(database, 'SELECT * FROM kavach_users ORDER BY id');
  const accounts = await rowsOf(database, 'SELECT * FROM kavach_oauth_accounts ORDER BY id');
  return { users, accounts };
}

/** Asserts that a sign-in with this account leads to a user who was copied; resolves to both. */
export async function assertComesBack({ kavach, browser }, account, expected) {
  const before = await kavach.users.get(expected.id);
  assert.ok(before, 'the user was copied');
  const client = browser();
  const response = await client.signIn(account);
  assert.equal(response.headers.get('location'), `${BASE_URL}/`);
  const { user } = await client.session();
  const stored = await kavach.users.get(user.id);
  assert.deepEqual(stored, before, 'a sign-in changes nothing about the user');
  assert.deepEqual({ ...stored, ...expected }, stored);
  const [connection, ...others] = await kavach.auth.getOAuthConnections(user.id);
  assert.deepEqual(others, []);
  assert.equal(connection.provider, 'bitbucket');
  assert.equal(connection.providerAccountId, UUID[account]);
  const { accessToken } = await kavach.auth.getAccessToken(user.id, 'bitbucket');
  assert.ok(accessToken.length > 0);
  return { user: stored, connection };
}
