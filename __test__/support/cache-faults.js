// What can go wrong between a process and its database, for a while.

import { setTimeout as sleep } from 'node:timers/promises';

import { LISTENER, isListener, isNoListener } from './cache-proxy.js';

/**
 * Faults by name; each takes the process that it hits, and resolves when it is over.
 * `sql` is a connection that nobody else uses.
 */
export function faults({ provider, random, sql }) {
  const some = () => random.next() < 0.5;
  const stalled = (choose) => async ({ proxy }) => {
    const release = proxy.stall(random.pick([['up'], ['down'], ['up', 'down']]), choose);
    await sleep(random.between(30, 2500));
    release();
  };
  const paused = async (process) => {
    process.pause();
    await sleep(random.between(100, 1800));
    process.resume();
  };
  let isLocked = false;
  const locked = async () => {
    if (isLocked) return;
    isLocked = true;
    await sql.query('BEGIN IMMEDIATE');
    await sleep(random.between(30, 600));
    await sql.query('COMMIT');
    isLocked = false;
  };
  if (provider === 'sqlite') return { paused, locked };

  const anywhere = {
    paused,
    'dropped': async ({ proxy }) => proxy.drop(),
    'some dropped': async ({ proxy }) => proxy.drop(some),
    'stalled': stalled(),
    'some stalled': stalled(some),
  };
  if (provider === 'mysql') return anywhere;

  return {
    ...anywhere,
    'listener dropped': async ({ proxy }) => proxy.drop(isListener),
    'listener stalled': stalled(isListener),
    'all but the listener stalled': stalled(isNoListener),
    'listeners terminated': async () => {
      await sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = ? AND datname = current_database()`,
        [LISTENER],
      );
    },
  };
}
