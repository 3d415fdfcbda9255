// attacks.md 1-6, 8, 9 and 11: whoever comes back must be the one who left, once, in time.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { toNodeHandler } from '../node.js';
import { BASE_URL, SECRET, isShared } from './support/app.js';
import { reseal } from './support/app-seal.js';
import {
  CALLBACK, assertNobody, serve, startProcess, startTarget,
} from './support/attack-app.js';
import { raw, request } from './support/attack-http.js';
import { tampered } from './support/attack-seal.js';
import { assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const SESSION_COOKIE = '__Host-kavach_session';

/** Asserts that a callback is refused as program and as browser, and takes nothing away. */
async function assertRefused(browser, target, status, code) {
  const cookies = [...browser.cookies];
  await assertError(await browser.getJson(target), status, code);
  const page = await browser.get(target);
  assertErrorPage(page, code);
  assert.ok(page.headers.get('location').startsWith(`${BASE_URL}/api/kavach/auth/error?`));
  assert.deepEqual(page.headers.getSetCookie(), []);
  assert.deepEqual([...browser.cookies], cookies);
}

async function assertSignsIn(browser, back) {
  const response = await browser.get(back);
  assert.equal(response.headers.get('location'), `${BASE_URL}/`);
  assert.equal((await browser.session()).user.email, 'jane@example.com');
}

for (const database of databases()) {
  describe(`state attacks on ${database.name}`, { skip: database.skip }, () => {
    test('[1] [11] a missing, empty or tampered state is refused, burns no flow', async (t) => {
      const app = await startTarget(t, { database });
      const { client, bitbucket } = app;
      const { state, back } = await app.start(client);
      const code = app.code('kavya');
      const flips = [...state].map((c, at) => {
        return state.slice(0, at) + (c === 'A' ? 'B' : 'A') + state.slice(at + 1);
      });
      const states = [
        ...flips, state.slice(0, -1), state.slice(1), `${state}A`, `${state}=`, state + state,
        ` ${state}`, `${state}\n`, `${state}\0`, state.toLowerCase(), state.toUpperCase(),
        'null', 'undefined', '0', '[object Object]', '__proto__', '*', '%', '..', 'é'.repeat(43),
      ].filter((other) => other !== state);
      await app.untouched(async () => {
        for (const query of [
          '', `?code=${code}`, `?code=${code}&state`, `?code=${code}&state=`,
          ...states.map((other) => `?${new URLSearchParams({ code, state: other })}`),
        ]) {
          await assertError(await client.getJson(CALLBACK + query), 400, 'state_invalid');
        }
        await assertRefused(client, CALLBACK, 400, 'state_invalid');
        await assertNobody(client);
      });
      assert.equal(bitbucket.count('token'), 0);
      await assertSignsIn(client, back);
    });

    test('[2] a right state without a flow cookie is refused', async (t) => {
      const app = await startTarget(t, { database });
      const attacker = app.browser();
      const { back } = await app.start(attacker);
      const victim = app.browser();
      await app.untouched(async () => {
        await assertRefused(victim, back, 400, 'state_invalid');
        // One that signed in before, then out, has nothing left either.
        const [name] = attacker.cookies.keys();
        victim.cookies.set(name, '');
        await assertRefused(victim, back, 400, 'state_invalid');
        victim.cookies.clear();
        await assertNobody(victim);
      });
      assert.equal(app.bitbucket.count('token'), 0);
      await assertSignsIn(attacker, back);
    });

    test('[2] a victim who is signed in is not moved into the attacker’s account', async (t) => {
      const app = await startTarget(t, { database });
      const victim = app.browser();
      await assertSignsIn(victim, (await app.start(victim)).back);
      const before = [victim.token, await victim.session()];
      const { back } = await app.start(app.browser(), { user: 'kavya' });
      await app.untouched(async () => {
        const response = await victim.get(back);
        assert.equal(response.headers.get('location'), `${BASE_URL}/`);
        assert.deepEqual(response.headers.getSetCookie(), []);
        assert.deepEqual([victim.token, await victim.session()], before);
      });
      assert.equal(app.bitbucket.count('token'), 1);
    });

    test('[3] a right state with the flow cookie of another browser is refused', async (t) => {
      const app = await startTarget(t, { database });
      const [attacker, victim] = [app.browser(), app.browser()];
      const foreign = await app.start(attacker, { user: 'kavya' });
      const own = await app.start(victim);
      const [ownName, ownValue] = own.cookie;
      const [foreignName, foreignValue] = foreign.cookie;
      await app.untouched(async () => {
        for (const cookies of [
          [own.cookie], [own.cookie, [foreignName, ownValue]], [[foreignName, ownValue]],
          [[ownName, foreignValue]], [[`x${foreignName}`, foreignValue]],
          [[foreignName.replace('__Host-', ''), foreignValue]],
          [[foreignName.toLowerCase(), foreignValue]].filter(([[name]]) => name !== foreignName),
        ]) {
          const browser = app.browser();
          browser.cookies = new Map(cookies);
          await assertRefused(browser, foreign.back, 400, 'state_invalid');
          await assertNobody(browser);
        }
        // The victim's state under the attacker's cookie is no better.
        const browser = app.browser();
        browser.cookies = new Map([foreign.cookie, [ownName, foreignValue]]);
        await assertRefused(browser, own.back, 400, 'state_invalid');
      });
      assert.equal(app.bitbucket.count('token'), 0);
      await assertSignsIn(victim, own.back);
    });

    test('[3] a cookie whose name has an odd blank before it is not ours', async (t) => {
      // A subdomain may set such a name for the whole site: browsers see no `__Host-` in front.
      const app = await startTarget(t, { database });
      const { back, cookie } = await app.start(app.browser(), { user: 'kavya' });
      await app.client.signIn('jane');
      const session = [SESSION_COOKIE, app.client.token];
      const get = (path, line) => raw(app.port, request('GET', `/api/kavach${path}`, [
        ['Host', 'your-app.com'], ['Accept', 'application/json'], ['Cookie', line],
      ]));
      // As bytes: what is more than one byte in UTF-8 comes as several characters.
      const blanks = [
        '\xa0', '\x85', '\xa0\xa0', ' \xa0', '\xa0 ', '\t\x85', '\xc2\xa0', '\xad', '"', '=', '%20',
        '\xe2\x80\x80', '\xe3\x80\x80', '\xef\xbb\xbf',
      ];
      await app.untouched(async () => {
        for (const blank of blanks) {
          for (const wrap of [(text) => blank + text, (text) => `a=b; ${blank}${text}`]) {
            const flow = await get(back, wrap(cookie.join('=')));
            assert.equal(flow.status, 400, `${JSON.stringify(blank)}: ${flow.head}`);
            assert.equal(JSON.parse(flow.body).error.code, 'state_invalid');
            const signedIn = await get('/auth/session', wrap(session.join('=')));
            assert.equal(signedIn.status, 401, JSON.stringify(blank));
          }
          const after = await get('/auth/session', session.join(`${blank}=`));
          assert.ok(blank === '=' || after.status === 401, JSON.stringify(blank));
        }
      });
      // What cookies may have around them.
      for (const blank of ['', 'a=b;', 'a=b; ', 'a=b; \t ']) {
        assert.equal((await get('/auth/session', blank + session.join('='))).status, 200);
      }
    });

    test('[4] the same callback twice: the second is state_reused, one exchange', async (t) => {
      const app = await startTarget(t, { database });
      const { back, cookie, state } = await app.start(app.client);
      await assertSignsIn(app.client, back);
      const thief = app.browser();
      const other = `${CALLBACK}?${new URLSearchParams({ code: app.code('kavya'), state })}`;
      await app.untouched(async () => {
        for (const target of [back, back, other]) {
          thief.cookies = new Map([cookie]);
          await assertError(await thief.getJson(target), 400, 'state_reused');
          thief.cookies = new Map([cookie]);
          assertErrorPage(await thief.get(target), 'state_reused');
          await assertNobody(thief);
        }
      });
      assert.equal(app.bitbucket.count('token'), 1);
    });

    test('[4] a callback that failed at the provider cannot be tried again', async (t) => {
      const app = await startTarget(t, { database });
      const { state, cookie } = await app.start(app.client);
      const target = (code) => `${CALLBACK}?${new URLSearchParams({ code, state })}`;
      await assertError(await app.client.getJson(target('guess')), 502, 'provider_error');
      await app.untouched(async () => {
        app.client.cookies = new Map([cookie]);
        await assertError(await app.client.getJson(target(app.code())), 400, 'state_reused');
      });
      await assertNobody(app.client);
      assert.equal(app.bitbucket.count('token'), 1);
    });

    test('[5] fifty equal callbacks over two processes: one session, one exchange', async (t) => {
      const app = await startTarget(t, { database });
      const { back, cookie } = await app.start(app.client);
      const ports = [app.port];
      if (isShared(database)) {
        const other = await startProcess(t, {
          database: app.database,
          endpoints: app.bitbucket.endpoints,
        });
        ports.push(other.port);
      }
      const browsers = Array.from({ length: 50 }, (_, i) => {
        const browser = app.browser(ports[i % ports.length]);
        browser.cookies = new Map([cookie]);
        return browser;
      });
      const responses = await Promise.all(browsers.map((browser) => browser.getJson(back)));
      const refused = responses.filter(({ status }) => status !== 302);
      assert.equal(refused.length, 49);
      for (const response of refused) await assertError(response, 400, 'state_reused');
      assert.equal(browsers.filter(({ token }) => token).length, 1);
      assert.equal(app.bitbucket.count('token'), 1);
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 1, oauth_states: 1 });
    });

    test('[6] an expired flow is refused with state_expired', async (t) => {
      const app = await startTarget(t, { database });
      for (const late of [1, 3_600_000, Date.now()]) {
        const { back, cookie: [name, value] } = await app.start(app.client);
        const end = Date.now() - late;
        const expired = reseal({ name, value, secret: SECRET, change: (o) => ({ ...o, e: end }) });
        await app.untouched(async () => {
          app.client.cookies = new Map([[name, expired]]);
          await assertError(await app.client.getJson(back), 400, 'state_expired');
          app.client.cookies = new Map([[name, expired]]);
          assertErrorPage(await app.client.get(back), 'state_expired');
          assert.deepEqual(app.client.flowCookies(), [], 'what is over is taken away');
        });
      }
      await assertNobody(app.client);
      assert.equal(app.bitbucket.count('token'), 0);
      // The same hand, with time left, shows that it was the time.
      const { back, cookie: [name, value] } = await app.start(app.client);
      const end = Date.now() + 60_000;
      const alive = reseal({ name, value, secret: SECRET, change: (o) => ({ ...o, e: end }) });
      app.client.cookies = new Map([[name, alive]]);
      await assertSignsIn(app.client, back);
    });

    test('[8] a flow cookie with any byte changed, cut, doubled or huge is refused', async (t) => {
      const app = await startTarget(t, { database, server: { maxHeaderSize: 1 << 20 } });
      const { back, cookie: [name, value] } = await app.start(app.client);
      const other = await app.start(app.browser());
      const touched = tampered(value, other.cookie[1]);
      const browser = app.browser();
      await app.untouched(async () => {
        for (const cookie of touched) {
          browser.cookies = new Map([[name, cookie]]);
          await assertError(await browser.getJson(back), 400, 'state_invalid');
        }
        await assertNobody(browser);
      });
      assert.ok(touched.size > value.length);
      assert.equal(app.bitbucket.count('token'), 0);
      await assertSignsIn(app.client, back);
    });

    test('[8] a flow sealed under an old or foreign secret is refused', async (t) => {
      const app = await startTarget(t, { database });
      const other = 'another secret, just as long as the first';
      const foreign = await app.open({ kavach: { secret: other } });
      const rotated = await app.open({ kavach: { secret: [other, SECRET] } });
      const serveApart = (kavach) => serve(t, createServer(toNodeHandler(kavach)));
      const [foreignPort, rotatedPort] = [await serveApart(foreign), await serveApart(rotated)];

      const keyId = (value) => Buffer.from(value, 'base64url').subarray(1, 5);
      const own = await app.start(app.client);
      const theirs = await app.start(app.browser(foreignPort));
      const [name, value] = theirs.cookie;
      const bytes = Buffer.from(value, 'base64url');
      keyId(own.cookie[1]).copy(bytes, 1);
      await app.untouched(async () => {
        const browser = app.browser();
        for (const forged of [value, bytes.toString('base64url')]) {
          browser.cookies = new Map([[name, forged]]);
          await assertRefused(browser, theirs.back, 400, 'state_invalid');
        }
        // The key was changed since, and the old one is not kept.
        const later = app.browser(foreignPort);
        later.cookies = new Map([own.cookie]);
        await assertRefused(later, own.back, 400, 'state_invalid');
      });
      assert.equal(app.bitbucket.count('token'), 0);
      // Where the old one is kept, nobody has to start again.
      const late = app.browser(rotatedPort);
      late.cookies = new Map([own.cookie]);
      assert.equal((await late.get(own.back)).headers.get('location'), `${BASE_URL}/`);
      assert.ok(late.token);
    });

    test('[9] a flow cookie is no session, and a session token is no flow', async (t) => {
      const app = await startTarget(t, { database });
      const { client } = app;
      await assertSignsIn(client, (await app.start(client)).back);
      const { token } = client;
      const started = await client.post('/auth/oauth/link', { provider: 'bitbucket' });
      const linkCookie = [...client.cookies].at(-1);
      assert.equal(started.status, 200);
      const stranger = app.browser();
      const { back, cookie: [name, value] } = await app.start(stranger);
      const thief = app.browser();
      await app.untouched(async () => {
        for (const flow of [value, linkCookie[1]]) {
          thief.cookies = new Map([[SESSION_COOKIE, flow]]);
          assert.equal(await thief.session(), null);
          thief.cookies.clear();
          for (const bearer of [flow, `kvs_${flow}`, `kvs_${flow.slice(0, 43)}`]) {
            const headers = { authorization: `Bearer ${bearer}` };
            const answer = await thief.getJson('/auth/session', headers);
            await assertError(answer, 401, 'unauthenticated');
          }
          const post = await thief.post('/auth/oauth/link', { provider: 'bitbucket' });
          await assertError(post, 401, 'unauthenticated');
        }
        for (const cookie of [token, token.slice(4), `kvs_${value}`]) {
          thief.cookies = new Map([[name, cookie]]);
          await assertRefused(thief, back, 400, 'state_invalid');
        }
        thief.cookies.clear();
        const asState = `${CALLBACK}?${new URLSearchParams({ code: 'c', state: token })}`;
        thief.cookies.set(name, value);
        await assertRefused(thief, asState, 400, 'state_invalid');
      });
      if (!database.canQuery) return;
      // What the vault sealed, under a key of its own, opens as nothing else.
      const [row] = await app.query('SELECT tokens FROM kavach_oauth_accounts');
      thief.cookies.set(name, row.tokens);
      await assertRefused(thief, back, 400, 'state_invalid');
    });

    test('[11] a wrong state burns no flow, however often and from whom it comes', async (t) => {
      const app = await startTarget(t, { database });
      const { client } = app;
      const flows = [await app.start(client), await app.start(client), await app.start(client)];
      const before = [...client.cookies];
      const attacker = app.browser();
      await app.untouched(async () => {
        for (let i = 0; i < 20; i += 1) {
          const wrong = { code: app.code('kavya'), state: `${i}${flows[0].state.slice(2)}` };
          const target = `${CALLBACK}?${new URLSearchParams(wrong)}`;
          await assertRefused(client, target, 400, 'state_invalid');
          const denied = `${CALLBACK}?${new URLSearchParams({ error: 'access_denied', ...wrong })}`;
          await assertRefused(client, denied, 400, 'state_invalid');
          // Who saw the state in a log, but has no cookie, cannot spend it.
          await assertRefused(attacker, flows[i % 3].back, 400, 'state_invalid');
        }
      });
      assert.deepEqual([...client.cookies], before);
      assert.equal(app.bitbucket.count('token'), 0);
      for (const { back } of flows.toReversed()) await assertSignsIn(client, back);
    });
  });
}
