// An application for one test: a stand-in for Bitbucket, an instance that signs in with it, and a
// browser. `t.after` closes everything.

import assert from 'node:assert/strict';
import { after } from 'node:test';

import { startBitbucket } from '../../testing/server.js';
import { bitbucketProvider, oauth } from '../../auth.js';
import { KavachError, createKavach } from '../../index.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';
import { databases } from './database-matrix.js';

export { BASE_URL, CONSUMER, SECRET };

/** The cheapest database, for tests of what never reaches one. */
export const [memory] = databases();

/** Whether a second instance, or process, can open the same database. */
export const isShared = ({ name }) => name !== memory.name;

/**
 * - `database`: one of the matrix
 * - `oauth`, `kavach`, `provider`: options over the usual ones
 * - `bitbucket`: options of the stand-in; `consumer` over the usual one
 */
export async function startApp(t, { database = memory, bitbucket: standIn = {}, ...options } = {}) {
  const { consumer, ...rest } = standIn;
  const baseUrl = options.kavach?.baseUrl ?? BASE_URL;
  const basePath = options.kavach?.basePath ?? '/api/kavach';
  const callbackUrl = `${new URL(baseUrl).origin}${basePath}/auth/oauth/callback/bitbucket`;
  const bitbucket = await startBitbucket({
    consumer: { ...CONSUMER, callbackUrl, ...consumer },
    ...rest,
  });
  // The provider first: whoever waits for it goes on. The database last.
  const closers = [() => bitbucket.close()];
  t.after(async () => {
    for (const close of closers) await close();
  });
  const lent = await borrow(database);
  closers.push(lent.release);
  const { query } = lent;

  /** Another instance on the same database, as another process or after a restart. */
  async function open(more = {}) {
    const merged = {
      kavach: { ...options.kavach, ...more.kavach },
      oauth: { ...options.oauth, ...more.oauth },
      provider: { ...options.provider, ...more.provider },
    };
    const kavach = await createKavach({
      database: lent.options,
      secret: SECRET,
      baseUrl: BASE_URL,
      plugins: [
        oauth({
          providers: [
            bitbucketProvider(CONSUMER.key, CONSUMER.secret, {
              ...bitbucket.endpoints,
              ...merged.provider,
            }),
          ],
          ...merged.oauth,
        }),
      ],
      ...merged.kavach,
    });
    closers.splice(1, 0, () => kavach.close());
    return kavach;
  }

  const kavach = await open();
  const base = `${new URL(baseUrl).origin}${basePath}`;
  const browser = (info, of = kavach) => new Client(of.handler, { base, info });

  /** How many rows each table holds; `undefined` where no other connection can look. */
  async function rows() {
    if (!database.canQuery) return undefined;
    const counts = TABLES.map((table) => `(SELECT COUNT(*) FROM kavach_${table}) AS ${table}`);
    const [row] = await query(`SELECT ${counts.join(', ')}`);
    return Object.fromEntries(TABLES.map((table) => [table, Number(row[table])]));
  }

  /** Asserts how many rows some tables hold, where that can be seen. */
  async function assertRows(expected) {
    const found = await rows();
    if (found) assert.deepEqual(found, { ...found, ...expected });
  }

  return {
    kavach,
    bitbucket,
    database: lent.options,
    query,
    open,
    browser,
    client: browser(),
    rows,
    assertRows,
  };
}

/** Asserts that a promise rejects with a `KavachError` of this code; resolves to the error. */
export async function rejects(promise, code) {
  let caught;
  await assert.rejects(promise, (error) => {
    caught = error;
    return true;
  });
  assert.ok(caught instanceof KavachError, String(caught));
  assert.equal(caught.code, code, caught.message);
  return caught;
}

const TABLES = ['users', 'oauth_accounts', 'sessions', 'oauth_states'];

// A database costs a tenth of a second, so servers lend theirs to one test after the other, empty.
const idle = new Map();
const made = [];
after(() => Promise.all(made.map((fresh) => fresh.drop())));

async function borrow(database) {
  if (database.canQuery !== 'write') {
    const fresh = await database.fresh();
    return { ...fresh, release: fresh.drop };
  }
  const shelf = idle.get(database.name) ?? [];
  idle.set(database.name, shelf);
  let fresh = shelf.pop();
  if (!fresh) {
    fresh = await database.fresh();
    made.push(fresh);
  }
  const release = async () => {
    await fresh.query('DELETE FROM kavach_users');
    await fresh.query('DELETE FROM kavach_oauth_states');
    await fresh.query('DELETE FROM kavach_rate_limits');
    shelf.push(fresh);
  };
  return { ...fresh, release };
}
