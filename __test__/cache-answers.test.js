// What the cache of sessions answers from memory: the truth, to whoever may hear it, for as long as
// it is true.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BASE_URL, rejects, startApp } from './support/app.js';
import {
  WAYS, bearer, isRemembered, now, until, warm, watched,
} from './support/cache-checks.js';
import { databases } from './support/database-matrix.js';

for (const database of databases()) {
  describe(`what is remembered on ${database.name}`, { skip: database.skip }, () => {
    test('is the answer to a check, by every way to ask', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('jane');
      const { token } = client;
      const first = await kavach.auth.session.validate(token);
      await warm(kavach, token);
      for (const ask of [
        () => kavach.auth.session.validate(token),
        () => kavach.auth.getSession(bearer(token)),
        () => kavach.auth.getSession({ cookie: `a=b; __Host-kavach_session=${token}` }),
        () => kavach.auth.getSession(new Request(BASE_URL, { headers: bearer(token) })),
      ]) {
        assert.deepEqual(await watched(ask()), { value: first, fromMemory: true });
      }
      const { id, email, name, image } = first.user;
      assert.deepEqual(await watched(kavach.auth.resolveUser(bearer(token))), {
        value: { id, email, name, image }, fromMemory: true,
      });
      assert.deepEqual(await client.session(), JSON.parse(JSON.stringify(first)));
    });

    test('is not changed by what the application does to an answer', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('jane');
      const { user } = await client.session();
      const { token } = await kavach.auth.session.create(user.id, { deep: { list: [1] } });
      const expected = structuredClone(await warm(kavach, token));
      for (let i = 0; i < 3; i += 1) {
        const { value: found } = await watched(kavach.auth.session.validate(token));
        assert.deepEqual(found, expected);
        found.user.name = 'Mallory';
        found.user.createdAt.setTime(0);
        found.session.expiresAt.setTime(0);
        found.session.metadata.deep.list.push(2);
        delete found.session.userId;
        const resolved = await kavach.auth.resolveUser(bearer(token));
        assert.equal(resolved.name, expected.user.name);
        resolved.name = 'Mallory';
      }
    });

    test('is no other than whom the request names', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('jane');
      const jane = client.token;
      const { user } = await client.session();
      const bob = await kavach.auth.session.create(user.id);
      await warm(kavach, jane);
      const cookie = `__Host-kavach_session=${jane}`;
      for (let i = 0; i < 2; i += 1) {
        const found = await kavach.auth.getSession({ cookie, ...bearer(bob.token) });
        assert.equal(found.session.id, bob.session.id);
        const authorization = [`Bearer ${jane}`, `Bearer ${bob.token}`];
        assert.equal(await kavach.auth.getSession({ authorization }), null);
        assert.equal(await kavach.auth.getSession({ cookie: cookie.slice(0, -1) }), null);
        assert.equal(await kavach.auth.getSession({ authorization: `Basic ${jane}` }), null);
        assert.equal(await kavach.auth.session.validate(jane.toLowerCase()), null);
        await warm(kavach, bob.token);
      }
    });

    test('is not a token that linking has replaced', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('jane');
      const { token } = client;
      const { session } = await warm(kavach, token);
      await client.link('kavya');
      assert.notEqual(client.token, token);
      for (const way of WAYS) assert.equal(await way(kavach, token), null);
      assert.equal((await warm(kavach, client.token)).session.id, session.id);
      assert.equal(await kavach.auth.session.validate(token), null);
    });

    test('ends at once in the process that ends it', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      const signedIn = async () => {
        await client.signIn('jane');
        const { token } = client;
        return { token, ...(await warm(kavach, token)) };
      };
      for (const end of [
        ({ session }) => kavach.auth.session.revoke(session.id),
        ({ user }) => kavach.auth.session.revokeAll(user.id),
        () => client.post('/auth/sign-out'),
        ({ session }) => client.post('/auth/sessions/revoke', { id: session.id }),
        ({ user }) => kavach.users.disable(user.id).then(() => kavach.users.enable(user.id)),
        ({ user }) => kavach.users.delete(user.id),
      ]) {
        const before = await signedIn();
        await end(before);
        for (const way of WAYS) assert.equal(await way(kavach, before.token), null, String(end));
      }
    });

    test('is gone for good when checks and its end meet', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('jane');
      const { user } = await client.session();
      await warm(kavach, client.token);
      const { session: api } = kavach.auth;
      for (let round = 0; round < 200; round += 1) {
        const { session, token } = await api.create(user.id);
        if (round % 2 === 0) await api.validate(token);
        const early = [api.validate(token), api.validate(token)];
        const end = api.revoke(session.id);
        const late = [api.validate(token), api.validate(token)];
        if (round % 3 === 0) await sleep(0);
        late.push(api.validate(token));
        assert.equal(await end, true);
        assert.equal(await api.validate(token), null, `round ${round}`);
        await Promise.all([...early, ...late]);
        assert.equal(await api.validate(token), null, `round ${round}`);
      }
    });

    test('is nothing once the instance is closed', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('jane');
      await warm(kavach, client.token);
      const underWay = kavach.auth.session.validate(client.token);
      const closing = kavach.close();
      assert.equal((await underWay).user.email, 'jane@example.com');
      await closing;
      for (const way of WAYS) await rejects(way(kavach, client.token), 'closed');
    });

    test('is no more than maxEntries, those that were asked for last', async (t) => {
      const { kavach, client } = await startCachedApp(t, database, { cache: { maxEntries: 2 } });
      await client.signIn('jane');
      const { user } = await client.session();
      const [a, b, c] = await Promise.all(
        [1, 2, 3].map(() => kavach.auth.session.create(user.id)),
      );
      await warm(kavach, a.token);
      await warm(kavach, b.token);
      // The channel has to be proven all the while, so it may take another try on a busy machine.
      await until(async () => {
        for (const { token } of [a, b, a, c]) await kavach.auth.session.validate(token);
        const kept = [await isRemembered(kavach, a), await isRemembered(kavach, c)];
        assert.equal(await isRemembered(kavach, b), false);
        return kept.every(Boolean);
      }, 5000, 'the last two');
    });
  });
}

