// Sessions: by cookie and by token, over HTTP and by call, until they end.

import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { approve } from '../testing/server.js';
import { BASE_URL, isShared, rejects, startApp } from './support/app.js';
import { assertError, setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const COOKIE = '__Host-kavach_session';
const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';
const UNKNOWN_TOKEN = `kvs_${'x'.repeat(43)}`;

async function signedIn(t, options) {
  const app = await startApp(t, options);
  await app.client.signIn('jane');
  return { ...app, ...(await app.client.session()), token: app.client.token };
}

for (const database of databases()) {
  describe(`sessions on ${database.name}`, { skip: database.skip }, () => {
    test('are found by all that holds headers, by cookie or bearer token', async (t) => {
      const { kavach, user, token } = await signedIn(t, { database });
      const cookie = `other=1; ${COOKIE}=${token}; kavach_session=x`;
      const authorization = `Bearer ${token}`;
      const message = new IncomingMessage(null);
      message.headers = { cookie };
      for (const source of [
        new Request(BASE_URL, { headers: { cookie } }), new Headers({ cookie }), { cookie },
        { Cookie: cookie }, { headers: { cookie } }, { headers: new Headers({ cookie }) }, message,
        new Request(BASE_URL, { headers: { authorization } }), { authorization },
        { authorization: `bearer  ${token}` }, { AUTHORIZATION: authorization },
        { cookie: [`a=b`, cookie] }, { authorization, cookie: `${COOKIE}=${UNKNOWN_TOKEN}` },
      ]) {
        const found = await kavach.auth.getSession(source);
        assert.equal(found?.user.id, user.id, String(source));
        assert.ok(found.session.expiresAt instanceof Date && found.user.createdAt instanceof Date);
        assert.deepEqual(await kavach.auth.resolveUser(source), {
          id: user.id, email: 'jane@example.com', name: 'Jane Example', image: user.image,
        });
      }
    });

    test('are not found by what is none', async (t) => {
      const { kavach, token } = await signedIn(t, { database });
      for (const headers of [
        {}, { cookie: '' }, { cookie: COOKIE }, { cookie: `${COOKIE}=` },
        { cookie: `x${COOKIE}=${token}` },
        { cookie: `${COOKIE}=${UNKNOWN_TOKEN}` }, { cookie: `${COOKIE}="${token}"` },
        { cookie: `kavach_session=${token}` }, { cookie: `${COOKIE.toLowerCase()}=${token}` },
        { cookie: `${COOKIE}=${token}x` }, { cookie: `${COOKIE}=${token.slice(0, -1)}` },
        { cookie: `${COOKIE}=${token.toUpperCase()}` },
        { cookie: `__proto__=${token}; constructor=x` },
        { authorization: 'Bearer' }, { authorization: 'Bearer ' }, { authorization: 'Bearer %' },
        { authorization: token }, { authorization: `Basic ${token}` },
        { authorization: `Bearer${token}` },
        { authorization: [`Bearer ${token}`, `Bearer ${token}`] },
        { authorization: `Bearer ${token}, x` },
        { cookie: Array.from({ length: 5000 }, (_, i) => `${COOKIE}${i}=${token}`).join('; ') },
      ]) {
        const shown = JSON.stringify(headers).slice(0, 200);
        assert.equal(await kavach.auth.getSession(headers), null, shown);
        assert.equal(await kavach.auth.resolveUser(headers), null);
      }
    });

    test('record who signed in from where, by the socket and not by a header', async (t) => {
      const app = await startApp(t, { database, kavach: { trustedProxies: ['10.0.0.0/8'] } });
      const record = async (ip, headers) => {
        const browser = app.browser({ ip });
        const back = await approve(await browser.authorize(), { user: 'jane' });
        await browser.get(back, headers);
        const { session } = await browser.session();
        return [session.ipAddress, session.userAgent];
      };
      const forwarded = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7', 'user-agent': 'Test/1 é' };
      assert.deepEqual(await record('198.51.100.1', forwarded), ['198.51.100.1', 'Test/1 é']);
      assert.deepEqual(await record('10.1.2.3', forwarded), ['203.0.113.7', 'Test/1 é']);
      assert.deepEqual(await record('::ffff:198.51.100.1', {}), ['198.51.100.1', null]);
      assert.deepEqual(await record(undefined, forwarded), [null, 'Test/1 é']);
      const [, agent] = await record('2001:db8::1', { 'user-agent': 'x'.repeat(9000) });
      assert.ok(agent.length <= 512);
    });

    test('are made, validated, listed and revoked by call', async (t) => {
      const { kavach, user, session: first } = await signedIn(t, { database });
      const { session: api } = kavach.auth;
      const metadata = { device: 'cli', deep: { at: '2026-01-01', list: [1, null, 'é'] } };
      const { session, token } = await api.create(user.id, metadata);
      assert.match(token, /^kvs_[\w-]{43}$/);
      assert.deepEqual(session, {
        id: session.id, userId: user.id, createdAt: session.createdAt, expiresAt: session.expiresAt,
        fresh: true, ipAddress: null, userAgent: null, metadata,
      });
      assert.equal(session.expiresAt - session.createdAt, 7 * 86_400_000);
      const validated = await api.validate(token);
      assert.deepEqual(validated.session, session);
      assert.equal(validated.user.id, user.id);

      const third = await api.create(user.id);
      assert.equal(third.session.metadata, null);
      const ids = (await api.list(user.id)).map(({ id }) => id);
      assert.deepEqual(ids, [third.session.id, session.id, first.id]);

      assert.equal(await api.revoke(session.id), true);
      assert.equal(await api.revoke(session.id), false);
      assert.equal(await api.validate(token), null);
      assert.equal(await api.revokeAll(user.id, { except: first.id }), 1);
      assert.deepEqual((await api.list(user.id)).map(({ id }) => id), [first.id]);
      assert.equal(await api.revokeAll(user.id), 1);
      assert.equal(await api.revokeAll(user.id), 0);
      assert.deepEqual(await api.list(user.id), []);
      assert.deepEqual(await api.list(UNKNOWN_ID), []);
    });

    test('are not made for nobody, nor with what JSON cannot hold', async (t) => {
      const { kavach, user } = await signedIn(t, { database });
      const { session: api } = kavach.auth;
      await rejects(api.create(UNKNOWN_ID), 'user_not_found');
      const cycle = {};
      cycle.self = cycle;
      for (const metadata of [[], 'x', 7, true, cycle, { n: 1n }, { big: 'x'.repeat(20_000) }]) {
        await rejects(api.create(user.id, metadata), 'argument_invalid');
      }
      for (const id of [undefined, null, 7, {}, [user.id], `${user.id}\0`]) {
        await rejects(api.create(id), 'argument_invalid');
        await rejects(api.revoke(id), 'argument_invalid');
        await rejects(api.list(id), 'argument_invalid');
        await rejects(api.validate(id), 'argument_invalid');
        await rejects(kavach.users.get(id), 'argument_invalid');
      }
      await rejects(api.revokeAll(user.id, { exept: 'x' }), 'argument_invalid');
      await rejects(api.revokeAll(user.id, 'x'), 'argument_invalid');
    });

    test('end with signing out, and signing out twice is fine', async (t) => {
      const { client, kavach, token, assertRows } = await signedIn(t, { database });
      for (let i = 0; i < 2; i += 1) {
        const response = await client.post('/auth/sign-out');
        assert.deepEqual(await response.json(), { success: true });
        const [cookie] = setCookies(response);
        assert.deepEqual([cookie.name, cookie.value], [COOKIE, '']);
        assert.equal(cookie.attributes.get('max-age'), '0');
      }
      assert.equal(client.token, undefined);
      assert.equal(await kavach.auth.session.validate(token), null);
      await assertError(await client.getJson('/auth/session'), 401, 'unauthenticated');
      await assertRows({ users: 1, oauth_accounts: 1, sessions: 0 });
    });

    test('are listed to their user, who ends one or all others', async (t) => {
      const { client, browser } = await signedIn(t, { database });
      const [phone, tablet] = [browser(), browser()];
      await phone.signIn('jane');
      await tablet.signIn('jane');
      const list = async () => (await (await client.getJson('/auth/sessions')).json()).sessions;
      const sessions = await list();
      assert.deepEqual(sessions.map(({ current }) => current), [false, false, true]);
      for (const session of sessions) assert.ok(!JSON.stringify(session).includes('kvs_'));

      const { session } = await phone.session();
      const revoked = await client.post('/auth/sessions/revoke', { id: session.id });
      assert.deepEqual(await revoked.json(), { success: true });
      assert.equal(await phone.session(), null);
      assert.ok(await tablet.session());
      await client.post('/auth/sessions/revoke', { others: true });
      assert.equal(await tablet.session(), null);
      assert.ok(await client.session());
      assert.equal((await list()).length, 1);
    });

    test("of someone else cannot be ended, nor seen", async (t) => {
      const { client, browser, session, kavach, token } = await signedIn(t, { database });
      const thief = browser();
      await thief.signIn('kavya');
      const body = { id: session.id };
      await assertError(await thief.post('/auth/sessions/revoke', body), 404, 'session_not_found');
      for (const id of [UNKNOWN_ID, '', session.id.toUpperCase(), `${session.id} `, 'x\0', "'--"]) {
        const response = await thief.post('/auth/sessions/revoke', { id });
        assert.ok([400, 404].includes(response.status), `${response.status} for ${id}`);
      }
      await thief.post('/auth/sessions/revoke', { others: true });
      assert.ok(await kavach.auth.session.validate(token));
      const { sessions } = await (await thief.getJson('/auth/sessions')).json();
      assert.equal(sessions.length, 1);
      assert.ok(await client.session());
    });

    test('die with their user, with the accounts, at once and in every instance', async (t) => {
      const { client, kavach, user, token, open, assertRows } = await signedIn(t, { database });
      const other = isShared(database) ? await open() : kavach;
      assert.ok(await other.auth.session.validate(token));
      assert.equal(await kavach.users.delete(user.id), true);
      assert.equal(await kavach.users.delete(user.id), false);
      assert.equal(await other.auth.session.validate(token), null);
      assert.equal(await client.session(), null);
      assert.equal(await kavach.users.get(user.id), null);
      assert.deepEqual(await kavach.auth.getOAuthConnections(user.id), []);
      await assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
      await client.signIn('jane');
      assert.notEqual((await client.session()).user.id, user.id);
    });

    test('users are found by id and by address, whatever its case and blanks', async (t) => {
      const { kavach, client } = await startApp(t, { database });
      await client.signIn('capital');
      const { user } = await client.session();
      assert.equal((await kavach.users.get(user.id)).email, 'capital.case+tag@example.com');
      for (const email of [
        'capital.case+tag@example.com', 'Capital.Case+Tag@EXAMPLE.com',
        '  capital.case+tag@example.com\n',
      ]) {
        assert.equal((await kavach.users.findByEmail(email))?.id, user.id, email);
      }
      for (const email of [
        'capital.case@example.com', 'capital.case+tag@example.com.evil', '', '%', 'x', ' ',
        'cap\u0131tal.case+tag@example.com', 'c\u00e0pital.case+tag@example.com',
        "' OR 1=1 --@example.com",
      ]) {
        assert.equal(await kavach.users.findByEmail(email), null, email);
      }
      await rejects(kavach.users.findByEmail('capital.case+tag@example.com\0'), 'argument_invalid');
      assert.equal(await kavach.users.get(UNKNOWN_ID), null);
      assert.equal(await kavach.users.get(user.id.toUpperCase()), null);
    });
  });
}

// The clock is the same for all, so all databases wait for it together.
const everywhere = databases().filter(({ skip }) => !skip);

test('sessions expire after expiresIn, and vanish from the list', async (t) => {
  const options = { kavach: { auth: { session: { expiresIn: 1 } } } };
  await Promise.all(everywhere.map(async (database) => {
    const { kavach, user, client } = await signedIn(t, { database, ...options });
    const { token } = await kavach.auth.session.create(user.id);
    assert.ok(await kavach.auth.session.validate(token), database.name);
    await sleep(1100);
    assert.equal(await kavach.auth.session.validate(token), null);
    assert.equal(await client.session(), null);
    assert.deepEqual(await kavach.auth.session.list(user.id), []);
  }));
});

test('sessions live on while they are used, but never beyond maxAge', async (t) => {
  const session = { expiresIn: 1, updateAge: 0, maxAge: 2 };
  await Promise.all(everywhere.map(async (database) => {
    const { kavach, user } = await signedIn(t, { database, kavach: { auth: { session } } });
    const { token, session: made } = await kavach.auth.session.create(user.id);
    const age = () => Date.now() - made.createdAt;
    let last = made.expiresAt;
    while (age() < 1700) {
      const found = await kavach.auth.session.validate(token);
      assert.ok(found, `alive on ${database.name} at ${age()} ms`);
      assert.ok(found.session.expiresAt >= last);
      last = found.session.expiresAt;
      await sleep(200);
    }
    assert.ok(last > made.expiresAt, 'extended');
    assert.ok(last - made.createdAt <= 2000);
    await sleep(2100 - age());
    assert.equal(await kavach.auth.session.validate(token), null);
  }));
});
