// Timing of an asynchronous operation.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Runs for a time; `cpu` is microseconds of all threads of this process per operation. */
export async function measure(operation, { concurrency, milliseconds }) {
  let count = 0;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const deadline = start + milliseconds;

  async function lane() {
    do {
      await operation();
      count += 1;
      // As in a server, where no request comes without a turn of the event loop: what is freed
      // only then, such as native objects, must not pile up.
      if (count % TURN === 0) await nextTurn();
    } while (performance.now() < deadline);
  }
  await Promise.all(Array.from({ length: concurrency }, lane));

  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { count, perSecond: (count * 1000) / elapsed, cpu: (user + system) / count };
}

/** How late a timer of one millisecond comes meanwhile: `delay`, ms, of the latest in a hundred. */
export async function loopDelay(operation, how) {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  const { count } = await measure(operation, how);
  monitor.disable();
  return { count, delay: monitor.percentile(99) / 1e6, longest: monitor.max / 1e6 };
}

const TURN = 64;
