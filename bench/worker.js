// One peer on one database, or the floor, in a process of its own: so that its memory is its own,
// and no peer runs in what the optimiser learnt from another.

import { readFileSync } from 'node:fs';

import { serve } from './child.js';
import { floorOf } from './floor.js';
import { listen } from './http-server.js';
import { loopDelay, measure } from './measure.js';
import { operationsOf } from './operations.js';

let peer;
let operations;
let idle;

serve({
  /** `peer` is the URL of its file; none is the floor. */
  async open({ peer: file, options, users }) {
    if (file) {
      const { migrate, open } = await import(file);
      await migrate?.(options);
      peer = await open(options);
      operations = operationsOf(peer, options.consumer);
    } else {
      operations = floorOf(options, users);
    }
    idle = memory().now;
    await operations.check();
    await operations.prepare?.(users);
  },

  run: ({ operation, ...how }) => measure(operations[operation], how),
  loopDelay: ({ operation, ...how }) => loopDelay(operations[operation], how),

  /** Serves sessions by `node:http`; the load comes from http-load.js. */
  listen: async () => listen(await operations.listener()),

  /** What the signed-in users send, and who they are: `{ cookie, email }` of each. */
  requests: () => operations.requests(),

  /** Microseconds of all threads so far. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },

  /** MiB: when it had just opened, and at most. */
  memory: () => ({ idle, peak: memory().peak }),

  close: () => peer?.close(),
});

/** MiB. Not `maxRSS` where it can be helped: on Linux a child inherits that of its parent. */
function memory() {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1]);
    return { now: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 };
  } catch {
    const { maxRSS } = process.resourceUsage();
    return { now: process.memoryUsage.rss() / 2 ** 20, peak: maxRSS / 1024 };
  }
}
