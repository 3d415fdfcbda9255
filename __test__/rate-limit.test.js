// How often one address may ask: in memory and in the database, over HTTP and by call.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { approve } from '../testing/server.js';
import { toNodeHandler } from '../node.js';
import { isShared, memory, rejects, startApp } from './support/app.js';
import { assertError } from './support/client.js';
import { databases } from './support/database-matrix.js';

/** For what cannot be tried on a database: no test, rather than one that is skipped. */
const none = () => {};


const AUTHORIZE = '/auth/oauth/authorize/bitbucket';
const CALLBACK = '/auth/oauth/callback/bitbucket?state=x&code=y';
const SESSION = '/auth/session';
const BODY = { provider: 'bitbucket' };
/** The window of a test that waits for none: it ends at midnight. */
const DAY = 86_400;

/** Servers lend a database to one test after the other, counts and all: nobody comes twice. */
const address = () => `198.18.${randomInt(256)}.${randomInt(256)}`;
const group = () => randomInt(65_536).toString(16);
const network = () => `2001:db8:${group()}:${group()}`;

const limited = (t, rateLimit, { database, ...kavach } = {}) =>
  startApp(t, { database, kavach: { rateLimit, ...kavach } });

/** The statuses that an address gets, one after the other. */
async function statuses({ browser }, ip, times, path = SESSION, headers = {}) {
  const found = [];
  for (let i = 0; i < times; i += 1) {
    found.push((await browser({ ip }).getJson(path, headers)).status);
  }
  return found;
}

/** Waits for a window that is not about to end. */
async function room(seconds, needed) {
  const left = seconds * 1000 - (Date.now() % (seconds * 1000));
  if (left < needed) await sleep(left + 5);
}

const storages = [
  ['memory', memory],
  ...databases().map((database) => ['database', database]),
];

