// An application whose provider means harm, and sign-ins that run into it.

import assert from 'node:assert/strict';

import { BASE_URL } from './app.js';
import { CALLBACK, assertNobody, startTarget } from './attack-app.js';
import { ACCEPTED } from './attack-faults.js';
import { KINDS, startHostile } from './attack-provider.js';
import { assertError } from './client.js';

/** `faults` as `startHostile` takes them; a fault called `good` is there already. */
export async function startHostileApp(t, faults, { database } = {}) {
  const hostile = await startHostile(t, { good: ACCEPTED.good, ...faults });
  const app = await startTarget(t, { database, provider: hostile.endpoints });

  /** Starts a sign-in that will meet a fault; resolves to the browser and where it goes then. */
  async function flow(kind, name, by = app.browser()) {
    const url = new URL(await by.authorize());
    const query = { code: hostile.code(kind, name), state: url.searchParams.get('state') };
    const back = `${CALLBACK}?${new URLSearchParams(query)}`;
    /** What this flow's access token was sent to. */
    const calls = () => hostile.requests.filter(({ headers }) => {
      return headers.authorization === `Bearer ${query.code}`;
    });
    return { by, back, calls };
  }

  async function assertRefused(kind, name) {
    const label = `${name} at ${kind}`;
    const { by, back } = await flow(kind, name);
    const started = Date.now();
    const response = await by.getJson(back);
    const text = await response.clone().text();
    const took = Date.now() - started;
    assert.equal(response.status, 502, `${label}: ${text || response.headers.get('location')}`);
    await assertError(response, 502, 'provider_error');
    assert.doesNotMatch(text, /127\.0\.0\.1|evil|<|X-Evil|secret|Basic/i, label);
    await assertNobody(by);
    assert.deepEqual([...by.cookies], [], label);
    return took;
  }

  async function assertSignsIn(kind = 'token', name = 'good') {
    const { by, back } = await flow(kind, name);
    const response = await by.get(back);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`, `${name} at ${kind}`);
    const { user } = await by.session();
    assert.equal(user.email, 'jane@example.com', `${name} at ${kind}`);
    await app.kavach.users.delete(user.id);
  }

  return { app, hostile, flow, assertRefused, assertSignsIn };
}

/** Runs a job for each item, a few at a time. */
export async function inParallel(items, job, width = 8) {
  const queue = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    while (queue.length > 0) await job(queue.shift());
  }));
}

/** Each of these faults at each endpoint. */
export const everywhere = (names) => KINDS.flatMap((kind) => names.map((name) => [kind, name]));
