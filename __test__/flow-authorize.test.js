// The start of a sign-in: a redirect and a cookie, and nothing else.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { approve } from '../testing/server.js';
import { BASE_URL, rejects, startApp } from './support/app.js';
import { assertError, assertErrorPage, parseCookie, setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const AUTHORIZE = '/auth/oauth/authorize/bitbucket';

for (const database of databases()) {
  describe(`a start on ${database.name}`, { skip: database.skip }, () => {
    test('writes nothing to the database and asks the provider nothing', async (t) => {
      const { browser, bitbucket, assertRows } = await startApp(t, { database });
      for (let i = 0; i < 20; i += 1) await browser().authorize({ redirectTo: '/x' });
      await browser().get(`${AUTHORIZE}?redirectTo=//evil.example`);
      assert.equal(bitbucket.count(), 0);
      await assertRows({ users: 0, oauth_accounts: 0, sessions: 0, oauth_states: 0 });
    });

    test('brings the user back to redirectTo, whatever else was started meanwhile', async (t) => {
      const { client } = await startApp(t, { database });
      const first = await client.authorize({ redirectTo: '/first?a=b&c=%2F#d' });
      const second = await client.authorize({ redirectTo: '/second' });
      assert.equal(client.flowCookies().length, 2);
      const landing = async (url) => {
        const response = await client.get(await approve(url, { user: 'jane' }));
        return response.headers.get('location');
      };
      assert.equal(await landing(first), `${BASE_URL}/first?a=b&c=%2F#d`);
      assert.equal(client.flowCookies().length, 1);
      assert.equal(await landing(second), `${BASE_URL}/second`);
      assert.equal(client.flowCookies().length, 0);
    });
  });
}

describe('the flow cookie', () => {
  test('is locked to the host, hidden from scripts and gone after stateTtlSeconds', async (t) => {
    const { client } = await startApp(t, { oauth: { stateTtlSeconds: 90 } });
    const [cookie, ...others] = setCookies(await client.get(AUTHORIZE));
    assert.deepEqual(others, []);
    assert.match(cookie.name, /^__Host-kavach_flow_[\w-]+$/);
    assert.deepEqual(Object.fromEntries(cookie.attributes), {
      httponly: '', samesite: 'Lax', secure: '', path: '/', 'max-age': '90',
    });
  });

  test('lives ten minutes by default, and is not Secure on http', async (t) => {
    const { client } = await startApp(t, { kavach: { baseUrl: 'http://localhost:3000' } });
    const [cookie] = setCookies(await client.get(AUTHORIZE));
    assert.match(cookie.name, /^kavach_flow_[\w-]+$/);
    assert.deepEqual(Object.fromEntries(cookie.attributes), {
      httponly: '', samesite: 'Lax', path: '/', 'max-age': '600',
    });
  });

  test('shows nothing of what it holds', async (t) => {
    const { client } = await startApp(t);
    const url = new URL(await client.authorize({ redirectTo: '/where-to' }));
    const [[name, value]] = client.cookies;
    const shown = `${name}=${value} ${Buffer.from(value, 'base64url').toString('latin1')}`;
    for (const secret of [url.searchParams.get('state'), 'where-to', 'your-app.com']) {
      assert.ok(!shown.includes(secret), secret);
    }
    assert.ok(value.length < 1000, `${value.length} characters`);
  });

  test('is one of eight at most: the oldest go', async (t) => {
    const { client } = await startApp(t);
    const urls = [];
    for (let i = 0; i < 12; i += 1) urls.push(await client.authorize({ redirectTo: `/${i}` }));
    assert.equal(client.flowCookies().length, 8);
    const kept = await client.get(await approve(urls[4], { user: 'jane' }));
    assert.equal(kept.headers.get('location'), `${BASE_URL}/4`);
    client.cookies.delete('__Host-kavach_session');
    const gone = await client.get(await approve(urls[3], { user: 'jane' }));
    assertErrorPage(gone, 'state_invalid');
  });

  test('five thousand cookies of others get an answer, and a short one', async (t) => {
    const { kavach } = await startApp(t);
    for (const name of ['__Host-kavach_flow_', 'other', '__proto__', 'kavach_flow_']) {
      const cookie = Array.from({ length: 5000 }, (_, i) => `${name}${i}=x`).join('; ');
      const response = await kavach.handler(
        new Request(`${BASE_URL}/api/kavach${AUTHORIZE}`, { headers: { cookie } }),
      );
      assert.equal(response.status, 302);
      const lines = response.headers.getSetCookie();
      assert.ok(lines.length <= 64, `${lines.length} cookies`);
      assert.notEqual(parseCookie(lines.at(-1)).attributes.get('max-age'), '0');
    }
  });
});

describe('redirectTo', () => {
  const trustedOrigins = ['https://admin.your-app.com', 'http://localhost:5173'];

  test('may be a path of the application or an address on a trusted origin', async (t) => {
    const { client } = await startApp(t, { kavach: { trustedOrigins } });
    for (const [redirectTo, landing] of [
      ['/', `${BASE_URL}/`],
      ['/a/b?c=d&e=https://evil.example/#f', `${BASE_URL}/a/b?c=d&e=https://evil.example/#f`],
      ['/a/../b', `${BASE_URL}/b`],
      ['https://your-app.com/x', `${BASE_URL}/x`],
      ['HTTPS://YOUR-APP.com/x', `${BASE_URL}/x`],
      ['https://admin.your-app.com', 'https://admin.your-app.com/'],
      ['http://localhost:5173/x', 'http://localhost:5173/x'],
    ]) {
      const response = await client.signIn('jane', { redirectTo });
      assert.equal(response.headers.get('location'), landing, redirectTo);
    }
  });

  const refused = [
    '', 'x', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example',
    '/%2f%2fevil', '/%2F/evil', '/%5cevil', '/%5C%5Cevil', 'https:evil', 'https:/evil',
    'https:\\\\evil.example', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x',
    'ftp://your-app.com/', 'blob:https://your-app.com/x', 'view-source:https://your-app.com',
    'https://your-app.com@evil.example', 'https://user@your-app.com/', 'https://u:p@your-app.com/',
    'https://your-app.com.evil.example', 'https://evil.example/your-app.com',
    'https://evil.example#your-app.com', 'https://evil.example?https://your-app.com',
    '/\tevil', '/\r\nLocation: https://evil', '/a\nb', '/\0', '/\u2028evil', '/\u2029', '\ufeff/',
    '\uff0f\uff0fevil.example', 'https://your-app\uff0ecom/', '/\u3000', '/./..//evil.example',
    '/.//evil.example', '/a/..//evil.example', ' /', '/ ', ' https://your-app.com', '/a b',
    'http://your-app.com/', 'https://your-app.com:444/', 'https://sub.your-app.com/',
    'https://your-app.co/', 'https://your-app.com./', 'https://admin.your-app.com:8443/',
    'http://admin.your-app.com/', 'https://x.admin.your-app.com/', 'http://localhost:5174/',
    'https://localhost:5173/', 'null', `/${'a'.repeat(10_000)}`,
  ];
  test('anything else is refused with redirect_invalid, and starts nothing', async (t) => {
    const { client } = await startApp(t, { kavach: { trustedOrigins } });
    for (const redirectTo of refused) {
      const target = `${AUTHORIZE}?${new URLSearchParams({ redirectTo })}`;
      await assertError(await client.getJson(target), 400, 'redirect_invalid');
      const response = await client.get(target);
      assertErrorPage(response, 'redirect_invalid');
      assert.deepEqual(response.headers.getSetCookie(), [], JSON.stringify(redirectTo));
    }
  });

  test('given twice, or encoded twice, it leads nowhere else', async (t) => {
    const { client } = await startApp(t);
    const twice = await client.getJson(`${AUTHORIZE}?redirectTo=/a&redirectTo=//evil.example`);
    assert.equal(twice.status, 400);
    const response = await client.getJson(`${AUTHORIZE}?redirectTo=%252f%252fevil.example`);
    await assertError(response, 400, 'redirect_invalid');
  });

  test('forged host headers and hosts reach no address that is built', async (t) => {
    const { client, kavach } = await startApp(t);
    const forged = {
      'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', 'x-forwarded-port': '81',
      forwarded: 'host=evil.example;proto=http', 'x-original-host': 'evil.example',
      'x-forwarded-prefix': '/evil',
    };
    const responses = [
      await client.get(AUTHORIZE, forged),
      await kavach.handler(new Request(`http://evil.example/api/kavach${AUTHORIZE}`)),
      await client.get('/auth/oauth/callback/bitbucket?state=x&code=y', forged),
      await client.get('/auth/error?error=closed', forged),
    ];
    for (const response of responses) {
      const shown = [...response.headers].flat().join('\n') + (await response.text());
      assert.ok(!shown.includes('evil'), shown);
    }
    const url = new URL(responses[1].headers.get('location'));
    assert.ok(url.searchParams.get('redirect_uri').startsWith(`${BASE_URL}/api/kavach/`));
    assert.match(responses[1].headers.getSetCookie()[0], /^__Host-.*Secure/);
  });
});

describe('where browsers go', () => {
  test('afterSignIn is where they land without redirectTo', async (t) => {
    const { client } = await startApp(t, { oauth: { redirects: { afterSignIn: '/home?a=1' } } });
    const response = await client.signIn('jane');
    assert.equal(response.headers.get('location'), `${BASE_URL}/home?a=1`);
    const chosen = await client.signIn('jane', { redirectTo: '/chosen' });
    assert.equal(chosen.headers.get('location'), `${BASE_URL}/chosen`);
  });

  test('onError is where they land after a failure, its own query kept', async (t) => {
    const { client } = await startApp(t, {
      kavach: { trustedOrigins: ['https://admin.your-app.com'] },
      oauth: { redirects: { onError: 'https://admin.your-app.com/sorry?lang=de' } },
    });
    const response = await client.get(`${AUTHORIZE}?redirectTo=//evil.example`);
    assert.equal(
      response.headers.get('location'),
      'https://admin.your-app.com/sorry?lang=de&error=redirect_invalid',
    );
  });

  test('a target that is not trusted is refused at start', async (t) => {
    for (const name of ['afterSignIn', 'onError']) {
      for (const target of ['//evil.example', 'https://evil.example/', 'x', 'javascript:1']) {
        const started = startApp(t, { oauth: { redirects: { [name]: target } } });
        const error = await rejects(started, 'config_invalid');
        assert.ok(error.message.includes(`redirects.${name}`), error.message);
      }
    }
  });
});

test('a hint with control characters or of great length is refused', async (t) => {
  const { client } = await startApp(t);
  for (const name of ['prompt', 'login_hint']) {
    for (const value of ['a\r\nb', 'x'.repeat(10_000), '\0']) {
      const target = `${AUTHORIZE}?${new URLSearchParams({ [name]: value })}`;
      await assertError(await client.getJson(target), 400, 'argument_invalid');
    }
    assert.equal((await client.getJson(`${AUTHORIZE}?${name}=a&${name}=b`)).status, 400);
  }
});