// Much of it is waiting.
describe('what is remembered', { concurrency: true }, () => {
  for (const database of databases()) {
    const on = `on ${database.name}`;
    const { skip } = database;
    test(`is nothing where the cache is turned off ${on}`, { skip }, async (t) => {
      const { kavach, client } = await startCachedApp(t, database, { cache: { enabled: false } });
      await client.signIn('jane');
      const stop = now() + 1500;
      while (now() < stop) {
        const { value, fromMemory } = await watched(kavach.auth.session.validate(client.token));
        assert.equal(value.user.email, 'jane@example.com');
        assert.equal(fromMemory, false);
        await sleep(50);
      }
    });

    test(`stops being fresh on time ${on}`, { skip }, async (t) => {
      const { kavach, client } = await startCachedApp(t, database, { freshAge: 2 });
      await client.signIn('jane');
      const { session } = await warm(kavach, client.token);
      const stale = session.createdAt.getTime() + 2000;
      let remembered = 0;
      for (let isOver = false; !isOver; await sleep(3)) {
        const [before, { value, fromMemory }, later] = [
          Date.now(), await watched(kavach.auth.session.validate(client.token)), Date.now(),
        ];
        remembered += fromMemory;
        if (later < stale) assert.equal(value.session.fresh, true);
        if (before >= stale) assert.equal(value.session.fresh, false);
        isOver = before > stale + 200;
      }
      assert.ok(remembered > 0);
    });

    test(`is extended on time ${on}`, { skip }, async (t) => {
      const session = { updateAge: 1, expiresIn: 3 };
      const { kavach, client } = await startCachedApp(t, database, session);
      await client.signIn('jane');
      const first = await warm(kavach, client.token);
      let last = first.session.expiresAt;
      let remembered = 0;
      let extended = 0;
      const stop = now() + 3500;
      while (now() < stop) {
        const before = Date.now();
        const { value, fromMemory } = await watched(kavach.auth.session.validate(client.token));
        assert.ok(value, 'it would have ended long ago');
        assert.ok(value.session.expiresAt >= before + 1998, 'extended each second');
        extended += value.session.expiresAt > last;
        last = value.session.expiresAt;
        remembered += fromMemory;
        await sleep(3);
      }
      const [listed] = await kavach.auth.session.list(first.user.id);
      assert.deepEqual(listed.expiresAt, last);
      assert.ok(extended >= 2 && extended <= 4, `${extended} times`);
      assert.ok(remembered > 0);
    });
  }
});

describe('an option of the cache that cannot be used is refused by its path:', () => {
  for (const [cache, path, remedy] of [
    [{ maxEntries: 0 }, 'maxEntries', /1/],
    [{ maxEntries: -1 }, 'maxEntries', /whole number|1/],
    [{ maxEntries: 1.5 }, 'maxEntries', /whole number/],
    [{ maxEntries: '10' }, 'maxEntries', /whole number/],
    [{ maxStaleness: 0 }, 'maxStaleness', /1/],
    [{ maxStaleness: 0.5 }, 'maxStaleness', /whole number/],
    [{ maxStaleness: NaN }, 'maxStaleness', /number/],
    [{ maxStaleness: '1s' }, 'maxStaleness', /whole number/],
    [{ enabled: 'no' }, 'enabled', /true|boolean/],
    [{ maxStalenes: 1 }, 'maxStalenes', /maxStaleness/],
    [true, undefined, /object/],
  ]) {
    test(JSON.stringify(cache), async (t) => {
      const starting = startApp(t, { kavach: { auth: { session: { cache } } } });
      const { message } = await rejects(starting, 'config_invalid');
      const full = ['auth.session.cache', path].filter(Boolean).join('.');
      assert.ok(message.includes(`\`${full}\``), message);
      assert.match(message, remedy);
    });
  }
});

/** With options for sessions. */
function startCachedApp(t, database, session) {
  return startApp(t, { database, kavach: { auth: { session } } });
}
