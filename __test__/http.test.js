// Routes, methods, bodies, origins and headers: what HTTP says before any sign-in is looked at.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { createKavach } from '../index.js';
import { BASE_URL, SECRET, rejects, startApp } from './support/app.js';
import { assertError } from './support/client.js';

const BASE = `${BASE_URL}/api/kavach`;
const request = (path, init) => new Request(`${BASE}${path}`, init);

async function signedIn(t, options) {
  const app = await startApp(t, options);
  await app.client.signIn('jane');
  return app;
}

describe('routing', () => {
  test('every endpoint that is listed answers, as it says, and there is no other', async (t) => {
    const { kavach, browser } = await startApp(t);
    const endpoints = kavach.plugins.getEndpoints();
    assert.deepEqual(endpoints.map(({ method, path }) => `${method} ${path}`).toSorted(), [
      'GET /auth/error', 'GET /auth/oauth/accounts', 'GET /auth/oauth/authorize/:provider',
      'GET /auth/oauth/callback/:provider', 'GET /auth/oauth/providers', 'GET /auth/session',
      'GET /auth/sessions', 'POST /auth/oauth/callback/:provider', 'POST /auth/oauth/link',
      'POST /auth/oauth/unlink', 'POST /auth/sessions/revoke', 'POST /auth/sign-out',
    ]);
    for (const { method, path, description, requireAuth } of endpoints) {
      assert.ok(description.length > 5);
      const target = path.replace(':provider', 'bitbucket');
      const client = browser();
      const response = await (method === 'GET' ? client.getJson(target) : client.post(target, {}));
      assert.ok(![404, 405, 500].includes(response.status), `${response.status} for ${path}`);
      assert.equal(response.status === 401, requireAuth, path);
    }
  });

  test('the providers are listed', async (t) => {
    const { client } = await startApp(t);
    const response = await client.getJson('/auth/oauth/providers');
    const providers = [{ id: 'bitbucket', name: 'Bitbucket' }];
    assert.deepEqual(await response.json(), { providers });
  });

  test('without oauth() there are sessions and no OAuth routes', async (t) => {
    const kavach = await createKavach({
      database: { provider: 'sqlite', url: ':memory:' }, secret: SECRET, baseUrl: BASE_URL,
    });
    t.after(() => kavach.close());
    assert.ok(kavach.plugins.getEndpoints().every(({ path }) => !path.includes('oauth')));
    const response = await kavach.handler(request('/auth/oauth/providers'));
    await assertError(response, 404, 'not_found');
    await assertError(await kavach.handler(request('/auth/session')), 401, 'unauthenticated');
  });

  const elsewhere = [
    '', '/', '/auth', '/auth/', '/auth/nothing', '/auth/session/', '/auth//session',
    '//auth/session', '/%61uth/session', '/auth/%73ession', '/auth/session%2F', '/Auth/Session',
    '/AUTH/SESSION', '/auth/session/x', '/auth/sessions/', '/auth/oauth/authorize',
    '/auth/oauth/authorize/', '/auth/oauth/authorize/bitbucket/',
    '/auth/oauth/authorize//bitbucket',
    '/auth/oauth/callback/a/b', '/auth;x=1/session', '/auth/session;x=1', '/auth/session.json',
    '/auth/session%00', '/auth/session%20', '/auth\u2028/session', '/__proto__', '/constructor',
  ];
  test('no other spelling of a path is a route', async (t) => {
    const { kavach } = await signedIn(t);
    const urls = elsewhere.map((path) => `${BASE}${path}`);
    urls.push(
      `${BASE_URL}/auth/session`, `${BASE_URL}/api/kavachauth/session`, `${BASE_URL}/`,
      `${BASE_URL}/API/KAVACH/auth/session`, `${BASE_URL}//api/kavach/auth/session`,
      `${BASE_URL}/x/api/kavach/auth/session`, `${BASE_URL}/api//kavach/auth/session`,
    );
    for (const url of urls) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const headers = { origin: BASE_URL, accept: 'text/html' };
        const response = await kavach.handler(new Request(url, { method, headers }));
        await assertError(response, 404, 'not_found');
        const passed = await kavach.plugins.handleRequest(new Request(url, { method, headers }));
        assert.equal(passed, null, url);
      }
    }
  });

  test('another method gets 405 and is told which ones there are', async (t) => {
    const { kavach } = await startApp(t);
    for (const [path, allow, methods] of [
      ['/auth/session', 'GET', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'x']],
      ['/auth/sign-out', 'POST', ['GET', 'DELETE', 'OPTIONS']],
      ['/auth/oauth/link', 'POST', ['GET']],
      ['/auth/oauth/callback/bitbucket', 'GET, POST', ['PUT', 'DELETE']],
      ['/auth/oauth/authorize/bitbucket', 'GET', ['POST']],
    ]) {
      for (const method of methods) {
        for (const answer of [kavach.handler, kavach.plugins.handleRequest]) {
          const response = await answer(request(path, { method }));
          assert.equal(response.status, 405, `${method} ${path}`);
          assert.equal(response.headers.get('allow'), allow);
          if (method !== 'HEAD') await assertError(response, 405, 'method_not_allowed');
        }
      }
    }
  });

  test('an unknown provider gets 404, also one that every object has', async (t) => {
    const { client } = await startApp(t);
    for (const id of [
      'github', 'Bitbucket', 'bitbucket%20', 'bitbucket%2f', '__proto__', 'constructor', 'toString',
      '%00', '%', 'x'.repeat(5000), '..%2f', '%F0%9F%92%A9',
    ]) {
      for (const path of ['authorize', 'callback']) {
        const response = await client.getJson(`/auth/oauth/${path}/${id}?state=x&code=y`);
        await assertError(response, 404, 'provider_unknown');
        const page = await client.get(`/auth/oauth/${path}/${id}?state=x&code=y`);
        assert.equal(page.headers.get('location'), `${BASE}/auth/error?error=provider_unknown`);
      }
    }
  });

  test('a path on baseUrl, or basePath, moves everything', async (t) => {
    for (const [kavach, base] of [
      [{ baseUrl: 'https://x.com/login' }, 'https://x.com/login'],
      [{ baseUrl: 'https://x.com/login/' }, 'https://x.com/login'],
      [{ baseUrl: 'https://x.com', basePath: '/a/b/' }, 'https://x.com/a/b'],
      [{ baseUrl: 'https://x.com/login', basePath: '/' }, 'https://x.com'],
      [{ baseUrl: 'https://x.com:8443' }, 'https://x.com:8443/api/kavach'],
    ]) {
      const app = await startApp(t, { kavach });
      const response = await app.kavach.handler(
        new Request(`${base}/auth/oauth/authorize/bitbucket`),
      );
      const url = new URL(response.headers.get('location'));
      const callback = `${base}/auth/oauth/callback/bitbucket`;
      assert.equal(url.searchParams.get('redirect_uri'), callback);
      const failed = await app.kavach.handler(
        new Request(callback, { headers: { accept: 'text/html' } }),
      );
      assert.equal(failed.headers.get('location'), `${base}/auth/error?error=state_invalid`);
    }
  });

  test('handleRequest answers under the base path that it is given', async (t) => {
    const { kavach } = await startApp(t);
    const { handleRequest } = kavach.plugins;
    const at = (path, base) => handleRequest(new Request(`https://inner.local${path}`), base);
    assert.equal((await at('/auth/session', '')).status, 401);
    assert.equal((await at('/x/y/auth/session', '/x/y')).status, 401);
    assert.equal((await at('/x/y/auth/session', '/x/y/')).status, 401);
    assert.equal((await at('/api/kavach/auth/session')).status, 401);
    assert.equal(await at('/api/kavach/auth/session', '/x'), null);
    assert.equal(await at('/x/auth/session'), null);
    await rejects(at('/auth/session', 7), 'argument_invalid');
    await rejects(handleRequest({}), 'argument_invalid');
    await rejects(kavach.handler('https://your-app.com/'), 'argument_invalid');
    await rejects(kavach.handler(request('/auth/session'), { ip: 7 }), 'argument_invalid');
  });
});