for (const [storage, database] of storages) {
  const { skip } = database;
  describe(`limits counted in ${storage}, on ${database.name}`, { skip }, () => {
    test('an address passes as often as its limit says, and each by itself', async (t) => {
      const app = await limited(t, { storage, max: 3, window: DAY }, { database });
      const [one, two] = [address(), address()];
      assert.deepEqual(await statuses(app, one, 5), [401, 401, 401, 429, 429]);
      assert.deepEqual(await statuses(app, two, 4), [401, 401, 401, 429]);
    });

    test('each kind of endpoint has a count of its own, whatever was asked of it', async (t) => {
      const rateLimit = {
        storage, max: 9, window: DAY, authorize: { max: 1 }, callback: { max: 2 },
        link: { max: 3 }, session: { max: 4 },
      };
      const app = await limited(t, rateLimit, { database });
      const client = app.browser({ ip: address() });
      const asks = {
        authorize: [
          () => client.get(AUTHORIZE), () => client.get('/auth/oauth/authorize/nobody?x=1'),
        ],
        callback: [
          () => client.get(CALLBACK), () => client.post(CALLBACK, 'state=x'),
          () => client.getJson('/auth/oauth/callback/nobody'),
        ],
        link: [
          () => client.post('/auth/oauth/link', BODY),
          () => client.post('/auth/oauth/unlink', BODY),
          () => client.post('/auth/oauth/link', '{'),
          () => client.post('/auth/oauth/unlink', BODY),
        ],
        session: [
          () => client.getJson(SESSION), () => client.getJson('/auth/sessions'),
          () => client.getJson('/auth/oauth/accounts'), () => client.post('/auth/sign-out'),
          () => client.getJson('/auth/oauth/providers'),
        ],
      };
      for (const [kind, all] of Object.entries(asks)) {
        for (const ask of all.slice(0, rateLimit[kind].max)) {
          assert.notEqual((await ask()).status, 429, kind);
        }
      }
      for (const [kind, all] of Object.entries(asks)) {
        for (const ask of all) assert.equal((await ask()).status, 429, kind);
      }
      for (let i = 0; i < 20; i += 1) {
        assert.equal((await client.get('/auth/error?error=rate_limited')).status, 200);
      }
    });

    test('many at once are counted one by one', async (t) => {
      const app = await limited(t, { storage, max: 10, window: DAY }, { database });
      const client = app.browser({ ip: address() });
      const all = await Promise.all(Array.from({ length: 40 }, () => client.getJson(SESSION)));
      assert.equal(all.filter(({ status }) => status === 401).length, 10);
      assert.equal(all.filter(({ status }) => status === 429).length, 30);
    });

    test('a browser is shown a page, whoever is no browser gets JSON', async (t) => {
      const app = await limited(t, { storage, max: 1, window: DAY }, { database });
      for (const path of [AUTHORIZE, CALLBACK]) {
        const client = app.browser({ ip: address() });
        await client.get(path);
        client.cookies.clear();
        const page = await client.get(path);
        assert.equal(page.status, 429);
        assert.match(page.headers.get('content-type'), /^text\/html/);
        assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
        assert.equal(page.headers.get('cache-control'), 'no-store');
        assert.equal(page.headers.get('location'), null);
        assert.ok(Number(page.headers.get('retry-after')) >= 1);
        const html = await page.text();
        assert.ok(html.includes('Too many requests') && html.includes('rate_limited'), html);
        assert.deepEqual(page.headers.getSetCookie(), []);
        await assertError(await client.getJson(path), 429, 'rate_limited');
      }
      const client = app.browser({ ip: address() });
      await client.get(SESSION);
      const fetched = await client.get(SESSION);
      assert.ok(Number(fetched.headers.get('retry-after')) >= 1);
      await assertError(fetched, 429, 'rate_limited');
    });

    test('what is refused was not done: no session ends, no code is spent', async (t) => {
      const rateLimit = { storage, window: DAY, callback: { max: 2 }, session: { max: 2 } };
      const app = await limited(t, rateLimit, { database });
      const client = app.browser({ ip: address() });
      await client.signIn('jane');
      const { token } = client;
      assert.ok(await client.session());
      await app.browser({ ip: address() }).getJson(CALLBACK);
      await client.getJson(CALLBACK);
      const before = await app.rows();
      const back = await approve(await client.authorize(), { user: 'kavya' });
      assert.equal((await client.get(back)).status, 429);
      assert.equal(app.bitbucket.count('token'), 1);
      assert.equal((await client.getJson(SESSION)).status, 200);
      assert.equal((await client.post('/auth/sign-out')).status, 429);
      assert.equal((await client.post('/auth/sessions/revoke', { others: true })).status, 429);
      assert.deepEqual(await app.rows(), before);
      assert.equal(client.token, token);
      assert.ok(await app.kavach.auth.session.validate(token));
      // From elsewhere the same flow still works.
      const moved = app.browser({ ip: address() });
      moved.cookies = new Map(client.cookies);
      assert.equal((await moved.get(back)).status, 302);
      assert.equal((await moved.session()).user.email, 'kavya@example.com');
    });

    test('[43] neighbours in a /64 and IPv4 in the clothes of IPv6 are one address', async (t) => {
      const app = await limited(t, { storage, max: 1, window: DAY }, { database });
      const net = network();
      const first = await statuses(app, `${net}::1`, 1);
      const spellings = [`${net}:ffff:ffff:ffff:ffff`, `${net.toUpperCase()}::1`, `${net}:0:0:0:1`];
      for (const ip of spellings) first.push(...(await statuses(app, ip, 1)));
      assert.deepEqual(first, [401, 429, 429, 429]);
      assert.deepEqual(await statuses(app, `${network()}::1`, 1), [401], 'the next network');

      const ip = address();
      const hex = ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0')).join('');
      const mapped = [
        `::ffff:${ip}`, `::FFFF:${ip}`, `0:0:0:0:0:ffff:${ip}`,
        `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`,
      ];
      assert.deepEqual(await statuses(app, mapped[0], 1), [401]);
      for (const spelling of [ip, ...mapped]) {
        assert.deepEqual(await statuses(app, spelling, 1), [429], spelling);
      }
    });
  });
}

// The clock is the same for all, so all wait for it together.
test('a refusal tells how long to wait, and then the address passes again', async (t) => {
  await room(2, 1500);
  await Promise.all(storages.filter(([, { skip }]) => !skip).map(async ([storage, database]) => {
    const app = await limited(t, { storage, max: 1, window: 2 }, { database });
    const client = app.browser({ ip: address() });
    while ((await client.getJson(SESSION)).status !== 429) assert.ok(app);
    const refused = await client.getJson(SESSION);
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 2, String(wait));
    await assertError(refused, 429, 'rate_limited');
    await sleep(wait * 1000 + 1000);
    assert.equal((await client.getJson(SESSION)).status, 401);
  }));
});

