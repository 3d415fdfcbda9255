// One peer on one database, or the floor, in a process of its own: so that its memory is its own,
// and no peer runs in what the optimiser learnt from another.

import { readFileSync } from 'node:fs';

import { serve } from './child.js';
import { floorOf } from './floor.js';
import { measure } from './measure.js';
import { operationsOf } from './operations.js';

let peer;
let operations;
let idle;

serve({
  /** `peer` is the URL of its file; none is the floor. */
  async open({ peer: file, options, users }) {
    if (file) {
      peer = await (await import(file)).open(options);
      operations = operationsOf(peer, options.consumer);
    } else {
      operations = floorOf(options);
    }
    idle = memory().now;
    await operations.check();
    await operations.prepare?.(users);
  },

  run: ({ operation, ...how }) => measure(operations[operation], how),

  /** MiB: when it had just opened, and at most. */
  memory: () => ({ idle, peak: memory().peak }),

  /** One of the users who are signed in: `{ cookie, email }`. */
  someone: () => operations.someone(),

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
