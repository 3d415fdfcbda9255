// A peer's functions as the operations that cases.js names, and the check that they do what they
// claim: a fast wrong answer is not a result.

import assert from 'node:assert/strict';

import { headersWith, returnFrom, tampered, walk } from './browser.js';
import { sessionListener } from './http-server.js';

/** New users start here, so that they are new in a database that holds the known ones. */
const FIRST_NEW = 100_000;
const PARALLEL = 32;

/** @param {Awaited<ReturnType<typeof import('./peers/kavachos.js').open>>} peer */
export function operationsOf(peer, consumer) {
  const known = [];
  let created = FIRST_NEW;
  let turn = 0;
  const next = () => known[(turn = (turn + 1) % known.length)];

  async function signIn(user) {
    const { url, cookie } = await peer.authorize();
    return peer.callback(returnFrom(url, consumer.key, user), cookie);
  }

  return {
    authorize: () => peer.authorize(),
    signInNew: () => signIn(`u${(created += 1)}`),
    signInKnown: () => signIn(next().user),
    async session() {
      // The same answer is not enough: one user for all would be fast as well.
      const { user, headers } = next();
      const found = await peer.session(headers);
      if (found?.email !== `${user}@example.com`) throw new Error(`wrong session for ${user}`);
    },

    /** Signs in the users that the later operations take turns with. */
    async prepare(count) {
      while (known.length < count) {
        const first = known.length + 1;
        const users = Array.from(
          { length: Math.min(PARALLEL, count - known.length) },
          (_, i) => `u${first + i}`,
        );
        const cookies = await Promise.all(users.map(signIn));
        known.push(...users.map((user, i) => ({ user, headers: headersWith(cookies[i]) })));
      }
    },

    /** A server that tells who calls, and what the signed-in users send to it. */
    listener: async () => sessionListener(await peer.ofNodeRequest()),
    requests: () => known.map(({ user, headers }) => {
      return { cookie: headers.get('cookie'), email: `${user}@example.com` };
    }),

    check: () => check(peer, signIn),
  };
}

async function check(peer, signIn) {
  const ask = (cookie) => peer.session(headersWith(cookie));

  // By way of the provider's page, as in life; then without it, which must be the same user.
  const started = await peer.authorize();
  const back = await walk(started.url, 'u1');
  const walked = await ask(await peer.callback(back, started.cookie));
  assert.equal(walked?.email, 'u1@example.com', 'a sign-in leads to its user');
  const cookie = await signIn('u1');
  assert.equal((await ask(cookie))?.id, walked.id, 'a second sign-in leads to the same user');

  assert.equal(await ask(tampered(cookie)), null, 'a tampered cookie is nobody');
  assert.equal(await ask(''), null, 'no cookie is nobody');
  assert.equal((await ask(cookie))?.id, walked.id, 'a good cookie works after a bad one');

  await assert.rejects(peer.callback(back, started.cookie), undefined, 'a callback works once');
  const foreign = await peer.authorize();
  const url = await walk(foreign.url, 'u2');
  await assert.rejects(peer.callback(url, ''), undefined, 'a callback needs its browser');

  const users = Array.from({ length: PARALLEL }, (_, i) => `u${i + 1}`);
  const found = await Promise.all(users.map(async (user) => ask(await signIn(user))));
  const expected = users.map((user) => `${user}@example.com`);
  assert.deepEqual(found.map((user) => user?.email), expected, 'parallel sign-ins do not mix');
  assert.equal(new Set(found.map(({ id }) => id)).size, PARALLEL, 'every user is one of its own');
}
