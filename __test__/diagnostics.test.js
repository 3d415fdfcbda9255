// What `node:diagnostics_channel` is told, and what `health`, `metrics` and `prune` say.

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { createKavach } from '../index.js';
import { BASE_URL, SECRET, rejects, startApp } from './support/app.js';
import { databases } from './support/database-matrix.js';

const CHANNELS = ['sign-in', 'session', 'provider-call', 'database'];

/** Collects what the channels say until the test ends: `{ channel: [message, …] }`. */
function listen(t) {
  const heard = Object.fromEntries(CHANNELS.map((name) => [name, []]));
  for (const name of CHANNELS) {
    const take = (message) => heard[name].push(message);
    subscribe(`kavachos:${name}`, take);
    t.after(() => unsubscribe(`kavachos:${name}`, take));
  }
  return heard;
}

/** They come from other threads, in order. */
const settle = () => sleep(100);

test('a sign-in tells of itself, its provider calls and its statements, with timings', async (t) => {
  const heard = listen(t);
  const { client, bitbucket } = await startApp(t);
  const before = Date.now();
  await client.signIn('jane');
  await settle();

  const [signIn, ...more] = heard['sign-in'];
  assert.deepEqual(more, []);
  assert.equal(signIn.provider, 'bitbucket');
  assert.equal(signIn.link, false);
  assert.equal('code' in signIn, false);
  assert.ok(signIn.startedAt >= before && signIn.startedAt <= Date.now());
  assert.ok(signIn.milliseconds > 0);

  const { tokenUrl, userInfoUrl, emailsUrl } = bitbucket.endpoints;
  const calls = heard['provider-call'].map(({ method, url, status }) => `${method} ${url} ${status}`);
  assert.deepEqual(
    calls.toSorted(),
    [`POST ${tokenUrl} 200`, `GET ${userInfoUrl} 200`, `GET ${emailsUrl} 200`].toSorted(),
  );
  const operations = heard.database.map(({ operation }) => operation);
  assert.ok(operations.includes('spend_state') && operations.includes('sign_in'), `${operations}`);
  assert.ok(heard.database.every(({ ok, milliseconds }) => ok && milliseconds > 0));
});

test('a refused sign-in tells why', async (t) => {
  const heard = listen(t);
  const { client } = await startApp(t);
  const url = await client.authorize();
  const state = new URL(url).searchParams.get('state');
  await client.get(`/auth/oauth/callback/bitbucket?error=access_denied&state=${state}`);
  await settle();
  assert.deepEqual(heard['sign-in'].map(({ code }) => code), ['access_denied']);
});

test('a session check tells whether the database was asked', async (t) => {
  const heard = listen(t);
  const { client, kavach } = await startApp(t);
  await client.signIn('jane');
  const cookie = `__Host-kavach_session=${client.token}`;
  heard.session.length = 0;
  assert.ok(await kavach.auth.getSession({ cookie }));
  assert.ok(await kavach.auth.getSession({ cookie }));
  assert.ok(await client.session());
  assert.equal(await kavach.auth.getSession({ cookie: `${cookie.slice(0, -1)}_` }), null);
  await settle();
  const told = heard.session.map(({ from, found }) => `${from} ${found}`).toSorted();
  assert.deepEqual(told, ['database false', 'database true', 'memory true', 'memory true']);
});

test('nothing secret is told', async (t) => {
  const heard = listen(t);
  const { client, kavach } = await startApp(t);
  await client.signIn('jane');
  const { user } = await client.session();
  const { accessToken } = await kavach.auth.getAccessToken(user.id, 'bitbucket');
  await settle();
  const text = JSON.stringify(heard);
  for (const secret of [client.token, accessToken, user.email, 'code=']) {
    assert.equal(text.includes(secret), false, secret);
  }
});

