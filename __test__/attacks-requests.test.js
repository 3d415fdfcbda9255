// Attacks 40 to 44 of the list: requests from other sites, paths and headers out of shape, forged
// addresses, and the names that every object has.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, test } from 'node:test';

import { bitbucketProvider, oauth } from '../auth.js';
import { createKavach } from '../index.js';
import { BASE_URL, CONSUMER, SECRET, rejects, startApp } from './support/app.js';
import { startTarget } from './support/attack-app.js';
import { raw, request } from './support/attack-http.js';
import { assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const COOKIE = '__Host-kavach_session';
const PREFIX = '/api/kavach';
const SESSION = '/auth/session';
const HOST = ['Host', 'your-app.com'];
const JSON_TYPE = ['Content-Type', 'application/json'];
const DAY = 86_400;
const CHANGES = [
  ['/auth/sign-out', '{}'], ['/auth/sessions/revoke', '{"others":true}'],
  ['/auth/oauth/link', '{"provider":"bitbucket"}'],
  ['/auth/oauth/unlink', '{"provider":"bitbucket"}'],
];
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

const address = () => `198.19.${randomInt(256)}.${randomInt(256)}`;

async function signedIn(t, options) {
  const app = await startTarget(t, options);
  await app.client.signIn('jane');
  const { token } = app.client;
  const cookie = ['Cookie', `${COOKIE}=${token}`];
  const send = (method, path, headers = [], body = '') =>
    raw(app.port, request(method, `${PREFIX}${path}`, [HOST, ...headers], body));
  return { ...app, ...(await app.client.session()), token, cookie, send };
}

function codeOf({ body }) {
  return JSON.parse(body).error?.code;
}

for (const database of databases()) {
  describe(`requests on ${database.name}`, { skip: database.skip }, () => {
    test('[40] a change from another site, or from none, is refused over the wire', async (t) => {
      const app = await signedIn(t, { database });
      await app.browser().signIn('jane');
      const own = ['Origin', BASE_URL];
      const origins = [
        [], [['Origin', 'null']], [['Origin', '']], [['Origin', 'https://evil.example']],
        [own, ['Origin', 'https://evil.example']], [['Origin', 'https://evil.example'], own],
        [own, own], [['Origin', `${BASE_URL}.evil.example`]], [['Origin', 'https://your-app.co']],
        [['Origin', 'https://your-app.com:443']], [['Origin', 'https://your-app.com\u00a0']],
        [['Origin', 'https://your-\u0430pp.com']], [['Origin', 'https://xn--your-pp-4fg.com']],
        [['Origin', 'HTTPS://your-app.com']], [['Origin', 'https://your-app.com@evil.example']],
        [['Origin', 'https://evil.example/https://your-app.com']],
        [['Origin', 'http://your-app.com']],
        [['Origin', '//your-app.com']], [['Origin', `${BASE_URL}\u0000`]], [['X-Origin', BASE_URL]],
        [['Origin', 'null'], ['Sec-Fetch-Site', 'same-origin']], [['Sec-Fetch-Site', 'cross-site']],
        [['Sec-Fetch-Site', 'Same-Origin']], [['Sec-Fetch-Site', 'same-origin, cross-site']],
        [['Referer', `${BASE_URL}/`]], [['Origin', 'https://evil.example'], ['Referer', BASE_URL]],
      ];
      await app.untouched(async () => {
        for (const [path, body] of CHANGES) {
          for (const headers of origins) {
            const answer = await app.send('POST', path, [...headers, app.cookie, JSON_TYPE], body);
            const shown = `${path} ${JSON.stringify(headers)}`;
            // NUL never passes Node itself.
            if (answer.status === 400 && answer.body === '') continue;
            assert.deepEqual([answer.status, codeOf(answer)], [403, 'origin_forbidden'], shown);
            assert.equal(answer.get('set-cookie'), undefined);
          }
        }
      });
      assert.ok(await app.client.session());
    });

    test('[40] what a form of another site can send changes nothing', async (t) => {
      const app = await signedIn(t, { database });
      const foreign = [app.cookie, ['Origin', 'https://evil.example']];
      await app.untouched(async () => {
        const form = 'application/x-www-form-urlencoded';
        for (const type of ['text/plain', form, 'multipart/form-data']) {
          for (const [path, body] of CHANGES) {
            const headers = [...foreign, ['Content-Type', type]];
            assert.equal((await app.send('POST', path, headers, body)).status, 403);
          }
        }
        for (const [path] of CHANGES) {
          for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
            const override = ['X-HTTP-Method-Override', 'POST'];
            const query = `${path}?_method=POST&others=true`;
            assert.equal((await app.send(method, query, [app.cookie, override])).status, 405);
          }
        }
      });
    });

    test('[40] GET changes nothing, whatever its query says', async (t) => {
      const app = await signedIn(t, { database });
      await app.untouched(async () => {
        for (const { method, path } of app.kavach.plugins.getEndpoints()) {
          if (method !== 'GET' || path.includes('callback')) continue;
          const target = path.replace(':provider', 'bitbucket');
          const query = 'others=true&id=x&provider=bitbucket&userId=x&signOut=1';
          const answer = await app.send('GET', `${target}?${query}`, [app.cookie]);
          assert.ok([200, 302].includes(answer.status), `${answer.status} for ${target}`);
        }
      });
    });

    test('[41] other spellings of a path reach no route, with a session neither', async (t) => {
      const app = await signedIn(t, { database });
      const targets = [
        '//auth/session', '/auth//session', '/auth/session/', '/%61uth/session', '/auth/sessio%6e',
        '/./auth/session', '/auth/./session', '/x/../auth/session', '/auth/x/../session',
        '/Auth/Session', '/AUTH/SESSION', '/auth/session;x', '/auth/session%3f', '/auth/session%23',
        '/auth%2fsession', '/auth\\session', '/auth/session.', '/auth/session%00',
        '/auth/session%0a',
        '/auth/session\u00a0', '/auth/\u0073ession%20', '/auth/session,', '/auth/session:',
        '/auth/session/..', '/auth/session/%2e%2e/session', '/auth/oauth/../session',
      ];
      const outside = [
        `/${PREFIX}${SESSION}`, `/x${PREFIX}${SESSION}`, `${PREFIX.toUpperCase()}${SESSION}`,
        `/api/./kavach${SESSION}`, `/api/kavach/../kavach${SESSION}`, `/api%2fkavach${SESSION}`,
        `/api/kavachauth/session`, SESSION, `?${PREFIX}${SESSION}`, '*',
        `//evil${PREFIX}${SESSION}`,
      ];
      for (const target of [...targets.map((path) => `${PREFIX}${path}`), ...outside]) {
        const bytes = request('GET', target, [HOST, app.cookie]);
        const { status, body } = await raw(app.port, bytes);
        assert.ok([400, 404].includes(status), `${status} for ${target}`);
        assert.ok(!body.includes(app.user.id) && !body.includes('kvs_'), target);
      }
    });

    test('[42] headers out of shape get an answer, and the server goes on', async (t) => {
      const app = await signedIn(t, { database, server: { maxHeaderSize: 4_000_000 } });
      const { token, cookie } = app;
      const bearer = `Bearer ${token}`;
      const refused = [
        ...[
          'Bearer %', 'Bearer', 'Bearer ', '', `Bearer\t${token}`, token, `Bearer ${token} x`,
          `Bearer ${token},`, `Bearer "${token}"`, `Basic ${btoa(`x:${token}`)}`, '\u00ff\u00fe',
          `Bearer ${'%'.repeat(100_000)}`,
        ].map((value) => [['Authorization', value]]),
        [['Authorization', bearer], ['Authorization', bearer]],
        [['Authorization', 'Bearer x'], ['authorization', bearer]],
        [['Authorization', bearer], ['Authorization', 'Basic x'], cookie],
        [['Cookie', '']], [['Cookie', ';']], [['Cookie', '=']], [['Cookie', '=;=;=']],
        [['Cookie', COOKIE]], [['Cookie', `${COOKIE}=`]], [['Cookie', `${COOKIE}==${token}`]],
        [['Cookie', `${COOKIE}="${token}"`]], [['Cookie', `${COOKIE}=${token}\u00e9`]],
        [['Cookie', `${COOKIE}=%${token}`]], [['Cookie', `\u00ff=\u00fe; ${COOKIE}`]],
        [['Cookie', `${COOKIE}=%6bvs_${token.slice(4)}`]], [['Cookie', `${COOKIE},x=${token}`]],
        [['Cookie', `"${COOKIE}"=${token}`]], [['Cookie', `x="${COOKIE}=${token}"`]],
        [['Cookie', `${COOKIE}=bad; ${COOKIE}=${token}`]],
        [['Cookie', `${COOKIE}=${'x'.repeat(1_000_000)}`]], [['Cookie', ';'.repeat(100_000)]],
        [['Cookie', 'a=b; '.repeat(100_000)]],
        [['Cookie', Array.from({ length: 5000 }, (_, i) => `${COOKIE}${i}=${token}`).join('; ')]],
      ];
      for (const headers of refused) {
        for (const path of [SESSION, '/auth/oauth/accounts']) {
          const started = Date.now();
          const answer = await app.send('GET', path, headers);
          const shown = JSON.stringify(headers).slice(0, 120);
          assert.deepEqual([answer.status, codeOf(answer)], [401, 'unauthenticated'], shown);
          assert.ok(Date.now() - started < 2000, `slow: ${shown}`);
        }
        const started = await app.send('GET', '/auth/oauth/authorize/bitbucket', headers);
        assert.equal(started.status, 302);
        assert.ok(started.head.length < 8000, `${started.head.length} bytes of headers`);
      }
      const many = Array.from({ length: 5000 }, (_, i) => `c${i}=${i}`).join('; ');
      for (const headers of [
        [['Cookie', `${many}; ${COOKIE}=${token}`]], [['Cookie', many], cookie],
        [['authorization', `bearer   ${token}`]], [['Cookie', `;; =; ${COOKIE} = ${token} ;;`]],
      ]) {
        assert.equal((await app.send('GET', SESSION, headers)).status, 200);
      }
      assert.ok(await app.client.session());
    });

    test('[44] names that every object has are no provider, field, cookie or header', async (t) => {
      const app = await signedIn(t, { database });
      const origin = ['Origin', BASE_URL];
      await app.untouched(async () => {
        for (const name of NAMES) {
          for (const path of ['authorize', 'callback']) {
            const answer = await app.send('GET', `/auth/oauth/${path}/${name}?state=x&code=x`);
            assert.deepEqual([answer.status, codeOf(answer)], [404, 'provider_unknown']);
          }
          const page = await app.client.get(`/auth/oauth/authorize/${name}`);
          assertErrorPage(page, 'provider_unknown');
          for (const [path, body] of CHANGES.slice(1)) {
            for (const value of ['{"isAdmin":true,"provider":"x"}', '"x"', 'null', '[]', '1']) {
              const text = `${body.slice(0, -1)},${JSON.stringify(name)}:${value}}`;
              const headers = [app.cookie, origin, JSON_TYPE];
              const answer = await app.send('POST', path, headers, text);
              assert.deepEqual([answer.status, codeOf(answer)], [400, 'body_invalid'], text);
            }
          }
          for (const path of ['link', 'unlink']) {
            const response = await app.client.post(`/auth/oauth/${path}`, { provider: name });
            assert.equal(response.status, 404, await response.text());
          }
          const query = `${name}=x&${name}[x]=y&__proto__[isAdmin]=1&constructor.prototype.x=1`;
          const asked = await app.send('GET', `${SESSION}?${query}`, [
            ['Cookie', `${name}=${app.token}; __proto__=x; ${COOKIE}=${app.token}`],
            [name, 'x'], ['__proto__', 'x'],
          ]);
          assert.equal(asked.status, 200);
          const other = [['Cookie', `${name}=${app.token}`]];
          assert.equal((await app.send('GET', SESSION, other)).status, 401);
        }
      });
      assert.equal({}.isAdmin, undefined);
    });

    test('[44] they are kept as what they are in metadata, and looked up by nothing', async (t) => {
      const { kavach, user, token } = await signedIn(t, { database });
      const text = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},' +
        '"toString":"x","deep":{"__proto__":1}}';
      const made = await kavach.auth.session.create(user.id, JSON.parse(text));
      for (const { session } of [made, await kavach.auth.session.validate(made.token)]) {
        assert.deepEqual(Object.keys(session.metadata).toSorted(), [
          '__proto__', 'constructor', 'deep', 'toString',
        ]);
        assert.equal(session.metadata.isAdmin, undefined);
        assert.equal(session.isAdmin, undefined);
        assert.equal(Object.getPrototypeOf(session), Object.prototype);
      }
      assert.equal({}.isAdmin, undefined);
      for (const name of NAMES) {
        const record = JSON.parse(`{"${name}":"x","cookie":"${name}=1; ${COOKIE}=${token}"}`);
        assert.equal((await kavach.auth.getSession(record)).user.id, user.id);
        assert.equal(await kavach.auth.getSession(JSON.parse(`{"${name}":"${token}"}`)), null);
        assert.equal(await kavach.users.get(name), null);
        assert.equal(await kavach.users.findByEmail(name), null);
        assert.equal(await kavach.auth.session.validate(name), null);
        assert.deepEqual(await kavach.auth.getOAuthConnections(name), []);
        await rejects(kavach.auth.getAccessToken(user.id, name), 'provider_unknown');
        await rejects(kavach.auth.disconnectOAuth(user.id, name), 'account_not_found');
      }
    });
  });
}

