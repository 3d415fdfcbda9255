// attacks.md 24-26: where a browser is sent, and who has a say in it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { describe, test } from 'node:test';

import { toNodeHandler } from '../node.js';
import { BASE_URL, CONSUMER, rejects, startApp } from './support/app.js';
import { AUTHORIZE, BASE, CALLBACK, serve, startTarget } from './support/attack-app.js';
import { raw, request } from './support/attack-http.js';
import { FORGED, HOSTS, NO_ORIGINS, OTHERS, SEVERAL } from './support/attack-origins.js';
import { FRIENDLY, HOSTILE, generated } from './support/attack-redirects.js';
import { assertError, assertErrorPage, setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const TRUSTED = ['https://admin.your-app.com', 'http://localhost:5173'];
const asking = (redirectTo) => `${AUTHORIZE}?${new URLSearchParams({ redirectTo })}`;

/** What browsers keep of one cookie (RFC 6265bis 5.6). */
const MAX_COOKIE = 4096;

function assertKept(response) {
  for (const { name, value } of setCookies(response)) {
    assert.ok(name.length + value.length <= MAX_COOKIE, `a cookie of ${value.length} bytes`);
  }
}

/** Lets a started flow come back; resolves to where the browser lands. */
async function land(app, by, url) {
  const state = new URL(url).searchParams.get('state');
  const query = new URLSearchParams({ state, code: app.code() });
  return (await by.get(`${CALLBACK}?${query}`)).headers.get('location');
}

for (const database of databases()) {
  describe(`redirect attacks on ${database.name}`, { skip: database.skip }, () => {
    const options = { database, kavach: { trustedOrigins: TRUSTED } };

    test('[24] an address to return to that is not ours is refused at the start', async (t) => {
      const app = await startTarget(t, options);
      await app.untouched(async () => {
        for (const redirectTo of HOSTILE) {
          const shown = JSON.stringify(redirectTo.slice(0, 80));
          const program = await app.client.getJson(asking(redirectTo));
          assert.equal(program.status, 400, `${shown}: ${program.headers.get('location')}`);
          await assertError(program, 400, 'redirect_invalid');
          const browser = await app.client.get(asking(redirectTo));
          assertErrorPage(browser, 'redirect_invalid');
          assert.ok(browser.headers.get('location').startsWith(`${BASE}/auth/error?`), shown);
          assert.deepEqual([...app.client.cookies], [], shown);
        }
        for (const query of [
          'redirectTo=/a&redirectTo=//evil.example', 'redirectTo=//evil.example&redirectTo=/a',
          'redirectTo=/a&redirect%54o=/b',
        ]) {
          const twice = await app.client.getJson(`${AUTHORIZE}?${query}`);
          await assertError(twice, 400, 'argument_invalid');
        }
      });
    });

    test('[24] an address to return to that is not ours is refused by link', async (t) => {
      const app = await startTarget(t, options);
      await app.client.signIn('jane');
      const cookies = [...app.client.cookies];
      await app.untouched(async () => {
        for (const redirectTo of HOSTILE) {
          const body = { provider: 'bitbucket', redirectTo };
          const response = await app.client.post('/auth/oauth/link', body);
          const code = redirectTo.includes('\0') ? 'body_invalid' : 'redirect_invalid';
          await assertError(response, 400, code);
        }
        for (const redirectTo of [
          '"\\ud800"', '"/\\udfff"', '7', 'true', '{}', '["/"]', '["//evil.example","/"]',
          '{"toString":"/"}',
        ]) {
          const body = `{"provider":"bitbucket","redirectTo":${redirectTo}}`;
          await assertError(await app.client.post('/auth/oauth/link', body), 400, 'body_invalid');
        }
        const twice = '{"provider":"bitbucket","redirectTo":"/","redirectTo":"//evil.example"}';
        const response = await app.client.post('/auth/oauth/link', twice);
        await assertError(response, 400, 'redirect_invalid');
      });
      assert.deepEqual([...app.client.cookies], cookies);
    });

    test('[24] an address of ours is where the browser lands, also after link', async (t) => {
      const app = await startTarget(t, options);
      for (const [redirectTo, expected] of FRIENDLY) {
        const by = app.browser();
        assert.equal(await land(app, by, await by.authorize({ redirectTo })), expected);
        const link = await by.post('/auth/oauth/link', { provider: 'bitbucket', redirectTo });
        assert.equal(await land(app, by, (await link.json()).url), expected);
      }
    });
  });
}

test('[24] of three thousand addresses made by chance none leads away', async (t) => {
  const app = await startTarget(t, { kavach: { trustedOrigins: TRUSTED } });
  const origins = [BASE_URL, ...TRUSTED];
  let accepted = 0;
  let refused = 0;
  async function judge(redirectTo) {
    const shown = JSON.stringify(redirectTo);
    const by = app.browser();
    const response = await by.getJson(asking(redirectTo));
    if (response.status !== 302) {
      await assertError(response, 400, 'redirect_invalid');
      assert.deepEqual([...by.cookies], [], shown);
      refused += 1;
      return;
    }
    accepted += 1;
    assertKept(response);
    const location = await land(app, by, response.headers.get('location'));
    assert.match(location, /^[\x21-\x7e]+$/, shown);
    const url = new URL(location);
    assert.ok(origins.includes(url.origin), `${shown} leads to ${location}`);
    assert.ok(location.startsWith(`${url.origin}/`), `${shown} leads to ${location}`);
    assert.equal(url.username + url.password, '', shown);
    assert.doesNotMatch(url.pathname, /^(\/\/|\/%2f|\/%5c)/i, `${shown} leads to ${location}`);
    // A browser that is given the text itself, on our pages, reads the same place.
    assert.equal(new URL(redirectTo, `${BASE_URL}/`).origin, url.origin, shown);
    assert.ok(origins.includes(new URL(location, 'https://evil.example/').origin), shown);
  }
  const queue = generated(3_000, 20_260_101);
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (const redirectTo of queue) await judge(redirectTo);
  }));
  // Both happened often enough to mean something.
  assert.ok(accepted > 300 && refused > 1_000, `${accepted} accepted, ${refused} refused`);
});