describe('bodies', () => {
  test('that are no JSON, or not called so, are refused', async (t) => {
    const { client } = await signedIn(t);
    const json = { 'content-type': 'application/json' };
    for (const body of ['', '{', 'provider=x', '{"provider":"bitbucket"}x', '\ufeff{}', '\0']) {
      const response = await client.post('/auth/oauth/link', body, json);
      await assertError(response, 400, 'body_invalid');
    }
    const good = '{"provider":"bitbucket"}';
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/json', '']) {
      const response = await client.post('/auth/oauth/link', good, { 'content-type': type });
      const message = await assertError(response, 400, 'body_invalid');
      assert.match(message, /application\/json/);
    }
    for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON']) {
      const response = await client.post('/auth/oauth/link', good, { 'content-type': type });
      assert.equal(response.status, 200);
    }
  });

  test('of the wrong shape are refused, and the field is named', async (t) => {
    const { client } = await signedIn(t);
    for (const [path, body, name] of [
      ['/auth/oauth/link', {}, 'provider'],
      ['/auth/oauth/link', { provider: 'bitbucket', redirect_to: '/' }, 'redirect_to'],
      ['/auth/oauth/unlink', { provider: 'bitbucket', accountID: 'x' }, 'accountID'],
      ['/auth/oauth/unlink', { accountId: 'x' }, 'provider'],
      ['/auth/sessions/revoke', { other: true }, 'other'],
      ['/auth/sessions/revoke', {}, 'others'],
      ['/auth/sessions/revoke', { others: false }, 'others'],
      ['/auth/sessions/revoke', { id: 'x', others: true }, 'others'],
    ]) {
      const message = await assertError(await client.post(path, body), 400, 'body_invalid');
      assert.ok(message.includes(name), `${message} names ${name}`);
    }
    for (const [path, name, others] of [
      ['/auth/oauth/link', 'provider', {}],
      ['/auth/oauth/link', 'redirectTo', { provider: 'bitbucket' }],
      ['/auth/oauth/unlink', 'accountId', { provider: 'bitbucket' }],
      ['/auth/sessions/revoke', 'id', {}],
      ['/auth/sessions/revoke', 'others', {}],
    ]) {
      for (const value of [7, [], {}, ['bitbucket']]) {
        const response = await client.post(path, { ...others, [name]: value });
        const message = await assertError(response, 400, 'body_invalid');
        assert.ok(message.includes(name), `${path}: "${message}" names ${name}`);
      }
    }
    for (const body of [[], null, 7, 'x', true]) {
      const response = await client.post('/auth/oauth/link', JSON.stringify(body), {
        'content-type': 'application/json',
      });
      await assertError(response, 400, 'body_invalid');
    }
  });

  test('with prototype keys change nothing', async (t) => {
    const { client } = await signedIn(t);
    for (const key of ['__proto__', 'constructor', 'prototype', 'toString']) {
      const body = `{"provider":"bitbucket","${key}":{"provider":"x","polluted":true}}`;
      const response = await client.post('/auth/oauth/link', body, {
        'content-type': 'application/json',
      });
      await assertError(response, 400, 'body_invalid');
      assert.equal({}.polluted, undefined);
    }
  });

  test('of more than 64 KiB get 413, whether they say so or not', async (t) => {
    const { client, kavach } = await signedIn(t);
    const padded = (size) => `{"provider":"bitbucket"${' '.repeat(size - 24)}}`;
    const type = { 'content-type': 'application/json' };
    assert.equal((await client.post('/auth/oauth/link', padded(65_536), type)).status, 200);
    const large = await client.post('/auth/oauth/link', padded(65_537), type);
    await assertError(large, 413, 'body_too_large');

    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const headers = { ...type, origin: BASE_URL, authorization: `Bearer ${client.token}` };
    const response = await kavach.handler(
      request('/auth/oauth/link', { method: 'POST', headers, body: endless, duplex: 'half' }),
    );
    await assertError(response, 413, 'body_too_large');
    assert.ok(pulled < 20, `${pulled} chunks read`);
  });
});

test('every answer forbids caching, sniffing and referrers', async (t) => {
  const { client, kavach } = await signedIn(t);
  const responses = [
    await client.getJson('/auth/session'), await client.getJson('/auth/sessions'),
    await client.getJson('/auth/oauth/accounts'), await client.getJson('/auth/oauth/providers'),
    await client.get('/auth/error'), await client.get('/auth/oauth/authorize/bitbucket'),
    await client.get('/auth/oauth/authorize/nobody'), await client.get('/auth/nothing'),
    await client.getJson('/auth/oauth/callback/bitbucket?state=x'), await client.signIn('jane'),
    await client.post('/auth/oauth/link', {}), await client.post('/auth/sign-out'),
    await client.getJson('/auth/session'),
    await kavach.handler(request('/auth/session', { method: 'PUT' })),
  ];
  await kavach.close();
  responses.push(await kavach.handler(request('/auth/session')));
  for (const response of responses) {
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(response.headers.get('access-control-allow-origin'), null);
  }
});
