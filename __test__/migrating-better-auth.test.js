// docs/migrating/better-auth.md: its SQL, on databases that better-auth made and filled.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rejects } from './support/app.js';
import { CALLBACK_PATH, openBetterAuth } from './support/migrating-better-auth.js';
import {
  UUID, assertComesBack, atEnd, bitbucketFor, copied, makeTables, openKavach, run,
} from './support/migrating-checks.js';
import {
  freshDatabase, lasting, openKysely, rowsOf, runScript,
} from './support/migrating-databases.js';

const PAGE = 'better-auth';
const DAY = 86_400_000;

for (const database of lasting) {
  describe(`users of better-auth on ${database.name}`, { skip: database.skip }, () => {
    test('come back as who they were, by the account that they had', async (t) => {
      const { options, old } = await fill(t, database);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);

      const { jane, kavya, uma } = old.users;
      await rejects(app.kavach.auth.getAccessToken(jane.id, 'bitbucket'), 'tokens_not_stored');
      const { connection } = await assertComesBack(app, 'jane', userOf(jane));
      assert.deepEqual(connection.scopes, ['account', 'email']);
      await assertComesBack(app, 'kavya', userOf(kavya));
      await assertComesBack(app, 'unconfirmed', { ...userOf(uma), emailVerified: false });

      const stranger = app.browser();
      await stranger.signIn('pages');
      const { user } = await stranger.session();
      assert.ok(Object.values(old.users).every(({ id }) => id !== user.id));
    });

    test('have to sign in again, and those with a password have no account', async (t) => {
      const { options, old } = await fill(t, database);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const { kavach } = await openKavach(t, options);

      const cookie = [...old.browser.cookies].map((pair) => pair.join('=')).join('; ');
      assert.match(cookie, /session_token=/);
      assert.equal(await kavach.auth.getSession({ headers: { cookie } }), null);
      const ola = await kavach.users.findByEmail('ola@example.com');
      assert.equal(ola.name, 'Ola Password');
      assert.equal(ola.emailVerified, false);
      assert.deepEqual(await kavach.auth.getOAuthConnections(ola.id), []);
    });

    test('who were banned stay out, for as long as they were', async (t) => {
      const { options, old, auth, closeOld } = await fill(t, database, { keepOpen: true });
      const { jane, kavya, uma } = old.users;
      const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY);
      await auth.ban(jane.id, 'spam');
      await auth.ban(kavya.id, null, until);
      await auth.ban(uma.id, 'over', new Date(Date.now() - DAY));
      await closeOld();
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      await run(PAGE, 'ban', options);

      const rows = await rowsOf(options, `
        SELECT id, disabled_until, disabled_reason FROM kavach_users
        WHERE disabled_until IS NOT NULL ORDER BY disabled_until DESC`);
      const found = rows.map((row) => [row.id, Number(row.disabled_until), row.disabled_reason]);
      assert.deepEqual(found.slice(0, 2), [
        [jane.id, Date.UTC(10_000, 0) - 1, 'spam'],
        [kavya.id, until.getTime(), null],
      ]);
      assert.equal(found.length, 3);

      const app = await openKavach(t, options);
      for (const account of ['jane', 'kavya']) {
        const refused = await app.browser().signIn(account);
        assert.match(refused.headers.get('location'), /error=user_disabled$/);
      }
      const client = app.browser();
      await client.signIn('unconfirmed');
      assert.equal((await client.session()).user.id, uma.id);
    });

    test('are copied once, however often the script runs', async (t) => {
      const { options } = await fill(t, database);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      await app.browser().signIn('jane');
      await app.close();
      const before = await copied(options);
      assert.equal(before.users.length, 4);
      assert.equal(before.accounts.length, 3);
      await run(PAGE, 'copy', options);
      assert.deepEqual(await copied(options), before);
    });

    test('are all left alone when one of their addresses is taken', async (t) => {
      const { options } = await fill(t, database);
      const app = await openKavach(t, options);
      await app.browser().signIn('kavya');
      await app.close();
      const before = await copied(options);
      assert.equal(before.users.length, 1);
      await assert.rejects(async () => run(PAGE, 'copy', options), /unique|duplicate/i);
      assert.deepEqual(await copied(options), before);
    });

    test('are still those of better-auth, and the copy can be undone', async (t) => {
      const { options, old } = await fill(t, database);
      const before = await contents(options);
      assert.ok(before.account.some(({ accountId }) => accountId === UUID.jane));
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      await app.browser().signIn('jane');
      await app.browser().signIn('pages');
      await app.close();
      assert.deepEqual(await contents(options), before);

      await run(PAGE, 'undo', options);
      const left = await copied(options);
      assert.deepEqual(left.users.map(({ email }) => email), ['paula@example.com']);
      assert.equal(left.accounts.length, 1);
      const again = await reopen(t, options);
      assert.equal((await again.whoIs(await again.signIn('jane'))).id, old.users.jane.id);
    });
  });
}

test('accounts whose users are gone do not hold up the others', async (t) => {
  // Only SQLite keeps them, and only where nobody switched foreign keys on.
  const { options, old } = await fill(t, lasting.find(({ name }) => name === 'sqlite-file'));
  await runScript(options, `
    PRAGMA foreign_keys = OFF;
    DELETE FROM "user" WHERE id = '${old.users.jane.id}';`);
  await makeTables(t, options);
  await run(PAGE, 'copy', options);
  const { users, accounts } = await copied(options);
  assert.equal(users.length, 3);
  assert.equal(accounts.length, 2);
  assert.ok(accounts.every(({ user_id: id }) => id !== old.users.jane.id));
});

/** better-auth with three users of Bitbucket and one with a password, closed again. */
async function fill(t, database, { keepOpen = false } = {}) {
  const { options, drop } = await freshDatabase(database);
  atEnd(t, drop);
  const bitbucket = await bitbucketFor(t, CALLBACK_PATH);
  const kysely = openKysely(options);
  const closeOld = () => kysely.destroy();
  atEnd(t, closeOld);
  const auth = await openBetterAuth(kysely, options.provider, bitbucket.endpoints);
  const browser = await auth.signIn('jane');
  const users = {
    jane: await auth.whoIs(browser),
    kavya: await auth.whoIs(await auth.signIn('kavya')),
    uma: await auth.whoIs(await auth.signIn('unconfirmed')),
  };
  await auth.signUp('Ola@Example.com', 'Ola Password');
  if (!keepOpen) await closeOld();
  return { options, old: { users, browser }, auth, closeOld };
}

async function reopen(t, options) {
  const bitbucket = await bitbucketFor(t, CALLBACK_PATH);
  const kysely = openKysely(options);
  atEnd(t, () => kysely.destroy());
  return openBetterAuth(kysely, options.provider, bitbucket.endpoints);
}

async function contents(options) {
  const q = options.provider === 'mysql' ? '`' : '"';
  return {
    user: await rowsOf(options, `SELECT * FROM ${q}user${q} ORDER BY id`),
    account: await rowsOf(options, `SELECT * FROM ${q}account${q} ORDER BY id`),
  };
}

function userOf({ id, email, emailVerified, name, image, createdAt, updatedAt }) {
  return { id, email, emailVerified, name, image, createdAt, updatedAt };
}