test('[41] no spelling of path, query, host or method evades the limiter', async (t) => {
  const rateLimit = { max: 3, window: DAY };
  const app = await startTarget(t, { kavach: { rateLimit: { enabled: true, ...rateLimit } } });
  const ask = async (target, method = 'GET', headers = [HOST]) =>
    (await raw(app.port, request(method, target, headers))).status;
  const spellings = [
    SESSION, `${SESSION}?a=1`, `${SESSION}?`, `${SESSION}#x`, `${SESSION}?%`, '/auth/sessions',
    '/auth/oauth/accounts', '/auth/oauth/providers?x',
  ].map((path) => `${PREFIX}${path}`);
  spellings.push(`http://evil.example${PREFIX}${SESSION}`, `https://x@y:1${PREFIX}${SESSION}?b`);
  for (let i = 0; i < 3; i += 1) assert.equal(await ask(`${PREFIX}${SESSION}`), 401);
  for (const target of spellings) {
    assert.equal(await ask(target), 429, target);
    for (const forged of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'X-Original-URL']) {
      assert.equal(await ask(target, 'GET', [HOST, [forged, address()]]), 429);
    }
    assert.equal(await ask(target, 'GET', [['Host', `${randomInt(1e9)}.example`]]), 429);
  }
  // What is no route, or no method of it, was not counted because it does nothing.
  for (const target of ['//auth/session', '/auth/session/', '/%61uth/session', '/AUTH/SESSION']) {
    assert.equal(await ask(`${PREFIX}${target}`), 404, target);
  }
  for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS']) {
    assert.equal(await ask(`${PREFIX}${SESSION}`, method), 405);
  }
  assert.equal(await ask(`${PREFIX}${SESSION}`, 'get'), 400, 'methods have capitals');
  assert.equal(await ask(`${PREFIX}/auth/oauth/authorize/bitbucket`), 302, 'another kind');
});

