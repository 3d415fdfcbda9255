// What the application's listener is told: what happened, to whom, from where, and never a secret.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify, inspect } from 'node:util';

import { approve, users } from '../testing/server.js';
import { BASE_URL, CONSUMER, SECRET, isShared, rejects, startApp } from './support/app.js';
import { reseal } from './support/app-seal.js';
import { assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const AGENT = 'Test/1 (é)';
const INFO = { ip: '203.0.113.7' };
const ORIGIN = { ipAddress: INFO.ip, userAgent: AGENT };
const PROVIDER = 'bitbucket';
const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';

async function listening(t, { kavach, ...options } = {}) {
  const events = [];
  const app = await startApp(t, {
    ...options, kavach: { ...kavach, events: (event) => events.push(event) },
  });
  /** What was told since the last call, when so many are in: they come when Node gets to it. */
  const told = async (count) => {
    for (let i = 0; events.length < count && i < 200; i += 1) await sleep(5);
    await sleep(20);
    const found = events.splice(0);
    assert.equal(found.length, count, inspect(found));
    return found;
  };
  const client = app.browser(INFO);
  return { ...app, events, told, client: agent(client) };
}

/** A browser that says what it is. */
function agent(client) {
  const get = client.get.bind(client);
  const post = client.post.bind(client);
  client.get = (target, headers) => get(target, { 'user-agent': AGENT, ...headers });
  client.post = (target, body, headers) => post(target, body, { 'user-agent': AGENT, ...headers });
  return client;
}

/** Asserts all of an event, and that its time is a `Date` of just now. */
function assertEvent(event, expected) {
  const { at, ...rest } = event;
  assert.ok(at instanceof Date && Math.abs(at - Date.now()) < 60_000, inspect(event));
  assert.deepEqual(rest, expected);
}

for (const database of databases()) {
  describe(`events on ${database.name}`, { skip: database.skip }, () => {
    test('tell of a first sign-in, a later one, and one that links by address', async (t) => {
      const { client, told, bitbucket, browser } = await listening(t, { database });
      await client.signIn('jane');
      const { user, session } = await client.session();
      const jane = { provider: PROVIDER, providerAccountId: users.jane.uuid, userId: user.id };
      const [created, signedIn] = await told(2);
      assertEvent(created, { type: 'user.created', ...jane, ...ORIGIN });
      const sessionId = session.id;
      assertEvent(signedIn, { type: 'user.signed_in', ...jane, sessionId, ...ORIGIN });

      client.cookies.clear();
      await client.signIn('jane');
      const again = (await client.session()).session.id;
      const [known] = await told(1);
      assertEvent(known, { type: 'user.signed_in', ...jane, sessionId: again, ...ORIGIN });

      bitbucket.users.kavya.emails = bitbucket.users.jane.emails;
      const other = browser();
      await other.signIn('kavya');
      const kavya = { ...jane, providerAccountId: users.kavya.uuid };
      const [linked, joined] = await told(2);
      assertEvent(linked, { type: 'account.linked', ...kavya });
      const third = (await other.session()).session.id;
      assertEvent(joined, { type: 'user.signed_in', ...kavya, sessionId: third });
    });

    test('tell of linking and unlinking, over HTTP and by call', async (t) => {
      const { client, told, kavach } = await listening(t, { database });
      await client.signIn('jane');
      const { user, session } = await client.session();
      await told(2);
      const kavya = { provider: PROVIDER, providerAccountId: users.kavya.uuid, userId: user.id };
      await client.link('kavya');
      const [linked] = await told(1);
      assertEvent(linked, { type: 'account.linked', ...kavya, sessionId: session.id, ...ORIGIN });

      const accounts = await kavach.auth.getOAuthConnections(user.id);
      const accountId = accounts.at(-1).id;
      await client.post('/auth/oauth/unlink', { provider: PROVIDER, accountId });
      const [unlinked] = await told(1);
      assertEvent(unlinked, { type: 'account.unlinked', ...kavya, ...ORIGIN });
      // Refused, so nothing happened.
      await client.post('/auth/oauth/unlink', { provider: PROVIDER });
      await rejects(kavach.auth.disconnectOAuth(user.id, PROVIDER), 'last_account');
      await told(0);
    });

    test('tell of sessions that end before their time, and of nothing else', async (t) => {
      const { client, told, kavach, browser } = await listening(t, { database });
      const type = 'session.revoked';
      await client.signIn('jane');
      const { user } = await client.session();
      const userId = user.id;
      const other = browser();
      await other.signIn('jane');
      await told(3);

      const sessionId = (await other.session()).session.id;
      await client.post('/auth/sessions/revoke', { id: sessionId });
      assertEvent((await told(1))[0], { type, userId, sessionId, ...ORIGIN });
      await client.post('/auth/sessions/revoke', { id: sessionId });
      await told(0);

      await kavach.auth.session.create(userId);
      await client.post('/auth/sessions/revoke', { others: true });
      assertEvent((await told(1))[0], { type, userId, ...ORIGIN });
      await client.post('/auth/sessions/revoke', { others: true });
      await told(0);

      const own = (await client.session()).session.id;
      await client.post('/auth/sign-out');
      assertEvent((await told(1))[0], { type, userId, sessionId: own, ...ORIGIN });
      await client.post('/auth/sign-out');
      await told(0);

      const made = await kavach.auth.session.create(userId);
      assert.equal(await kavach.auth.session.revoke(made.session.id), true);
      assertEvent((await told(1))[0], { type, sessionId: made.session.id });
      await kavach.auth.session.revoke(made.session.id);
      await kavach.auth.session.revoke(UNKNOWN_ID);
      await kavach.auth.session.revokeAll(userId);
      await told(0);

      await kavach.auth.session.create(userId);
      await kavach.auth.session.revokeAll(userId);
      assertEvent((await told(1))[0], { type, userId });
      await kavach.auth.session.create(userId);
      await kavach.users.disable(userId);
      assertEvent((await told(1))[0], { type, userId });
      await kavach.users.disable(userId);
      await kavach.users.disable(UNKNOWN_ID);
      await kavach.users.enable(userId);
      await told(0);
    });

    test('tell of every sign-in that was refused, and why', async (t) => {
      const { client, told, kavach, bitbucket } = await listening(t, { database });
      const type = 'sign_in.refused';
      const refused = async (code, provider = PROVIDER) => {
        const [event] = await told(1);
        assertEvent(event, { type, code, ...(provider && { provider }), ...ORIGIN });
      };
      await client.get('/auth/oauth/callback/bitbucket?state=x&code=y');
      await refused('state_invalid');
      await client.getJson('/auth/oauth/authorize/bitbucket?redirectTo=//evil.example');
      await refused('redirect_invalid');
      await client.getJson('/auth/oauth/authorize/no%20body');
      await refused('provider_unknown', null);
      await client.get(await approve(await client.authorize(), { user: 'jane', deny: true }));
      await refused('access_denied');
      bitbucket.fail('token', { status: 500 });
      await client.signIn('jane');
      await refused('provider_error');

      await client.signIn('jane');
      const { user } = await client.session();
      await kavach.users.disable(user.id);
      await told(3);
      client.cookies.clear();
      assertErrorPage(await client.signIn('jane'), 'user_disabled');
      await refused('user_disabled');
      // Who is signed in already goes on by the back button: nothing was refused.
      await kavach.users.enable(user.id);
      await client.signIn('jane');
      await told(1);
      await client.get('/auth/oauth/callback/bitbucket?state=x&code=y');
      await told(0);
    });

    test('hold no secret, whatever went well or wrong', async (t) => {
      const all = [];
      const app = await listening(t, {
        database, kavach: { events: undefined, rateLimit: { callback: { max: 6 } } },
      });
      const { client, bitbucket, kavach, events } = app;
      const secrets = new Set([SECRET, CONSUMER.secret]);
      const note = () => {
        for (const [name, value] of client.cookies) {
          secrets.add(value);
          if (!name.includes('flow')) continue;
          reseal({ name, value, secret: SECRET, change: (plain) => {
            secrets.add(plain.s).add(plain.v);
            return plain;
          } });
        }
      };
      const walk = async (user, options) => {
        const url = await client.authorize();
        note();
        const back = await approve(url, { user, ...options });
        const { searchParams } = new URL(back);
        for (const name of ['code', 'state']) secrets.add(searchParams.get(name) ?? SECRET);
        await client.get(back);
        note();
      };
      await walk('jane');
      const { user } = await client.session();
      const { accessToken } = await kavach.auth.getAccessToken(user.id, PROVIDER);
      secrets.add(accessToken);
      await client.link('kavya');
      note();
      await walk('jane', { deny: true });
      bitbucket.fail('user', { status: 401 });
      await walk('jane');
      await client.post('/auth/sign-out');
      for (let i = 0; i < 4; i += 1) await walk('capital');
      await kavach.users.disable(user.id);
      await walk('jane');
      for (const { body, headers } of bitbucket.requests) {
        const form = new URLSearchParams(body);
        for (const name of ['code', 'code_verifier', 'refresh_token']) {
          if (form.get(name)) secrets.add(form.get(name));
        }
        if (headers.authorization) secrets.add(headers.authorization.split(' ')[1]);
      }
      await sleep(50);
      all.push(...events);
      const types = new Set(all.map(({ type }) => type));
      assert.ok(types.size >= 5, [...types].join());
      const shown = JSON.stringify(all) + inspect(all, { depth: Infinity, showHidden: true });
      assert.ok(secrets.size > 20, `${secrets.size} secrets`);
      for (const secret of secrets) {
        for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) {
          assert.ok(!shown.includes(form), `${form} in ${shown}`);
        }
      }
      assert.ok(!shown.includes('@example.com'), 'an address');
    });

    test('reach a listener that throws, rejects or hangs, and no request minds', async (t) => {
      const failures = [];
      const note = (error) => failures.push(error);
      process.on('unhandledRejection', note).on('uncaughtException', note);
      t.after(() => process.off('unhandledRejection', note).off('uncaughtException', note));
      let calls = 0;
      for (const listener of [
        () => { throw new Error('full'); },
        async () => { throw new Error('full'); },
        () => { throw undefined; },
        () => new Promise(() => {}),
        () => new Proxy({}, { get() { throw new Error('full'); } }),
        (event) => { Object.assign(event, { type: 'forged', at: null }); },
      ]) {
        const events = (event) => {
          calls += 1;
          return listener(event);
        };
        const { client, kavach } = await startApp(t, { database, kavach: { events } });
        const response = await client.signIn('jane');
        assert.equal(response.headers.get('location'), `${BASE_URL}/`);
        const { user } = await client.session();
        assertErrorPage(await client.signIn('team'), 'provider_error');
        assert.equal(await kavach.users.disable(user.id), true);
      }
      await sleep(50);
      assert.equal(calls, 6 * 4);
      assert.deepEqual(failures, []);
    });
  });
}

