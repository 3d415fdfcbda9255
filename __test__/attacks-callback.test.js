// attacks.md 10, 12 and 13: what a callback may carry, byte for byte, and what of it ever comes out
// again.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app.js';
import { CALLBACK, assertNobody, startTarget } from './support/attack-app.js';
import { raw, request } from './support/attack-http.js';
import { assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const PATH = `/api/kavach${CALLBACK}`;
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'];
const EVIL_SITE = 'https://evil.example/';
const MEGABYTE = 1 << 20;
/** Node itself refuses such heads with its usual limits; a server may have others. */
const roomy = { maxHeaderSize: 4 * MEGABYTE };
/** Everything that an answer of ours to a navigation may have as header. */
const HEADERS = new Set([
  'cache-control', 'referrer-policy', 'x-content-type-options', 'location', 'set-cookie',
  'content-type', 'content-security-policy', 'x-frame-options', 'date', 'connection',
  'content-length', 'keep-alive', 'transfer-encoding',
]);

const own = (cookie, accept = 'application/json') => [
  ['Host', 'your-app.com'], ['Accept', accept], ...(cookie ? [['Cookie', cookie.join('=')]] : []),
];

/** Asserts that a raw answer is the JSON of this error; it may only take a flow cookie away. */
function assertRefusal(answer, status, code, shown) {
  assert.equal(answer.status, status, shown);
  assert.match(answer.get('content-type') ?? '', /^application\/json/, shown);
  assert.equal(JSON.parse(answer.body).error.code, code, shown);
  for (const [name, value] of answer.headers) {
    assert.ok(HEADERS.has(name), `${name}: ${value}`);
    if (name === 'set-cookie') assert.match(value, /^__Host-kavach_flow_[^=]+=; .*Max-Age=0$/);
  }
}

for (const database of databases()) {
  describe(`callback attacks on ${database.name}`, { skip: database.skip }, () => {
    test('[10] parameters given twice, as lists or encoded twice are refused', async (t) => {
      const app = await startTarget(t, { database });
      const { state, back, cookie } = await app.start(app.client);
      const code = app.code('kavya');
      const twice = (text) => encodeURIComponent(`%2D${encodeURIComponent(text)}`);
      const hex = (text) => text.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`);
      const queries = [
        `code=${code}&state=${state}&state=${state}`, `state=${state}&code=${code}&code=${code}`,
        `code=${code}&state=x&state=${state}`, `code=${code}&state=${state}&state=`,
        `code=${code}&st%61te=x&state=${state}`, `c%6fde=x&code=${code}&state=${state}`,
        `code=${code}&state=${state}&error=a&error=b`, `code=${code}&state=${state}&code`,
        `code=${code}&state[]=${state}`, `code=${code}&state%5B%5D=${state}`,
        `code=${code}&state[0]=${state}`, `code=${code}&state.0=${state}`,
        `code=${code}&state={"a":"${state}"}`, `code=${code}&state=${state},${state}`,
        `code=${code}&state=["${state}"]`, `code=${code};state=${state}`,
        `code=${code}&state=${hex(hex(state))}`, `code=${code}&state=${twice(state)}`,
        `code=${code}&state=${state}%00`, `code=${code}&state=%00${state}`,
        `code=${code}&state=${state}%20`, `code=${code}&state=+${state}`,
        `code=${code}&state=${state}%0d%0aSet-Cookie:%20a=b`, `code=${code}&state=${state}%`,
        `code=${code}&state=${state}%zz`, `code=${code}&state=${state}%c0%80`,
        `code=${code}&state=${state}%ed%a0%80`, `code=${code}&state=${state}%ff`,
        `code=${code}&STATE=${state}`, `code=${code}&State=${state}`,
        `code=${code}&state%20=${state}`,
        `code=${code}&%00state=${state}`, `code=${code}&__proto__[state]=${state}`,
        `code=${code}&__proto__=${state}`, `?code=${code}&?state=${state}`,
      ];
      await app.untouched(async () => {
        for (const query of queries) {
          // The flow is there, so nothing but the state stands between this and a session.
          const answer = await raw(app.port, request('GET', `${PATH}?${query}`, own(cookie)));
          assertRefusal(answer, 400, 'state_invalid', query);
          assert.equal(answer.get('set-cookie'), undefined, query);
        }
        for (const target of [`${PATH}#?code=${code}&state=${state}`, `${PATH}%3fstate=${state}`]) {
          const answer = await raw(app.port, request('GET', target, own(cookie)));
          assert.ok([400, 404].includes(answer.status), answer.head);
        }
      });
      assert.equal(app.bitbucket.count('token'), 0);
      // Once encoded is what browsers do.
      const encoded = `${PATH}?code=${hex(app.code())}&state=${hex(state)}`;
      const answer = await raw(app.port, request('GET', encoded, own(cookie, 'text/html')));
      assert.equal(answer.get('location'), `${BASE_URL}/`);
      assert.ok(answer.headers.some(([, value]) => value.startsWith('__Host-kavach_session=kvs_')));
      assert.notEqual(back, encoded);
    });

    test('[10] a code that is missing, a list or of 1 MB reaches no provider', async (t) => {
      const app = await startTarget(t, { database, server: roomy });
      const huge = 'c'.repeat(MEGABYTE);
      const anybody = app.browser();
      for (const query of [
        () => '', () => 'code=', () => 'code[]=x', () => 'code%5B0%5D=x', () => 'Code=x',
        () => `code=${huge}`, () => `code=${'%2563'.repeat(MEGABYTE / 4)}`,
      ]) {
        const { state, cookie } = await app.start(anybody);
        await app.untouched(async () => {
          const bytes = request('GET', `${PATH}?state=${state}&${query()}`, own(cookie));
          assertRefusal(await raw(app.port, bytes), 502, 'provider_error', query().slice(0, 40));
        });
      }
      assert.equal(app.bitbucket.count('token'), 0);
    });

    test('[10] a code that is encoded twice is not decoded twice', async (t) => {
      const app = await startTarget(t, { database });
      const { state, cookie } = await app.start(app.client);
      const code = encodeURIComponent(app.code().replace('-', '%2d'));
      const bytes = request('GET', `${PATH}?code=${code}&state=${state}`, own(cookie));
      assertRefusal(await raw(app.port, bytes), 502, 'provider_error');
      const [sent] = app.bitbucket.requests.filter(({ path }) => path.endsWith('/access_token'));
      assert.equal(new URLSearchParams(sent.body).get('code'), decodeURIComponent(code));
      await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
    });

    test('[10] 1 MB of state, of parameters, of cookie or of form is refused', async (t) => {
      const app = await startTarget(t, { database, server: roomy });
      const { state, back, cookie } = await app.start(app.client);
      const [name, value] = cookie;
      const huge = 's'.repeat(MEGABYTE);
      const right = `code=x&state=${state}`;
      await app.untouched(async () => {
        for (const bytes of [
          request('GET', `${PATH}?code=x&state=${huge}`, own(cookie)),
          request('GET', `${PATH}?code=x&state=${state}${huge}`, own(cookie)),
          request('GET', `${PATH}?code=x&state=%${'25'.repeat(MEGABYTE / 2)}`, own(cookie)),
          request('GET', `${PATH}?code=x${`&state=${state}`.repeat(10_000)}`, own(cookie)),
          request('GET', `${PATH}?${right}`, own([name, value.padEnd(MEGABYTE, 'A')])),
          request('GET', `${PATH}?${right}`, own([name, `${'x=1; '.repeat(200_000)}`])),
          request('POST', PATH, [...own(cookie), FORM], `${right}&x=${huge}`),
          request('POST', PATH, [...own(cookie), FORM], `code=x&state=${huge}`),
          request('POST', PATH, [...own(cookie), FORM], `${right}&state=${state}`),
          request('POST', `${PATH}?${right}`, [...own(cookie), FORM], 'code=y'),
          request('POST', PATH, own(cookie), JSON.stringify({ code: ['x'], state: [state] })),
        ]) {
          const answer = await raw(app.port, bytes);
          assertRefusal(answer, 400, 'state_invalid', bytes.slice(0, 200));
          assert.equal(answer.get('set-cookie'), undefined);
        }
        await assertNobody(app.client);
      });
      assert.equal(app.bitbucket.count('token'), 0);
      assert.equal((await app.client.get(back)).headers.get('location'), `${BASE_URL}/`);
    });

    test('[12] a denial with the right state leads to the error page', async (t) => {
      const app = await startTarget(t, { database });
      await app.untouched(async () => {
        for (const params of [{}, { redirectTo: '/deep' }]) {
          const { state } = await app.start(app.client, params);
          const query = new URLSearchParams({
            error: 'access_denied', state, error_description: '<b>', error_uri: EVIL_SITE,
            redirectTo: EVIL_SITE, redirect_uri: EVIL_SITE,
          });
          const response = await app.client.get(`${CALLBACK}?${query}`);
          assertErrorPage(response, 'access_denied');
          const location = `${BASE_URL}/api/kavach/auth/error?error=access_denied`;
          assert.equal(response.headers.get('location'), location);
          assert.deepEqual([...app.client.cookies], [], 'neither session nor flow');
        }
      });
      assert.equal(app.bitbucket.count('token'), 0);
      assert.equal((await app.client.signIn('jane')).headers.get('location'), `${BASE_URL}/`);
    });

    test('[12] without a right state no error leads where the caller says', async (t) => {
      const onError = '/sorry?a=b';
      const app = await startTarget(t, {
        database,
        oauth: { redirects: { afterSignIn: '/home', onError } },
      });
      const { state } = await app.start(app.browser());
      const names = [
        'redirectTo', 'redirect_uri', 'redirect', 'returnTo', 'return_to', 'next', 'url', 'target',
        'callbackURL', 'error_uri', 'error_description', 'errorCallbackURL', 'RelayState',
      ];
      const elsewhere = names.map((name) => `${name}=${encodeURIComponent(EVIL_SITE)}`).join('&');
      const signedIn = app.browser();
      await signedIn.signIn('jane');
      const states = ['', '&state=', `&state=${state}`, `&state=${EVIL_SITE}`, '&state=A'];
      await app.untouched(async () => {
        for (const error of ['access_denied', 'server_error', EVIL_SITE, '//evil.example', '']) {
          for (const known of states) {
            const query = `error=${encodeURIComponent(error)}${known}&${elsewhere}`;
            const page = await app.client.get(`${CALLBACK}?${query}`);
            const location = `${BASE_URL}${onError}&error=state_invalid`;
            assert.equal(page.headers.get('location'), location, query);
            assert.deepEqual(page.headers.getSetCookie(), []);
            const home = await signedIn.get(`${CALLBACK}?${query}`);
            assert.equal(home.headers.get('location'), `${BASE_URL}/home`, query);
          }
        }
      });
    });
  });
}

