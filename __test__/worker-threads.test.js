// Instances in several threads of one process, and threads that end with an instance open.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { approve } from '../testing/server.js';
import { BASE_URL, isShared, startApp } from './support/app.js';
import { Client } from './support/client.js';
import { databases } from './support/database-matrix.js';
import { startThread } from './support/runtime-threads.js';

const CHILD = fileURLToPath(new URL('./support/runtime-threads-child.js', import.meta.url));
const ROUNDS = 5;
const LIMIT = 60_000;
const run = promisify(execFile);

const base = `${BASE_URL}/api/kavach`;

/** An instance in this thread and one in another. */
async function two(t, database) {
  const app = await startApp(t, { database });
  const thread = startThread({ database: app.database, endpoints: app.bitbucket.endpoints });
  t.after(() => thread.terminate());
  await thread.open;
  return { ...app, thread };
}

for (const database of databases()) {
  describe(`threads on ${database.name}`, { skip: database.skip }, () => {
    test('each have an instance that works while the other one does', async (t) => {
      const { browser, thread, kavach } = await two(t, database);
      const inThread = () => new Client(thread.handler, { base });
      const clients = [...Array(4)].flatMap(() => [browser(), inThread()]);
      await Promise.all(clients.map((client) => client.signIn('jane')));
      for (const client of clients) {
        assert.equal((await client.session()).user.email, 'jane@example.com');
      }
      // Of its own sign-ins alone, and in its own thread.
      const told = await thread.ask('told');
      const signIns = told.filter((what) => what === 'user.signed_in');
      assert.equal(signIns.length, 4);

      // Closing one closes that one alone.
      await thread.call('close');
      await assert.rejects(thread.call('users.get', 'x'), { code: 'closed', name: 'KavachError' });
      assert.equal(await kavach.users.get('x'), null);
      await thread.terminate();
      await browser().signIn('jane');
    });

    if (!isShared(database)) return;
    test('finish what the other one has begun, and know each other\'s sessions', async (t) => {
      const { browser, thread } = await two(t, database);
      const here = browser();
      const there = new Client(thread.handler, { base });
      there.cookies = here.cookies;

      const back = await approve(await here.authorize({ redirectTo: '/in' }), { user: 'jane' });
      const response = await there.get(back);
      assert.equal(response.headers.get('location'), `${BASE_URL}/in`);
      assert.deepEqual(await here.session(), await there.session());
      assert.equal((await here.session()).user.email, 'jane@example.com');

      await there.get(await approve(await here.authorize(), { user: 'jane' }));
      const { session } = await there.session();
      await thread.call('auth.session.revoke', session.id);
      assert.equal(await there.session(), null);
    });

    describe('that end with an instance open harm nobody', () => {
      for (const how of [
        ...['while it opens', 'while it is idle', 'while it asks the database'],
        ...['while it waits for the provider', 'by process.exit', 'by itself, without closing'],
        'with the process',
      ]) {
        test(how, async (t) => {
          const { options, drop } = await database.fresh();
          t.after(drop);
          const args = [CHILD, how, JSON.stringify({ database: options, rounds: ROUNDS })];
          const { stdout, stderr } = await run(process.execPath, args, { timeout: LIMIT });
          assert.deepEqual(JSON.parse(stdout), { rounds: ROUNDS, email: 'jane@example.com' });
          assert.equal(stderr, '');
        });
      }
    });
  });
}