/** An application that lets an address ask once in a day. */
const once = (t, kavach) =>
  startApp(t, { kavach: { rateLimit: { max: 1, window: DAY }, ...kavach } });

async function statuses(app, ip, headers = {}) {
  return [(await app.browser({ ip }).getJson(SESSION, headers)).status];
}

describe('forwarded addresses and the limiter', () => {
  const forged = (times) =>
    Array.from({ length: times }, () => ({ 'x-forwarded-for': address() }));
  const walk = async (app, ip, all) => {
    const found = [];
    for (const headers of all) found.push(...(await statuses(app, ip, headers)));
    return found;
  };

  test('[43] count for nothing when no proxy is trusted', async (t) => {
    const app = await once(t);
    const others = ['forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip'];
    const all = [...forged(3), ...others.map((name) => ({ [name]: `for=${address()}` }))];
    assert.deepEqual(await walk(app, address(), all), [401, ...Array(7).fill(429)]);
  });

  test('[43] count from a trusted proxy: the right-most that is no proxy itself', async (t) => {
    const app = await once(t, {
      trustedProxies: ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.7'],
    });
    const ip = address();
    const chains = [
      ip, `${address()}, ${ip}`, `${ip}, 10.0.0.9`, `6.6.6.6,${ip}, 192.0.2.7 ,10.9.9.9`,
      `nonsense, ${ip}`, `${ip}:443`, `::ffff:${ip}`, `${ip}, ::ffff:10.0.0.1`,
    ];
    const all = chains.map((chain) => ({ 'x-forwarded-for': chain }));
    const refused = Array(chains.length - 1).fill(429);
    assert.deepEqual(await walk(app, '10.1.1.1', all), [401, ...refused]);
    assert.deepEqual(await walk(app, '::ffff:10.1.1.1', all), [429, ...refused]);
    assert.deepEqual(await walk(app, '2001:db8:ffff::1', all), [429, ...refused]);
    assert.deepEqual(await walk(app, '192.0.2.7', all), [429, ...refused]);
    const next = { 'x-forwarded-for': `${ip}, ${address()}` };
    assert.deepEqual(await walk(app, '10.1.1.1', [next]), [401], 'somebody else');
    // Whoever is no proxy gains nothing by the header.
    assert.deepEqual(await walk(app, '192.0.2.8', forged(3)), [401, 429, 429]);
  });

  test('[43] that are nonsense leave the address of the proxy', async (t) => {
    const app = await once(t, { trustedProxies: ['10.0.0.0/8'] });
    const nonsense = [
      'x', '', ',', 'unknown', '_hidden', '999.1.1.1', '1.2.3', '%', '[::1', '127.0.0.1;x=1',
      `${address()}, x`, '0x7f.1',
    ];
    const all = nonsense.map((text) => ({ 'x-forwarded-for': text }));
    assert.deepEqual(await walk(app, '10.1.1.1', all), [401, ...Array(11).fill(429)]);
  });
});

