// An application in the workers of node:cluster, behind one port, of which the process of the test
// is the primary.

import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { startBitbucket } from '../../testing/server.js';
import { BASE_URL, CONSUMER } from './app-config.js';
import { Client } from './client.js';

const CHILD = fileURLToPath(new URL('./runtime-cluster-child.js', import.meta.url));

/** Starts `size` workers at once on an empty database, one of the matrix. */
export async function startCluster(t, { database, size }) {
  const bitbucket = await startBitbucket({ consumer: CONSUMER });
  t.after(() => bitbucket.close());
  const { options, drop } = await database.fresh();
  const workers = new Set();
  t.after(async () => {
    await Promise.all([...workers].map((worker) => worker.kill()));
    await drop();
  });
  cluster.setupPrimary({ exec: CHILD });
  const settings = JSON.stringify({ database: options, endpoints: bitbucket.endpoints });

  /** One more worker; the others do not wait for it. */
  async function fork() {
    const worker = launch({ KAVACH_CLUSTER: settings });
    workers.add(worker);
    worker.ended.then(() => workers.delete(worker));
    await worker.listening;
    return worker;
  }

  const [{ listening }] = await Promise.all(Array.from({ length: size }, fork));
  const { port } = await listening;
  return {
    fork,
    /** The worker with this id. */
    worker: (id) => [...workers].find((worker) => worker.id === id),
    workers: () => [...workers],
    browser: () => browserAt(port),
  };
}

function launch(env) {
  const worker = cluster.fork(env);
  const ended = once(worker, 'exit').then(([code, signal]) => signal ?? code);
  const listening = Promise.race([
    once(worker, 'message').then(([message]) => message),
    ended.then((how) => {
      throw new Error(`a worker ended with ${how}`);
    }),
  ]);
  // A worker is ended without anybody who waits for it.
  listening.catch(() => {});
  return {
    id: worker.id,
    listening,
    ended,
    /** Closes its instance and its server; resolves when the process has ended. */
    async close() {
      worker.send('close');
      assert.equal(await ended, 0);
    },
    kill() {
      worker.process.kill('SIGKILL');
      return ended;
    },
  };
}

/** A browser; `asked` are the ids of the workers that answered it, in their order. */
function browserAt(port) {
  const asked = [];
  /** As a proxy that speaks TLS would. */
  const forward = async (request) => {
    const response = await fetch(request.url.replace(BASE_URL, `http://127.0.0.1:${port}`), {
      method: request.method,
      headers: request.headers,
      body: request.body && (await request.text()),
      redirect: 'manual',
    });
    asked.push(Number(response.headers.get('x-worker')));
    return response;
  };
  return Object.assign(new Client(forward, { base: `${BASE_URL}/api/kavach` }), { asked });
}