test('[24] an address that is accepted fits into a cookie, however it is written', async (t) => {
  const app = await startTarget(t, { kavach: { trustedOrigins: TRUSTED } });
  const signedIn = app.browser();
  await signedIn.signIn('jane');
  for (const letter of ['a', '"', '\u00fc', '\u5317', '\u{1f600}', '%20', '?', '#', '\u0301']) {
    for (const length of [100, 500, 1_000, 1_500, 2_000, 2_047]) {
      const redirectTo = `/${letter.repeat(Math.floor(length / letter.length))}`;
      assertKept(await app.client.getJson(asking(redirectTo)));
      const body = { provider: 'bitbucket', redirectTo };
      assertKept(await signedIn.post('/auth/oauth/link', body));
    }
  }
});

test('[24] what the application configures is judged by the same rule', async (t) => {
  const app = await startTarget(t, { kavach: { trustedOrigins: TRUSTED } });
  for (const target of HOSTILE) {
    for (const name of ['afterSignIn', 'onError']) {
      const opened = app.open({ oauth: { redirects: { [name]: target } } });
      const error = await rejects(opened, 'config_invalid');
      assert.ok(error.message.includes(`redirects.${name}`), error.message);
    }
  }
});

describe('trustedOrigins', () => {
  test('[25] takes exact origins only: no wildcard, no pattern, no path', async (t) => {
    for (const origin of NO_ORIGINS) {
      const opened = startApp(t, { kavach: { trustedOrigins: [origin] } });
      const error = await rejects(opened, 'config_invalid');
      assert.ok(error.message.includes('trustedOrigins'), `${origin}: ${error.message}`);
    }
    for (const list of ['https://a.com', '*', true, { 0: 'https://a.com' }, /a/, () => true]) {
      await rejects(startApp(t, { kavach: { trustedOrigins: list } }), 'config_invalid');
    }
  });

  test('[25] match to the letter: scheme, host, port, nothing before, nothing after', async (t) => {
    const app = await startTarget(t, { kavach: { trustedOrigins: SEVERAL } });
    const { client } = app;
    await client.signIn('jane');
    const link = (origin) => {
      return client.post('/auth/oauth/link', { provider: 'bitbucket' }, { origin });
    };
    for (const origin of [BASE_URL, ...SEVERAL]) {
      assert.equal((await client.getJson(asking(`${origin}/x`))).status, 302, origin);
      assert.equal((await link(origin)).status, 200, origin);
    }
    await app.untouched(async () => {
      for (const origin of OTHERS) {
        await assertError(await client.getJson(asking(`${origin}/x`)), 400, 'redirect_invalid');
        await assertError(await link(origin), 403, 'origin_forbidden');
      }
      // As an `Origin` nothing but the one spelling of browsers counts.
      for (const origin of [
        'HTTPS://ADMIN.YOUR-APP.COM', 'https://admin.your-app.com/', 'https://admin.your-app.com/x',
        'https://admin.your-app.com:443', 'https://user@admin.your-app.com', '*', '',
        'https://m\u00fcnchen.example', `${BASE_URL} ${BASE_URL}`, `${BASE_URL},${SEVERAL[0]}`,
        `${BASE_URL}, https://evil.example`, 'https://admin.your-app.com, null',
      ]) {
        await assertError(await link(origin), 403, 'origin_forbidden');
      }
    });
  });
});

