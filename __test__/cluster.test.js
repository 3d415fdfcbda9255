// Workers of node:cluster on one database: it does not matter which of them is asked.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { approve } from '../testing/server.js';
import { BASE_URL } from './support/app-config.js';
import { databases } from './support/database-matrix.js';
import { startCluster } from './support/runtime-cluster.js';

const SIZE = 3;
/** The default of `maxStaleness`, in milliseconds, and some time for a slow machine. */
const STALE = 1000 + 200;

for (const database of databases().filter(({ canQuery }) => canQuery)) {
  describe(`a cluster on ${database.name}`, { skip: database.skip }, () => {
    test('finishes in one worker a sign-in that another one has begun', async (t) => {
      const { browser } = await startCluster(t, { database, size: SIZE });
      const client = browser();
      const back = await approve(await client.authorize({ redirectTo: '/in' }), { user: 'jane' });
      const response = await client.get(back);
      assert.equal(response.headers.get('location'), `${BASE_URL}/in`);
      const [began, finished] = client.asked;
      assert.notEqual(began, finished);

      for (let i = 0; i < SIZE; i += 1) {
        assert.equal((await client.session()).user.email, 'jane@example.com');
      }
      assert.equal(new Set(client.asked).size, SIZE);
    });

    test('signs in many browsers at once, each once', async (t) => {
      const { browser, workers } = await startCluster(t, { database, size: SIZE });
      const clients = Array.from({ length: 20 }, browser);
      await Promise.all(clients.map((client) => client.signIn('jane')));
      const sessions = await Promise.all(clients.map((client) => client.session()));
      assert.equal(new Set(sessions.map(({ user }) => user.id)).size, 1);
      assert.equal(new Set(sessions.map(({ session }) => session.id)).size, clients.length);
      await Promise.all(workers().map((worker) => worker.close()));
    });

    test('forgets in every worker who has signed out at one', async (t) => {
      const { browser } = await startCluster(t, { database, size: SIZE });
      const client = browser();
      await client.signIn('jane');
      // Each worker remembers the session.
      for (let i = 0; i < 2 * SIZE; i += 1) assert.ok(await client.session());
      const cookies = new Map(client.cookies);
      assert.equal((await client.post('/auth/sign-out')).status, 200);

      await sleep(STALE);
      client.cookies = cookies;
      client.asked.length = 0;
      for (let i = 0; i < 2 * SIZE; i += 1) assert.equal(await client.session(), null);
      assert.equal(new Set(client.asked).size, SIZE);
    });

    test('goes on with a flow whose worker was killed and replaced', async (t) => {
      const { browser, worker, fork } = await startCluster(t, { database, size: 2 });
      const client = browser();
      const back = await approve(await client.authorize(), { user: 'jane' });
      const [killed] = client.asked;
      assert.equal(await worker(killed).kill(), 'SIGKILL');
      const { id } = await fork();
      await client.get(back);
      for (let i = 0; i < 3; i += 1) {
        assert.equal((await client.session()).user.email, 'jane@example.com');
      }
      const [, ...since] = client.asked;
      assert.ok(since.includes(id) && !since.includes(killed), `${since}`);
    });
  });
}