test('of one instance are told to its own listener only, in their order', async (t) => {
  const database = databases().find((candidate) => !candidate.skip && isShared(candidate));
  const one = await listening(t, { database });
  const heard = [];
  const other = await one.open({ kavach: { events: (event) => heard.push(event) } });
  for (let i = 0; i < 5; i += 1) await one.client.signIn('jane');
  const told = await one.told(6);
  const times = told.map(({ at }) => at.getTime());
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  const expected = ['user.created', ...Array(5).fill('user.signed_in')];
  assert.deepEqual(told.map(({ type }) => type), expected);
  await one.browser(INFO, other).signIn('jane');
  await one.told(0);
  assert.deepEqual(heard.map(({ type }) => type), ['user.signed_in']);
});

test('keep no process alive, with a listener that hangs neither', { timeout: 20_000 }, async () => {
  const path = (name) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    import { setTimeout as sleep } from 'node:timers/promises';
    const { createKavach } = await import(${path('../index.js')});
    const { bitbucketProvider, oauth } = await import(${path('../auth.js')});
    const kavach = await createKavach({
      database: { provider: 'sqlite', url: ':memory:' },
      secret: ${JSON.stringify(SECRET)},
      baseUrl: 'https://your-app.com',
      events: (event) => { console.log(event.type); return new Promise(() => {}); },
      plugins: [oauth({ providers: [bitbucketProvider('x', 'y')] })],
    });
    await kavach.handler(new Request('https://your-app.com/api/kavach/auth/oauth/callback/x'));
    await sleep(100);`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
  assert.equal(stdout, 'sign_in.refused\n');
});

test('what is no function is no listener', async (t) => {
  for (const events of ['x', {}, 7, true, []]) {
    const error = await rejects(startApp(t, { kavach: { events } }), 'config_invalid');
    assert.match(error.message, /`events`/);
  }
});