describe('a forged host', () => {
  for (const [name, options, domain] of [
    ['by default', {}],
    ['with every proxy trusted', { trustedProxies: ['0.0.0.0/0', '::/0'] }],
    ['with a cookie domain', { auth: { session: { domain: 'your-app.com' } } }, 'your-app.com'],
  ]) {
    test(`[26] reaches no address and no cookie ${name}`, async (t) => {
      const app = await startTarget(t, { kavach: options });
      const signedIn = app.browser();
      await signedIn.signIn('jane');
      const session = [...signedIn.cookies].map((pair) => pair.join('=')).join('; ');
      const link = JSON.stringify({ provider: 'bitbucket', redirectTo: '/x' });

      /** The path as it is, and as a whole URL that names another host. */
      const targets = (path) => {
        return [path, `http://evil.example${path}`, `https://evil.example:81${path}`];
      };
      for (const host of HOSTS) {
        const sent = [['Host', host], ...FORGED, ['Accept', 'text/html']];
        for (const target of targets(`/api/kavach${AUTHORIZE}?redirectTo=/x`)) {
          const start = await raw(app.port, request('GET', target, sent));
          const url = assertOurs(start, domain);
          assert.equal(url.origin, app.bitbucket.url);
          assert.equal(url.searchParams.get('redirect_uri'), CONSUMER.callbackUrl);

          const query = new URLSearchParams({
            state: url.searchParams.get('state'), code: app.code(),
          });
          const [cookie] = start.get('set-cookie').split(';');
          const callback = target.replace(/\/api.*/, `/api/kavach${CALLBACK}?${query}`);
          const end = await raw(app.port, request('GET', callback, [...sent, ['Cookie', cookie]]));
          assert.equal(assertOurs(end, domain).href, `${BASE_URL}/x`);
          const again = await raw(app.port, request('GET', callback, sent));
          assert.equal(assertOurs(again, domain).origin, BASE_URL);
        }
        for (const target of targets(`/api/kavach${AUTHORIZE}?redirectTo=//x`)) {
          const refused = await raw(app.port, request('GET', target, sent));
          assert.ok(assertOurs(refused, domain).href.startsWith(`${BASE}/auth/error?`));
        }
        for (const target of targets('/api/kavach/auth/error?error=closed')) {
          const page = await raw(app.port, request('GET', target, sent));
          assert.equal(page.status, 200);
          assert.doesNotMatch(page.head + page.body, /evil/);
          assert.match(page.body, /<a href="https:\/\/your-app\.com\/">/);
        }
        for (const target of targets('/api/kavach/auth/oauth/link')) {
          const answer = await raw(app.port, request('POST', target, [
            ...sent.filter(([header]) => header !== 'Accept'), ['Origin', BASE_URL],
            ['Cookie', session], ['Content-Type', 'application/json'],
          ], link));
          assert.equal(answer.status, 200, answer.body);
          assert.doesNotMatch(answer.head + answer.body, /evil/);
          const { searchParams } = new URL(JSON.parse(answer.body).url);
          assert.equal(searchParams.get('redirect_uri'), CONSUMER.callbackUrl);
        }
      }
      const exchanges = app.bitbucket.requests.filter(({ path }) => path.endsWith('access_token'));
      assert.ok(exchanges.length > HOSTS.length);
      for (const { body } of exchanges) {
        assert.equal(new URLSearchParams(body).get('redirect_uri'), CONSUMER.callbackUrl);
      }
    });
  }

  function assertOurs(answer, domain) {
    assert.equal(answer.status, 302, answer.head + answer.body);
    assert.doesNotMatch(answer.head + answer.body, /evil|:81|localhost/);
    for (const [name, value] of answer.headers) {
      if (name !== 'set-cookie') continue;
      assert.match(value, /; Secure(;|$)/);
      const isSession = value.includes('kavach_session');
      const [, found] = /; Domain=([^;]*)/i.exec(value) ?? [];
      assert.equal(found, isSession ? domain : undefined, value);
      assert.equal(value.startsWith('__Host-'), found === undefined, value);
    }
    return new URL(answer.get('location'));
  }

  test('[26] may not stand in as the origin of a request', async (t) => {
    const app = await startTarget(t);
    await app.client.signIn('jane');
    const cookie = [...app.client.cookies].map((pair) => pair.join('=')).join('; ');
    await app.untouched(async () => {
      for (const path of ['/auth/oauth/link', '/auth/sign-out', '/auth/sessions/revoke']) {
        for (const origin of ['https://evil.example', 'http://your-app.com']) {
          const answer = await raw(app.port, request('POST', `/api/kavach${path}`, [
            ['Host', 'evil.example'], ['X-Forwarded-Host', 'evil.example'], ['Origin', origin],
            ['X-Forwarded-Proto', 'http'], ['Cookie', cookie], ['Content-Type', 'application/json'],
          ], '{"provider":"bitbucket","others":true}'));
          assert.equal(answer.status, 403, answer.body);
          assert.equal(JSON.parse(answer.body).error.code, 'origin_forbidden');
        }
      }
    });
  });

  test('[26] makes no route of another path', async (t) => {
    const app = await startTarget(t);
    for (const target of [
      `//evil.example/api/kavach${AUTHORIZE}`, `/evil.example/api/kavach${AUTHORIZE}`, '/', '/evil',
      `http://evil.example/x/api/kavach${AUTHORIZE}`, `http://evil.example//api/kavach${AUTHORIZE}`,
      `http:/evil.example/api/kavach${AUTHORIZE}`,
    ]) {
      const answer = await raw(app.port, request('GET', target, [
        ['Host', 'your-app.com'], ['X-Original-URL', `/api/kavach${AUTHORIZE}`],
        ['X-Rewrite-URL', `/api/kavach${AUTHORIZE}`], ['X-Forwarded-Prefix', '/api/kavach'],
      ]));
      assert.ok([400, 404].includes(answer.status), `${target}: ${answer.head}`);
      assert.equal(answer.get('location'), undefined);
      assert.equal(answer.get('set-cookie'), undefined);
    }
  });

  test('[26] counts as little without a Host, with two, and as :authority', async (t) => {
    const app = await startTarget(t);
    const target = `/api/kavach${AUTHORIZE}`;
    const head = `GET ${target} HTTP/1.0\r\nX-Forwarded-Host: evil.example\r\n\r\n`;
    const old = await raw(app.port, head);
    assert.equal(assertOurs(old).searchParams.get('redirect_uri'), CONSUMER.callbackUrl);
    const two = await raw(app.port, request('GET', target, [
      ['Host', 'your-app.com'], ['Host', 'evil.example'],
    ]));
    assert.equal(assertOurs(two).searchParams.get('redirect_uri'), CONSUMER.callbackUrl);

    const port = await serve(t, http2.createServer(toNodeHandler(app.kavach)));
    const connection = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => connection.destroy());
    for (const more of [{}, { host: 'evil.example' }, { 'x-forwarded-host': 'evil.example' }]) {
      const stream = connection.request({
        ':path': target, ':authority': 'evil.example', ':scheme': 'http', ...more,
      });
      const [headers] = await once(stream, 'response');
      stream.resume();
      const location = new URL(headers.location);
      assert.equal(location.searchParams.get('redirect_uri'), CONSUMER.callbackUrl);
      assert.doesNotMatch(JSON.stringify(headers), /evil/);
    }
  });
});