describe('the error text of a provider', () => {
  const EVIL = [
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</code><svg/onload=alert(1)>',
    '\r\nSet-Cookie: evil=1', '\r\n\r\n<h1>evil</h1>', '\nLocation: https://evil.example',
    '\u560a\u560dSet-Cookie: evil=1', '\u0085evil', '\u2028evil', '\0evil', '\u001b[31mevil',
    'javascript:alert(1)', '&error=closed#evil', '%0d%0aSet-Cookie:%20evil=1', '{{evil}}${evil}',
    'evil'.repeat(2_000), 'access_denied\r\nevil', 'access_denied<evil>', '\ufeffevil', '\ufffd',
  ];
  const TELLING = /evil|alert|script>|onerror|onload|[^\t\r\n\x20-\x7e]/i;

  /** The page that a browser sees in the end, and all of its headers on the way. */
  async function shown(app, bytes) {
    const answer = await raw(app.port, bytes);
    const location = answer.get('location');
    assert.equal(answer.status, 302, answer.head);
    assert.ok(location.startsWith(`${BASE_URL}/api/kavach/auth/error?error=`), location);
    const target = location.slice(BASE_URL.length);
    const page = await raw(app.port, request('GET', target, own(undefined, 'text/html')));
    assert.equal(page.status, 200);
    assert.match(page.get('content-type'), /^text\/html/);
    assert.match(page.get('content-security-policy'), /default-src 'none'/);
    for (const [name] of [...answer.headers, ...page.headers]) assert.ok(HEADERS.has(name), name);
    return answer.head + answer.body + page.head + page.body;
  }

  test('[13] on the callback reaches no header, no page and no other answer', async (t) => {
    const app = await startTarget(t, { server: roomy });
    for (const evil of EVIL) {
      for (const error of [evil, 'server_error', 'access_denied']) {
        for (const method of ['GET', 'POST']) {
          const by = app.browser();
          const { state, cookie } = await app.start(by);
          const query = String(new URLSearchParams({
            error, error_description: evil, error_uri: evil, state,
          }));
          const bytes = (accept) => method === 'GET'
            ? request('GET', `${PATH}?${query}`, own(cookie, accept))
            : request('POST', PATH, [...own(cookie, accept), FORM], query);
          const text = await shown(app, bytes('text/html'));
          assert.doesNotMatch(text, TELLING, JSON.stringify(evil));
          const json = await raw(app.port, bytes('application/json'));
          assert.match(json.get('content-type'), /^application\/json/);
          assert.equal(json.get('x-content-type-options'), 'nosniff');
          assert.doesNotMatch(json.head + json.body, TELLING, JSON.stringify(evil));
        }
      }
    }
    assert.equal(app.bitbucket.count('token'), 0);
  });

  test('[13] at the token endpoint and at the API reaches them as little', async (t) => {
    const app = await startTarget(t);
    for (const evil of EVIL) {
      const refusal = { error: evil, error_description: evil, error_uri: evil };
      for (const [kind, fault] of [
        ['token', { status: 400, body: refusal }], ['token', { json: refusal }],
        ['token', { status: 400, body: { ...refusal, error: 'invalid_grant' } }],
        ['user', { status: 400, body: { type: 'error', error: { message: evil } } }],
        ['emails', { status: 500, body: { type: 'error', error: { message: evil } } }],
        ['user', { json: { type: evil, uuid: evil } }],
      ]) {
        const { back, cookie } = await app.start(app.browser());
        app.bitbucket.fail(kind, fault);
        const bytes = request('GET', `/api/kavach${back}`, own(cookie, 'text/html'));
        assert.doesNotMatch(await shown(app, bytes), TELLING, `${kind} ${JSON.stringify(evil)}`);
        const again = await app.start(app.browser());
        app.bitbucket.fail(kind, fault);
        const json = await raw(
          app.port, request('GET', `/api/kavach${again.back}`, own(again.cookie)),
        );
        assert.equal(json.status, 502);
        assert.doesNotMatch(json.head + json.body, TELLING, `${kind} ${JSON.stringify(evil)}`);
      }
    }
    await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
  });

  test('[13] as the query of the error page is shown to nobody', async (t) => {
    const app = await startTarget(t, { server: roomy });
    for (const evil of EVIL) {
      for (const name of ['error', 'message', 'error_description', 'code', 'redirectTo']) {
        const query = new URLSearchParams({ [name]: evil });
        const target = `/api/kavach/auth/error?${query}&error=${encodeURIComponent(evil)}`;
        const page = await raw(app.port, request('GET', target, own(undefined, 'text/html')));
        assert.equal(page.status, 200);
        assert.doesNotMatch(page.head + page.body, TELLING, JSON.stringify(evil));
        for (const [header] of page.headers) assert.ok(HEADERS.has(header), header);
      }
    }
  });
});
