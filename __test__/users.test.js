// Keeping a user out, and letting them in again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { approve } from '../testing/server.js';
import { BASE_URL, isShared, rejects, startApp } from './support/app.js';
import { assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

/** For what cannot be tried on a database: no test, rather than one that is skipped. */
const none = () => {};


const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';
const LINK = '/auth/oauth/link';
const BODY = { provider: 'bitbucket' };

async function signedIn(t, options) {
  const app = await startApp(t, options);
  await app.client.signIn('jane');
  const { user, session } = await app.client.session();
  /** What the database keeps of users and accounts, where that can be seen. */
  const kept = async (table) => {
    if (!options.database.canQuery) return undefined;
    return app.query(`SELECT * FROM kavach_${table} ORDER BY id`);
  };
  return { ...app, user, session, token: app.client.token, kept };
}

for (const database of databases()) {
  const { skip } = database;
  describe(`a disabled user on ${database.name}`, { skip }, () => {
    test('loses every session at once, in every instance, and nobody else does', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, user, token, client } = app;
      const bystander = app.browser();
      await bystander.signIn('kavya');
      const { token: made } = await kavach.auth.session.create(user.id);
      const other = isShared(database) ? await app.open() : kavach;
      assert.ok(await other.auth.session.validate(made));

      assert.equal(await kavach.users.disable(user.id), true);
      for (const instance of [kavach, other]) {
        for (const dead of [token, made]) {
          assert.equal(await instance.auth.session.validate(dead), null);
          const headers = { authorization: `Bearer ${dead}` };
          assert.equal(await instance.auth.getSession(headers), null);
          assert.equal(await instance.auth.resolveUser(headers), null);
        }
        assert.deepEqual(await instance.auth.session.list(user.id), []);
      }
      await assertError(await client.getJson('/auth/session'), 401, 'unauthenticated');
      await assertError(await client.post(LINK, BODY), 401, 'unauthenticated');
      assert.ok(await bystander.session());
      await app.assertRows({ users: 2, oauth_accounts: 2, sessions: 1 });
      assert.equal((await kavach.users.get(user.id)).email, 'jane@example.com');
    });

    test('is refused at sign-in, as page and as JSON, and nothing is written', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, user, kept, bitbucket } = app;
      await kavach.users.disable(user.id);
      const before = [await kept('users'), await kept('oauth_accounts')];
      Object.assign(bitbucket.users.jane, { display_name: 'Changed', location: 'elsewhere' });
      const browser = app.browser();
      const response = await browser.signIn('jane');
      assertErrorPage(response, 'user_disabled');
      assert.ok(response.headers.getSetCookie().every((line) => !line.includes('kvs_')));
      assert.equal(browser.token, undefined);
      const back = await approve(await browser.authorize(), { user: 'jane' });
      await assertError(await browser.getJson(back), 403, 'user_disabled');
      const page = await (await browser.get('/auth/error?error=user_disabled')).text();
      assert.ok(page.includes('This user may not sign in at present.'), page);

      assert.deepEqual([await kept('users'), await kept('oauth_accounts')], before);
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 0 });
      const closed = { oauth: { disableSignUp: true } };
      const other = isShared(database) ? await app.open(closed) : kavach;
      assertErrorPage(await app.browser(undefined, other).signIn('jane'), 'user_disabled');
    });

    test('gets no session by call', async (t) => {
      const { kavach, user, assertRows } = await signedIn(t, { database });
      await kavach.users.disable(user.id);
      const error = await rejects(kavach.auth.session.create(user.id), 'user_disabled');
      assert.equal(error.status, 403);
      await rejects(kavach.auth.session.create(UNKNOWN_ID), 'user_not_found');
      await assertRows({ sessions: 0 });
    });

    test('gains no account by an equal address', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, user, kept, bitbucket } = app;
      await kavach.users.disable(user.id);
      const before = [await kept('users'), await kept('oauth_accounts')];
      bitbucket.users.kavya.emails = bitbucket.users.jane.emails;
      const other = app.browser();
      assertErrorPage(await other.signIn('kavya'), 'user_disabled');
      assert.equal(await other.session(), null);
      assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);
      assert.deepEqual([await kept('users'), await kept('oauth_accounts')], before);

      await kavach.users.enable(user.id);
      await other.signIn('kavya');
      assert.equal((await other.session()).user.id, user.id);
    });

    test('cannot finish a linking that was started before', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, user, client } = app;
      const { url } = await (await client.post(LINK, BODY)).json();
      const back = await approve(url, { user: 'kavya' });
      await kavach.users.disable(user.id);
      await assertError(await client.getJson(back), 403, 'session_changed');
      assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);
      // Nor can anybody take the accounts over.
      const thief = app.browser();
      await thief.signIn('capital');
      assertErrorPage(await thief.link('jane'), 'account_linked_elsewhere');
    });

    test('is let in again by enable, with nothing lost but the sessions', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, user, token, client } = app;
      const accounts = await kavach.auth.getOAuthConnections(user.id);
      await kavach.users.disable(user.id, { reason: 'spam' });
      assert.equal(await kavach.users.enable(user.id), true);
      assert.equal(await kavach.users.enable(user.id), true);
      assert.equal(await kavach.auth.session.validate(token), null, 'dead for good');
      assert.deepEqual(await kavach.auth.getOAuthConnections(user.id), accounts);
      const response = await client.signIn('jane');
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      assert.equal((await client.session()).user.id, user.id);
      assert.ok(await kavach.auth.session.create(user.id));
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 2 });
    });

    test('may come back at the moment that until names', async (t) => {
      const { kavach, user, client } = await signedIn(t, { database });
      const until = new Date(Date.now() + 1500);
      assert.equal(await kavach.users.disable(user.id, { until }), true);
      await rejects(kavach.auth.session.create(user.id), 'user_disabled');
      assertErrorPage(await client.signIn('jane'), 'user_disabled');
      await sleep(until - Date.now() + 20);
      assert.equal((await client.signIn('jane')).headers.get('location'), `${BASE_URL}/`);
      assert.equal((await client.session()).user.id, user.id);
      assert.ok(await kavach.auth.session.create(user.id));
    });

    test('is let in at once by an until in the past, which ends no session', async (t) => {
      const { kavach, user, token } = await signedIn(t, { database });
      for (const until of [new Date(Date.now() - 1), new Date(0), new Date(-8.64e15)]) {
        assert.equal(await kavach.users.disable(user.id, { until }), true);
        assert.ok(await kavach.auth.session.validate(token));
      }
      await kavach.users.disable(user.id);
      await rejects(kavach.auth.session.create(user.id), 'user_disabled');
      await kavach.users.disable(user.id, { until: new Date(0) });
      assert.ok(await kavach.auth.session.create(user.id));
      assert.equal(await kavach.users.disable(UNKNOWN_ID, { until: new Date(0) }), false);
      assert.equal(await kavach.users.disable(user.id, { until: new Date(8.64e15) }), true);
      await rejects(kavach.auth.session.create(user.id), 'user_disabled');
    });

    const testWithin = database.canQuery ? test : none;
    testWithin('has the reason and the time in the database, and nowhere else', async (t) => {
      const { kavach, user, kept } = await signedIn(t, { database });
      const state = async () => {
        const [{ disabled_until: until, disabled_reason: reason }] = await kept('users');
        return [until === null ? null : Number(until), reason];
      };
      assert.deepEqual(await state(), [null, null]);
      const reason = 'Spam; "quoted", \'quoted\', 北京 😀 %s\n?';
      const until = new Date(Date.now() + 60_000);
      await kavach.users.disable(user.id, { reason, until });
      assert.deepEqual(await state(), [until.getTime(), reason]);
      assert.ok(!JSON.stringify(await kavach.users.get(user.id)).includes('Spam'));
      const refused = await rejects(kavach.auth.session.create(user.id), 'user_disabled');
      assert.ok(!refused.message.includes('Spam'));
      await kavach.users.disable(user.id);
      const [forever, none] = await state();
      assert.ok(forever > Date.now() + 1000 * 365 * 86_400_000, String(forever));
      assert.equal(none, null);
      await kavach.users.enable(user.id);
      assert.deepEqual(await state(), [null, null]);
    });

    test('must be one: an unknown id is false, a wrong argument is refused', async (t) => {
      const { kavach, user, token } = await signedIn(t, { database });
      const { disable, enable } = kavach.users;
      for (const id of [UNKNOWN_ID, '', 'x', user.id.toUpperCase(), `${user.id} `, "' OR 1=1 --"]) {
        assert.equal(await disable(id), false, id);
        assert.equal(await enable(id), false, id);
      }
      for (const id of [undefined, null, 7, {}, [user.id], `${user.id}\0`, true]) {
        await rejects(disable(id), 'argument_invalid');
        await rejects(enable(id), 'argument_invalid');
      }
      for (const options of [
        null, 7, 'x', [], [1], new Date(), Promise.resolve({}), { untill: new Date() },
        { until: Date.now() },
        { until: '2026-01-01' }, { until: null }, { until: new Date(NaN) }, { until: {} },
        { reason: 7 }, { reason: {} }, { reason: ['x'] }, { reason: 'a\0b' },
        { reason: 'x', notify: true },
      ]) {
        await rejects(disable(user.id, options), 'argument_invalid');
      }
      assert.ok(await kavach.auth.session.validate(token), 'still in');
      assert.equal(await disable(user.id, { reason: undefined, until: undefined }), true);
    });

    test('and a sign-in at the same moment: whoever wins, no session lives', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, user } = app;
      for (let round = 0; round < 3; round += 1) {
        await kavach.users.enable(user.id);
        const browsers = Array.from({ length: 6 }, () => app.browser());
        const backs = [];
        for (const browser of browsers) {
          backs.push(await approve(await browser.authorize(), { user: 'jane' }));
        }
        const all = browsers.map((browser, i) => browser.get(backs[i]));
        await sleep(round * 3);
        const [, ...responses] = await Promise.all([kavach.users.disable(user.id), ...all]);
        for (const { status } of responses) assert.equal(status, 302);
        for (const browser of browsers) assert.equal(await browser.session(), null);
        await kavach.users.enable(user.id);
        for (const browser of browsers) assert.equal(await browser.session(), null, 'for good');
        assert.deepEqual(await kavach.auth.session.list(user.id), []);
        await app.assertRows({ sessions: 0 });
      }
    });
  });
}
