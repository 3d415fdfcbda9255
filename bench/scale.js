// The same few operations with few sessions and with a thousand times as many, in two databases of
// one server, by turns; then sign-ins while a great many expired sessions are being deleted.

import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { Child } from './child.js';
import { offending } from './scale-plans.js';
import { shuffled } from './turns.js';

const SMALL = { users: 5_000, sessions: 10_000 };
const LARGE = { users: 5_000_000, sessions: 10_000_000 };
const FULL = {
  sizes: [SMALL, LARGE], rounds: 3, turns: 7, each: 100, expired: 1_000_000, quiet: 10, pruning: 35,
};
const QUICK = {
  sizes: [SMALL, { users: 50_000, sessions: 100_000 }],
  rounds: 2, turns: 2, each: 20, expired: 10_000, quiet: 1, pruning: 1,
};

/** A quarter of the memory is what PostgreSQL's manual begins with; its default is for small data. */
export const SCALE_SERVER = { shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB` };

/** Between rounds, seconds: what disturbs one of them may be over in the next. */
const PAUSE = 5;

/** What `scale-child.js` does, in milliseconds for each. */
export const OPERATIONS = [
  { name: 'bare', title: '`SELECT 1`, by `pg`' },
  { name: 'check', title: 'first check of a session', most: 1.3 },
  { name: 'signInKnown', title: 'sign-in, known user', most: 1.3 },
  { name: 'signInNew', title: 'sign-in, new user', most: 1.3 },
  { name: 'revoke', title: 'revoke', most: 1.3 },
];

/** `undefined` where there is no PostgreSQL. */
export async function measureScale({ options, peers, databases, subjectOf, missing }) {
  if (!databases.available.includes('postgres')) return undefined;
  const [peer] = peers;
  const how = options.quick ? QUICK : FULL;
  const child = new Child(new URL('scale-child.js', import.meta.url), 'the scale');
  try {
    const loaded = [];
    for (const size of how.sizes) {
      console.error(`filling a database with ${size.sessions} sessions`);
      const subject = await subjectOf(peer, 'postgres');
      loaded.push({ ...size, ...(await child.call('fill', { ...subject, ...size })) });
    }
    const samples = await rounds(child, how);
    console.error('looking at plans');
    const { url } = await child.call('large');
    const log = await databases.logStatements({ url });
    if (!log) missing.push({ name: 'plans', reason: 'the log of the server is not at hand' });
    const statements = log && await log.heard(() => child.call('once'));
    const walks = await child.call('close');
    const plans = statements && await offending(url, statements);
    console.error(`deleting ${how.expired} expired sessions`);
    const pruning = await child.call('prune', how);
    return { ...how, sizes: loaded, samples, walks, plans, pruning };
  } finally {
    await child.stop();
  }
}

/** Medians of turns, `[small, large]` for each operation. */
async function rounds(child, { sizes, rounds: count, turns, each }) {
  const samples = {};
  const all = OPERATIONS.flatMap(({ name }) => sizes.map((_, size) => ({ name, size })));
  const take = ({ name, size }) => child.call('run', { operation: name, size, count: each });
  for (const turn of shuffled(all)) await take(turn);
  for (let round = 1; round <= count; round += 1) {
    console.error(`round ${round} of ${count}`);
    for (let i = 0; i < turns; i += 1) {
      for (const turn of shuffled(all)) {
        samples[turn.name] ??= sizes.map(() => []);
        samples[turn.name][turn.size].push(await take(turn));
      }
    }
    await sleep(PAUSE * 1000);
  }
  return samples;
}
