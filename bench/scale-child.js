// Started by scale.js: the library on databases of several sizes, one operation at a time.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';

import { serve } from './child.js';
import { Place } from './scale-place.js';
import { summary } from './statistics.js';

/** From the smallest to the largest. */
const places = [];

serve({
  /** A new database with so many; resolves to what it cost. */
  async fill({ peer, options, users, sessions }) {
    const place = new Place(await import(peer), options, { users, sessions });
    places.push(place);
    return place.fill();
  },

  /** The median of some of the same, in milliseconds. */
  async run({ operation, size, count }) {
    const place = places[size];
    const times = [];
    for (let i = 0; i < count; i += 1) times.push(await timed(() => place[operation]()));
    return summary(times).median;
  },

  large: () => ({ url: places.at(-1).url }),

  /** Everything once, with connections of its own, and what is pruned behind a sign-in. */
  async once() {
    const place = places.at(-1);
    const peer = await place.another();
    await place.signInKnown(peer);
    await place.signInNew(peer);
    await place.check(peer);
    await place.revoke(peer);
    await sleep(SETTLE);
    await peer.close();
  },

  /** Ends the libraries; resolves to how often the largest database walked through its tables. */
  async close() {
    for (const place of places) await place.close();
    // The server counts what a connection did when it ends.
    await sleep(SETTLE);
    return places.at(-1).walks();
  },

  /** Seconds of sign-ins with nothing else, and with expired sessions being deleted, by turns. */
  async prune({ expired, quiet, pruning }) {
    const place = places.at(-1);
    const idle = await place.another();
    // It prunes behind its first sign-in and not again for five minutes: it must see no row yet.
    await place.addExpired(expired, async () => {
      await place.signInKnown(idle);
      await sleep(SETTLE);
    });
    const without = [];
    const during = [];
    const rates = [];
    const batches = [];
    const hear = ({ operation, milliseconds }) => {
      if (operation === 'prune') batches.push(milliseconds);
    };
    subscribe(DATABASE, hear);
    let left = await place.countExpired();
    for (let turn = 0; turn < TURNS && left > 0; turn += 1) {
      without.push(...(await signIns(place, idle, quiet)));
      const still = await place.countExpired();
      if (still !== left) throw new Error('what was to prune nothing deleted expired sessions');

      const busy = await place.another();
      const start = performance.now();
      during.push(...(await signIns(place, busy, pruning)));
      const seconds = (performance.now() - start) / 1000;
      await busy.close();
      const now = await place.countExpired();
      rates.push((left - now) / seconds);
      left = now;
    }
    await idle.close();
    unsubscribe(DATABASE, hear);
    return {
      without: described(without), during: described(during), batches: described(batches), rates, left,
    };
  },
});

async function signIns(place, peer, seconds) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  do {
    times.push(await timed(() => place.signInKnown(peer)));
    times.push(await timed(() => place.signInNew(peer)));
  } while (performance.now() < end);
  return times;
}

async function timed(action) {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

function described(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const p99 = sorted[Math.floor(sorted.length * 0.99)];
  return { count: times.length, ...summary(times), p99 };
}

const TURNS = 4;
const DATABASE = 'kavachos:database';
const SETTLE = 300;
