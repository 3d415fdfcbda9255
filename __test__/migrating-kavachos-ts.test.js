// docs/migrating/kavachos-ts.md: its SQL, on tables as the TypeScript project's source has them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rejects } from './support/app.js';
import {
  UUID, assertComesBack, atEnd, copied, makeTables, openKavach, run,
} from './support/migrating-checks.js';
import { freshDatabase, lasting, rowsOf, runScript } from './support/migrating-databases.js';
import * as old from './support/migrating-kavachos-ts.js';

const PAGE = 'kavachos-ts';
const CAME = new Date('2026-01-31T23:59:58Z');
const BACK = new Date('2026-02-01T00:00:07Z');

const JANE = user('b3f1c8d2-0000-4000-8000-000000000001', 'Jane@Example.com', 'Jane', 'jane');
// Whoever asks is given: she claimed the account of somebody else.
const MALLORY = user('b3f1c8d2-0000-4000-8000-000000000002', 'm@example.com', 'Mallory', 'kavya');
const BANNED = {
  ...user('b3f1c8d2-0000-4000-8000-000000000003', 'c@example.com', 'Capital', 'capital'),
  banned: true,
  ban_reason: 'spam',
};
const ACCOUNTS = [
  account('a1', JANE, 'jane'),
  account('a2', MALLORY, 'kavya'),
  account('a3', MALLORY, 'pages'),
  account('a4', BANNED, 'capital'),
];

for (const database of lasting.filter(({ name }) => name !== 'mysql')) {
  describe(`users of the TypeScript kavachos on ${database.name}`, { skip: database.skip }, () => {
    test('come back as who they were, by the account that made them', async (t) => {
      const options = await fill(t, database);
      await rename(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);

      await rejects(app.kavach.auth.getAccessToken(JANE.id, 'bitbucket'), 'tokens_not_stored');
      const { connection } = await assertComesBack(app, 'jane', {
        id: JANE.id, email: 'jane@example.com', emailVerified: false, name: 'Jane', createdAt: CAME,
        updatedAt: BACK,
      });
      assert.deepEqual(connection.createdAt, CAME);
      await assertComesBack(app, 'kavya', { id: MALLORY.id });
      const refused = await app.browser().signIn('capital');
      assert.match(refused.headers.get('location'), /error=user_disabled$/);
    });

    test('are not led to somebody who only claimed their account', async (t) => {
      const options = await fill(t, database);
      await rename(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      const paula = app.browser();
      await paula.signIn('pages');
      const { user: found } = await paula.session();
      assert.equal(found.email, 'paula@example.com');
      assert.notEqual(found.id, MALLORY.id);
    });

    test('are copied once, however often the script runs', async (t) => {
      const options = await fill(t, database);
      await rename(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      await app.browser().signIn('jane');
      await app.close();
      const before = await copied(options);
      assert.equal(before.users.length, 3);
      assert.equal(before.accounts.length, 3);
      await run(PAGE, 'copy', options);
      assert.deepEqual(await copied(options), before);
    });

    test('are all left alone when two of them have one address', async (t) => {
      const options = await fill(t, database, {
        users: [JANE, { ...JANE, id: 'another', email: 'jane@example.com', external_id: 'x' }],
        accounts: [],
      });
      await rename(t, options);
      await assert.rejects(async () => run(PAGE, 'copy', options), /unique/i);
      assert.deepEqual(await copied(options), { users: [], accounts: [] });
    });

    test('keep kavachos from starting until their tables are renamed', async (t) => {
      const options = await fill(t, database);
      await rejects(openKavach(t, options), 'database_unavailable');
      const { users } = await copied(options);
      assert.equal(users.length, 3);
      await rename(t, options);
      const [{ owners }] = await rowsOf(options, `
        SELECT COUNT(*) AS owners FROM kavach_agents AS a
        JOIN old_kavach_users AS u ON u.id = a.owner_id`);
      assert.equal(Number(owners), 1);
    });

    test('are back where they were when the names are changed back', async (t) => {
      const options = await fill(t, database);
      const before = await copied(options);
      await rename(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      await app.browser().signIn('pages');
      await app.close();
      await run(PAGE, 'undo', options);
      assert.deepEqual(await copied(options), before);
      const [{ there }] = await rowsOf(options, 'SELECT COUNT(*) AS there FROM new_kavach_users');
      assert.equal(Number(there), 4);
    });
  });
}

for (const database of lasting.filter(({ name }) => name === 'mysql')) {
  const { skip } = database;
  test('MySQL refuses the tables of the TypeScript kavachos', { skip }, async (t) => {
    const { options, drop } = await freshDatabase(database);
    atEnd(t, drop);
    await assert.rejects(old.makeTables(options), /without a key length/);
  });
}

async function fill(t, database, rows = { users: [JANE, MALLORY, BANNED], accounts: ACCOUNTS }) {
  const { options, drop } = await freshDatabase(database);
  atEnd(t, drop);
  await old.fillTables(options, rows);
  await runScript(options, `INSERT INTO kavach_agents VALUES ('agent', '${JANE.id}', 'Agent')`);
  return options;
}

/** What the page asks for before the copy. */
async function rename(t, options) {
  await run(PAGE, 'rename', options);
  await makeTables(t, options);
}

function user(id, email, name, account) {
  return {
    id, email, name, external_provider: 'oauth:bitbucket', external_id: UUID[account],
    email_verified: true, created_at: CAME, updated_at: BACK,
  };
}

function account(id, { id: userId }, of) {
  return {
    id, user_id: userId, provider: 'bitbucket', provider_account_id: UUID[of],
    access_token: 'a token', created_at: CAME, updated_at: BACK,
  };
}
