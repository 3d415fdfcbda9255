// Asking who a token belongs to, and telling whether the answer came from memory.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** The default of `maxStaleness`, in milliseconds. */
export const STALENESS = 1000;

// What left the JavaScript thread comes back in a later turn of the event loop, never in these.
const MICROTASKS = 8;

/** The ways to ask: each resolves to the user, or `null`. */
export const WAYS = [
  async (kavach, token) => (await kavach.auth.session.validate(token))?.user ?? null,
  async (kavach, token) => (await kavach.auth.getSession(bearer(token)))?.user ?? null,
  (kavach, token) => kavach.auth.resolveUser(bearer(token)),
];

/** Milliseconds of a clock that all processes of one machine share and nobody sets. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function bearer(token) {
  return { authorization: `Bearer ${token}` };
}

/** Awaits a promise: `{ value, fromMemory }`. */
export async function watched(promise) {
  const fromMemory = await isAtHand(promise);
  return { value: await promise, fromMemory };
}

/** Whether a promise settles without anybody else's doing. */
export async function isAtHand(promise) {
  let isSettled = false;
  const settle = () => (isSettled = true);
  promise.then(settle, settle);
  for (let i = 0; i < MICROTASKS; i += 1) await Promise.resolve();
  return isSettled;
}

/** Checks until a check is answered from memory. */
export function warm(kavach, token, limit = 5000) {
  return until(async () => {
    const { value, fromMemory } = await watched(kavach.auth.session.validate(token));
    return fromMemory && value;
  }, limit, 'an answer from memory');
}

/** Asks every few milliseconds until the answer is truthy; throws when that takes too long. */
export async function until(ask, limit, what) {
  const deadline = now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (now() > deadline) throw new Error(`not within ${limit} ms: ${what}`);
    await sleep(5);
  }
}

/** Whether a check is answered from memory, and with somebody. */
export async function isRemembered({ auth }, { token }) {
  const { value, fromMemory } = await watched(auth.session.validate(token));
  return fromMemory && value !== null;
}

/**
 * Checks every few milliseconds until `isNow` is true of the answer, and asserts that none that was
 * asked for later than it may be was another.
 */
export async function changes(kavach, { token }, changed, isNow) {
  await until(async () => {
    const asked = now();
    const found = await kavach.auth.session.validate(token);
    if (isNow(found)) return true;
    const late = asked - changed;
    assert.ok(late <= STALENESS, `${late} ms later: ${JSON.stringify(found)}`);
    return false;
  }, 5 * STALENESS, 'the change');
}

/** The same for the end of a session. */
export function ends(kavach, session, changed) {
  return changes(kavach, session, changed, (found) => found === null);
}
