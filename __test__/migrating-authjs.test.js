// docs/migrating/authjs.md: its SQL, on databases that Auth.js filled by its Kysely adapter.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { users as cast } from '../testing/server.js';
import { rejects } from './support/app.js';
import { serve } from './support/attack-app.js';
import { page } from './support/docs.js';
import { compile } from './support/docs-run.js';
import { CALLBACK_PATH, openAuthjs } from './support/migrating-authjs.js';
import {
  UUID, assertComesBack, atEnd, bitbucketFor, copied, makeTables, openKavach, run,
} from './support/migrating-checks.js';
import {
  freshDatabase, lasting, openKysely, rowsOf, runScript,
} from './support/migrating-databases.js';

const PAGE = 'authjs';
const IMAGE = 'https://example.com/picture.png';

for (const database of lasting) {
  describe(`users of Auth.js on ${database.name}`, { skip: database.skip }, () => {
    test('come back as who they were, by the account that they had', async (t) => {
      const { options, ids } = await fill(t, database);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);

      await rejects(app.kavach.auth.getAccessToken(ids.jane, 'bitbucket'), 'tokens_not_stored');
      const jane = {
        id: ids.jane, email: 'jane@example.com', emailVerified: false, name: 'Jane Example',
        image: IMAGE,
      };
      const { connection } = await assertComesBack(app, 'jane', jane);
      assert.deepEqual(connection.scopes, ['account', 'email']);
      await assertComesBack(app, 'kavya', { id: ids.kavya, name: cast.kavya.display_name });
    });

    test('have to sign in again, and those of e-mail links come by their address', async (t) => {
      const { options, ids, browser } = await fill(t, database);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);

      const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
      assert.match(cookie, /session-token=/);
      assert.equal(await app.kavach.auth.getSession({ headers: { cookie } }), null);
      assert.deepEqual(await app.kavach.auth.getOAuthConnections(ids.paula), []);
      const paula = { id: ids.paula, email: 'paula@example.com', emailVerified: true };
      await assertComesBack(app, 'pages', paula);
    });

    test('are copied once, however often the script runs', async (t) => {
      const { options } = await fill(t, database);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      await app.browser().signIn('jane');
      await app.close();
      const before = await copied(options);
      assert.equal(before.users.length, 3);
      assert.equal(before.accounts.length, 2);
      await run(PAGE, 'copy', options);
      assert.deepEqual(await copied(options), before);
    });

    test('are still those of Auth.js, and the copy can be undone', async (t) => {
      const { options, ids } = await fill(t, database);
      const before = await contents(options);
      assert.equal(before.account.length, 2);
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const app = await openKavach(t, options);
      await app.browser().signIn('jane');
      await app.browser().signIn('capital');
      await app.close();
      assert.deepEqual(await contents(options), before);

      await run(PAGE, 'undo', options);
      const left = await copied(options);
      assert.deepEqual(left.users.map(({ name }) => name), ['Capital Case']);
      assert.equal(left.accounts.length, 1);
      assert.ok(left.users.every(({ id }) => id !== ids.jane));
    });

    test('of its built-in Bitbucket come back when the uuids were looked up', async (t) => {
      const { options, ids } = await fill(t, database, 'built-in');
      await makeTables(t, options);
      await run(PAGE, 'copy', options);
      const [{ text }] = page(`docs/migrating/${PAGE}.md`).blocks.filter(
        ({ file }) => file === 'bitbucket-ids.sql',
      );
      const unknown = (await rowsOf(options, text)).map((row) => String(row.provider_account_id));
      assert.deepEqual(unknown.sort(), [cast.jane.account_id, cast.kavya.account_id].sort());

      const statements = await lookUp(t, unknown);
      await runScript(options, statements);
      await run(PAGE, 'copy', options);
      assert.deepEqual(await rowsOf(options, text), []);
      const app = await openKavach(t, options);
      await assertComesBack(app, 'jane', { id: ids.jane, email: null, name: 'Jane Example' });
      await assertComesBack(app, 'kavya', { id: ids.kavya, email: null });
    });
  });
}

test('the program that looks uuids up stops at what it cannot believe', async (t) => {
  await assert.rejects(lookUp(t, ['nobody']), /nobody: Bitbucket answered 404/);
  await assert.rejects(lookUp(t, [`' OR 1 = 1`]), /not an account id/);
  await assert.rejects(lookUp(t, ['strange']), /strange: no uuid/);
});

/** Auth.js with two users of Bitbucket and one of an e-mail link, closed again. */
async function fill(t, database, provider = 'own') {
  const { options, drop } = await freshDatabase(database);
  atEnd(t, drop);
  const bitbucket = await bitbucketFor(t, CALLBACK_PATH);
  const kysely = openKysely(options);
  atEnd(t, () => kysely.destroy());
  const auth = await openAuthjs(kysely, options.provider, bitbucket.endpoints, provider);
  const browser = await auth.signIn('jane');
  await auth.signIn('kavya');
  const paula = await auth.createUser({
    email: 'paula@example.com', emailVerified: new Date('2024-02-29T12:00:00Z'), name: null,
  });
  const idOf = async (user) => {
    const key = provider === 'own' ? UUID[user] : cast[user].account_id;
    return (await auth.whoOwns(key)).id;
  };
  const ids = { jane: await idOf('jane'), kavya: await idOf('kavya'), paula: paula.id };
  await kysely.destroy();
  return { options, ids, browser };
}

async function contents(options) {
  const q = options.provider === 'mysql' ? '`' : '"';
  return {
    user: await rowsOf(options, `SELECT * FROM ${q}User${q} ORDER BY id`),
    account: await rowsOf(options, `SELECT * FROM ${q}Account${q} ORDER BY id`),
  };
}

/** Runs the program of the page against a Bitbucket that knows the usual cast. */
async function lookUp(t, accountIds) {
  const known = new Map(Object.values(cast).map((user) => [user.account_id, user.uuid]));
  known.set('strange', `'; DROP TABLE kavach_users; --`);
  const port = await serve(t, createServer((req, res) => {
    const uuid = known.get(decodeURIComponent(req.url.slice('/2.0/users/'.length)));
    res.statusCode = uuid && req.headers.authorization === 'Bearer a token' ? 200 : 404;
    res.end(JSON.stringify({ uuid }));
  }));
  const program = compiled(t);
  program.change('bitbucket-uuids.ts', 'https://api.bitbucket.org', `http://127.0.0.1:${port}`);
  const child = spawn(process.execPath, [program.path('bitbucket-uuids.ts')], {
    env: { ...process.env, BITBUCKET_TOKEN: 'a token' },
  });
  let said = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  child.stdin.end(accountIds.join('\n'));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(complaint);
  return said;
}

function compiled(t) {
  const blocks = page(`docs/migrating/${PAGE}.md`).blocks.filter(({ file }) => {
    return file === 'bitbucket-uuids.ts';
  });
  return compile(t, new Map(blocks.map(({ file, text }) => [file, text])));
}
