// Started by counts.js, with Node's `--expose-gc`: does single operations of a peer, and counts the
// bytes that they allocate.

import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

import { headersWith } from './browser.js';
import { serve } from './child.js';
import { operationsOf } from './operations.js';

let peer;
let operations;
let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

serve({
  /** Without `users` on a database that has some already. */
  async open({ peer: file, options, users }) {
    const { migrate, open } = await import(file);
    if (users) await migrate?.(options);
    peer = await open(options);
    operations = operationsOf(peer, options.consumer);
    if (!users) return;
    await operations.check();
    await operations.prepare(users);
  },

  once: async (operation) => {
    await operations[operation]();
  },

  async session({ cookie, email }) {
    const found = await peer.session(headersWith(cookie));
    if (found?.email !== email) throw new Error(`wrong session for ${email}`);
  },

  requests: () => operations.requests(),
  allocated: ({ operation, count }) => allocated(operations[operation], count),
  close: () => peer.close(),
});

/** Bytes of JavaScript's heap for one operation, of `count` after as many that warm up. */
async function allocated(operation, count) {
  for (let i = 0; i < count; i += 1) await operation();
  for (let left = count; left >= 1; left = Math.floor(left / 2)) {
    globalThis.gc();
    await sleep(SETTLE);
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < left; i += 1) {
      await operation();
      if (i % TURN === TURN - 1) await nextTurn();
    }
    const bytes = process.memoryUsage().heapUsed - before;
    await sleep(SETTLE);
    // With a collection in between, the difference says nothing.
    if (collections === 0) return bytes / left;
  }
  throw new Error('there is no operation without a garbage collection');
}

/** Collections are told of later. */
const SETTLE = 20;
const TURN = 64;