test('[43] more addresses than the table holds cost no memory, the busy stay known', async (t) => {
  const app = await startApp(t, { kavach: { rateLimit: { max: 20, window: DAY } } });
  const { handler } = app.kavach;
  const providers = new Request(`${BASE_URL}${PREFIX}/auth/oauth/providers`);
  const ask = async (ip) => (await handler(providers, { ip })).status;
  const busy = address();
  for (let i = 0; i < 20; i += 1) assert.equal(await ask(busy), 200);
  assert.equal(await ask(busy), 429);
  const flood = async (from, to) => {
    for (let i = from; i < to; i += 1) await ask(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    // What the runtime has set aside for its own heap is its own affair.
    const { rss, heapTotal } = process.memoryUsage();
    return rss - heapTotal;
  };
  const before = await flood(0, 15_000);
  const after = await flood(15_000, 75_000);
  assert.ok(after - before < 64 << 20, `${(after - before) >> 20} MiB more`);
  assert.equal(await ask(busy), 429);
});

test('[44] options by such names are refused, and nothing is inherited', async (t) => {
  const database = { provider: 'sqlite', url: ':memory:' };
  const usual = { database, secret: SECRET, baseUrl: BASE_URL };
  for (const name of NAMES) {
    const extra = JSON.parse(`{"${name}":{"isAdmin":true}}`);
    const made = createKavach(Object.defineProperties({ ...usual }, descriptors(extra)));
    await rejects(made.then((kavach) => kavach.close()), 'config_invalid');
    const credentials = { clientId: 'x', clientSecret: 'y' };
    const providers = Object.defineProperties({}, descriptors({ [name]: credentials }));
    const record = Object.defineProperty({}, name, { value: credentials, enumerable: true });
    for (const wrong of [providers, record, [{ id: name, ...credentials }]]) {
      assert.throws(() => oauth({ providers: wrong }), { code: 'config_invalid' }, name);
    }
    const options = Object.defineProperty({}, name, { value: ['x'], enumerable: true });
    assert.throws(() => bitbucketProvider('x', 'y', options), { code: 'config_invalid' });
  }
  const { bitbucket } = await startApp(t);
  const provider = bitbucketProvider(CONSUMER.key, CONSUMER.secret, bitbucket.endpoints);
  const app = await createKavach({ ...usual, plugins: [oauth({ providers: [provider] })] });
  t.after(() => app.close());
  const listed = await (await app.handler(
    new Request(`${BASE_URL}${PREFIX}/auth/oauth/providers`),
  )).json();
  assert.deepEqual(listed, { providers: [{ id: 'bitbucket', name: 'Bitbucket' }] });
});

test('[44] what Object.prototype was made to hold is no option', async () => {
  const usual = { secret: SECRET, baseUrl: BASE_URL };
  const database = { provider: 'sqlite', url: ':memory:' };
  const everyObject = Object.getPrototypeOf({});
  /** Only while one call is made: all else in this process would be hit as well. */
  const polluted = (name, value, call) => {
    const descriptor = { value, configurable: true, enumerable: true, writable: true };
    Object.defineProperty(everyObject, name, descriptor);
    try {
      return call();
    } finally {
      delete everyObject[name];
    }
  };
  const evil = 'https://evil.example/';
  for (const name of ['authorizationUrl', 'tokenUrl', 'userInfoUrl']) {
    const make = () => bitbucketProvider('x', 'y', { scopes: ['repository'] });
    assert.notEqual(polluted(name, evil, make)[name], evil, name);
  }
  for (const [name, value] of [['trustedOrigins', [evil]], ['isAdmin', true], ['enabled', false]]) {
    const kavach = await polluted(name, value, () => createKavach({ ...usual, database }));
    await kavach.close();
  }
});

function descriptors(object) {
  return Object.fromEntries(
    Object.keys(object).map((name) => [name, { value: object[name], enumerable: true }]),
  );
}

test('every answer over HTTP has the headers that keep it safe, and no name', async (t) => {
  const app = await startTarget(t, {
    kavach: { rateLimit: { enabled: true, window: DAY, callback: { max: 1 } } },
  });
  const get = (path, headers = []) =>
    raw(app.port, request('GET', `${PREFIX}${path}`, [HOST, ...headers]));
  const html = ['Accept', 'text/html'];
  const callback = '/auth/oauth/callback/bitbucket?state=x';
  const large = ['Content-Length', '9000000'];
  const answers = [
    await get(SESSION), await get('/auth/oauth/providers'), await get('/auth/nothing'),
    await get('/auth/error?error=access_denied', [html]),
    await get('/auth/oauth/authorize/bitbucket'),
    await get('/auth/oauth/authorize/nobody', [html]), await get(callback, [html]),
    await get(callback, [html]), await get(callback),
    await raw(app.port, request('PUT', `${PREFIX}${SESSION}`, [HOST])),
    await raw(app.port, request('HEAD', `${PREFIX}${SESSION}`, [HOST])),
    await raw(app.port, request('POST', `${PREFIX}/auth/oauth/link`, [HOST, large])),
    await raw(app.port, request('POST', `${PREFIX}/auth/sign-out`, [HOST, ['Origin', BASE_URL]])),
  ];
  const statusList = answers.map(({ status }) => status);
  assert.deepEqual(statusList, [401, 200, 404, 200, 302, 302, 302, 429, 429, 405, 405, 403, 200]);
  for (const { status, get: header, headers, body } of answers) {
    assert.equal(header('cache-control'), 'no-store', String(status));
    assert.equal(header('x-content-type-options'), 'nosniff');
    assert.equal(header('referrer-policy'), 'no-referrer');
    for (const name of ['server', 'x-powered-by', 'via', 'access-control-allow-origin', 'etag']) {
      assert.equal(header(name), undefined, name);
    }
    const isHtml = header('content-type')?.startsWith('text/html') ?? false;
    assert.equal(header('content-security-policy') !== undefined, isHtml);
    assert.equal(header('x-frame-options'), isHtml ? 'DENY' : undefined);
    if (isHtml) {
      assert.match(header('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
      assert.doesNotMatch(header('content-security-policy'), /unsafe|\*/);
      assert.doesNotMatch(body, /<script|onerror|javascript:/i);
    }
    assert.ok(headers.every(([name]) => name !== ''));
  }
  const closed = app.kavach.close();
  await closed;
  const answer = await get(SESSION);
  assert.deepEqual([answer.status, answer.get('cache-control')], [503, 'no-store']);
  await assertError(await app.client.getJson(SESSION), 503, 'closed');
});