test('metrics count what happened', async (t) => {
  const { kavach, client, browser } = await startApp(t);
  const zero = kavach.metrics();
  assert.ok(Object.values(zero).every((value) => value === 0), JSON.stringify(zero));
  await client.signIn('jane');
  await client.signIn('jane');
  await browser().get('/auth/oauth/callback/bitbucket?code=x&state=y');
  await client.session();
  await client.session();
  const metrics = kavach.metrics();
  assert.equal(metrics.signIns, 2);
  assert.equal(metrics.signInsRefused, 1);
  assert.equal(metrics.usersCreated, 1);
  assert.equal(metrics.providerCalls, 6);
  assert.equal(metrics.providerCallsFailed, 0);
  assert.ok(metrics.sessionChecks > metrics.sessionChecksFromMemory);
  assert.ok(metrics.sessionChecksFromMemory >= 1);
  assert.ok(metrics.databaseCalls >= 4);
  assert.equal(metrics.databaseCallsFailed, 0);
});

test('metrics count calls that brought no answer, and requests that must wait', async (t) => {
  const { kavach, client, bitbucket } = await startApp(t, {
    kavach: { rateLimit: { callback: { max: 1 } } },
  });
  const url = await client.authorize();
  await bitbucket.close();
  const state = new URL(url).searchParams.get('state');
  const info = { ip: '203.0.113.9' };
  const callback = `https://your-app.com/api/kavach/auth/oauth/callback/bitbucket?code=x&state=${state}`;
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  for (let i = 0; i < 3; i += 1) {
    await kavach.handler(new Request(callback, { headers: { cookie } }), info);
  }
  const metrics = kavach.metrics();
  assert.equal(metrics.providerCallsFailed, 1);
  assert.equal(metrics.rateLimited, 2);
});

for (const database of databases()) {
  const { name, skip } = database;

  test(`health says that the database answers, on ${name}`, { skip }, async (t) => {
    const { kavach, client, database: options } = await startApp(t, { database });
    const health = await kavach.health();
    assert.equal(health.ok, true);
    assert.equal(health.database.ok, true);
    assert.equal(health.database.provider, options.provider);
    assert.ok(health.database.milliseconds >= 0);
    assert.equal('error' in health.database, false);
    assert.ok(health.pool.open >= 1 && health.pool.max >= health.pool.open);
    await client.signIn('jane');
    await client.session();
    await sleep(400);
    await client.session();
    const { cache } = await kavach.health();
    assert.deepEqual(cache, { state: 'proven', entries: 1 });
  });

  test(`prune deletes what has expired, on ${name}`, { skip }, async (t) => {
    const session = { expiresIn: 1, updateAge: 1, freshAge: 1, maxAge: 60 };
    const { kavach, client, assertRows } = await startApp(t, {
      database,
      kavach: { auth: { session } },
    });
    await client.signIn('jane');
    await client.signIn('jane');
    await assertRows({ sessions: 2 });
    await sleep(1100);
    await kavach.prune();
    await assertRows({ sessions: 0, users: 1 });
  });

  // A MySQL connection that is open already answers even when its database is gone.
  if (name !== 'postgres') continue;
  test(`health says why the database does not answer, on ${name}`, { skip }, async (t) => {
    const { options, drop } = await database.fresh();
    const kavach = await createKavach({
      database: options,
      secret: SECRET,
      baseUrl: BASE_URL,
      auth: { session: { cache: { enabled: false } } },
    });
    t.after(() => kavach.close());
    assert.deepEqual((await kavach.health()).cache, { state: 'off', entries: 0 });
    await drop();
    const { ok, database: state } = await kavach.health();
    assert.equal(ok, false);
    assert.equal(state.ok, false);
    assert.match(state.error, /\w/);
    assert.equal(state.error.includes(new URL(options.url).password), false);
  });
}

test('health and prune reject once the instance is closed', async (t) => {
  const { kavach } = await startApp(t);
  await kavach.close();
  await rejects(kavach.health(), 'closed');
  await rejects(kavach.prune(), 'closed');
});