for (const database of databases()) {
  const { skip, canQuery } = database;
  describe(`a count in the database, on ${database.name}`, { skip }, () => {
    const hits = async ({ query }) => {
      const found = await query('SELECT hits FROM kavach_rate_limits');
      return { rows: found.length, sum: found.reduce((sum, row) => sum + Number(row.hits), 0) };
    };

    (isShared(database) ? test : none)('is shared by two instances', async (t) => {
      const rateLimit = { storage: 'database', max: 4, window: DAY };
      const app = await limited(t, rateLimit, { database });
      const other = await app.open();
      const ip = address();
      const found = [];
      for (let i = 0; i < 6; i += 1) {
        const client = app.browser({ ip }, i % 2 ? other : app.kavach);
        found.push((await client.getJson(SESSION)).status);
      }
      assert.deepEqual(found, [401, 401, 401, 401, 429, 429]);
    });

    const testWithin = canQuery ? test : none;
    testWithin('is kept under a hash, one row for an address, a kind and a window', async (t) => {
      const app = await limited(t, { storage: 'database', max: 9, window: DAY }, { database });
      const before = await hits(app);
      const ip = address();
      await statuses(app, ip, 3);
      await app.browser({ ip }).get(AUTHORIZE);
      const after = await hits(app);
      assert.deepEqual([after.rows - before.rows, after.sum - before.sum], [2, 4]);
      const rows = await app.query('SELECT * FROM kavach_rate_limits');
      for (const { key_hash: hash, expires_at: end } of rows) {
        assert.equal(hash.length, 32);
        assert.ok(Number(end) - Date.now() <= DAY * 1000);
        assert.ok(!Buffer.from(hash).toString('latin1').includes(ip));
      }
    });

    testWithin('is not touched with storage in memory: authorize asks none', async (t) => {
      for (const rateLimit of [undefined, { storage: 'memory' }, { enabled: false }]) {
        const app = await limited(t, rateLimit, { database });
        const before = [await hits(app), await app.rows()];
        for (let i = 0; i < 5; i += 1) await app.browser({ ip: address() }).get(AUTHORIZE);
        assert.deepEqual([await hits(app), await app.rows()], before);
      }
    });
  });
}

describe('without any option', () => {
  test('60 starts, 60 callbacks, 30 links and 1,200 others pass in a minute', async (t) => {
    const app = await startApp(t);
    await room(60, 6000);
    const ip = address();
    const client = app.browser({ ip });
    for (const [max, ask] of [
      [60, () => app.browser({ ip }).getJson(AUTHORIZE)],
      [60, () => client.getJson(CALLBACK)],
      [30, () => client.post('/auth/oauth/unlink', BODY)],
      [1200, () => client.getJson('/auth/oauth/providers')],
    ]) {
      for (let i = 0; i < max; i += 1) assert.notEqual((await ask()).status, 429, `${i} of ${max}`);
      const refused = await ask();
      assert.equal(refused.status, 429, `${max + 1}`);
      const wait = Number(refused.headers.get('retry-after'));
      assert.ok(wait >= 1 && wait <= 60, String(wait));
    }
  });

  test('who has no address is not counted', async (t) => {
    const app = await limited(t, { max: 1, window: DAY });
    const forwarded = { 'x-forwarded-for': address() };
    assert.deepEqual(await statuses(app, undefined, 5, SESSION, forwarded), Array(5).fill(401));
  });
});

test('over HTTP the socket names the address', async (t) => {
  const app = await limited(t, { max: 2, window: DAY });
  const server = createServer(toNodeHandler(app.kavach));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${server.address().port}/api/kavach${AUTHORIZE}`;
  const headers = { accept: 'text/html', 'x-forwarded-for': address() };
  const found = [];
  for (let i = 0; i < 3; i += 1) found.push(await fetch(url, { headers, redirect: 'manual' }));
  assert.deepEqual(found.map(({ status }) => status), [302, 302, 429]);
  const page = found.at(-1);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  assert.ok(page.headers.get('retry-after'));
});

test('can be turned off', async (t) => {
  for (const storage of ['memory', 'database']) {
    const app = await limited(t, { enabled: false, storage, max: 1, window: DAY });
    assert.deepEqual(await statuses(app, address(), 5), Array(5).fill(401));
  }
});

test('options that cannot be are refused by their path', async (t) => {
  for (const [rateLimit, path] of [
    [7, '`rateLimit`'], [[], '`rateLimit`'], [{ enabled: 'no' }, '`rateLimit.enabled`'],
    [{ storage: 'redis' }, '`rateLimit.storage`'], [{ max: 0 }, '`rateLimit.max`'],
    [{ max: 1_000_001 }, '`rateLimit.max`'], [{ max: 1.5 }, '`rateLimit.max`'],
    [{ max: '5' }, '`rateLimit.max`'], [{ max: NaN }, '`rateLimit.max`'],
    [{ max: Infinity }, '`rateLimit.max`'], [{ window: 0 }, '`rateLimit.window`'],
    [{ window: 86_401 }, '`rateLimit.window`'], [{ link: 5 }, '`rateLimit.link`'],
    [{ link: { max: -1 } }, '`rateLimit.link.max`'],
    [{ session: { windows: 1 } }, '`rateLimit.session.windows`'],
    [{ signIn: {} }, '`rateLimit.signIn`'],
  ]) {
    const error = await rejects(limited(t, rateLimit), 'config_invalid');
    assert.ok(error.message.includes(path), `${error.message} names ${path}`);
  }
});
