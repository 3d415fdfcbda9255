// The JavaScript face of the library: requests and responses, values, errors, printing.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';

import { createKavach, KavachError } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

import { approve, startBitbucket } from '../testing/server.js';
import { EXPORTS } from './support/exports.js';

const SECRET = 'a secret of more than 32 characters';
const CLIENT_SECRET = 'client-secret-of-the-test';
const ORIGIN = 'http://localhost:3000';
const AUTH = `${ORIGIN}/api/kavach/auth`;
let bitbucket;
let kavach;

before(async () => {
  const callbackUrl = `${AUTH}/oauth/callback/bitbucket`;
  const consumer = { key: 'client-id', secret: CLIENT_SECRET, callbackUrl };
  bitbucket = await startBitbucket({ consumer });
  kavach = await open();
});
after(async () => {
  await kavach.close();
  await bitbucket.close();
});

describe('handler', () => {
  test('signs a user in, with the ip of the socket', async () => {
    const { cookie } = await signIn({ ip: '203.0.113.7' });
    const { user, session } = await kavach.auth.getSession({ cookie });
    assert.equal(user.email, 'jane@example.com');
    assert.equal(session.ipAddress, '203.0.113.7');
  });

  test('appends each cookie by itself', async () => {
    const { response } = await signIn();
    const cookies = response.headers.getSetCookie();
    assert.ok(cookies.length >= 2, 'the session starts and the flow ends');
    for (const cookie of cookies) assert.equal(cookie.match(/Path=/g).length, 1);
  });

  test('reads a body where a route wants one', async () => {
    const { cookie } = await signIn();
    const response = await link(cookie, JSON.stringify({ provider: 'bitbucket' }));
    assert.equal(response.status, 200);
    assert.match((await response.json()).url, /^http/);
  });

  test('leaves the body of other requests alone', async () => {
    const request = new Request(`${ORIGIN}/other`, { method: 'POST', body: 'mine' });
    assert.equal(await kavach.plugins.handleRequest(request), null);
    assert.equal(await request.text(), 'mine');
  });

  test('refuses a body that is no JSON, or of the wrong shape', async () => {
    const { cookie } = await signIn();
    for (const body of ['', '{', '[]', 'null', '{"provider":7}', '{"provider":["bitbucket"]}']) {
      const response = await link(cookie, body);
      assert.equal(response.status, 400, body);
      assert.equal((await response.json()).error.code, 'body_invalid', body);
    }
    const { error } = await (await link(cookie, '{"provider":7}')).json();
    assert.match(error.message, /provider/);
  });

  test('refuses a body that is too large, without reading it all', async () => {
    const { cookie } = await signIn();
    let pulled = 0;
    let cancelled = false;
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384).fill(32));
      },
      cancel() {
        cancelled = true;
      },
    });
    const response = await link(cookie, body);
    assert.equal(response.status, 413);
    assert.equal((await response.json()).error.code, 'body_too_large');
    assert.ok(cancelled);
    assert.ok(pulled < 10, `${pulled} chunks were read`);
  });

  test('takes a body of exactly 64 KiB', async () => {
    const { cookie } = await signIn();
    const body = (size) => JSON.stringify({ provider: 'bitbucket' }).padEnd(size);
    assert.equal((await link(cookie, body(65_536))).status, 200);
    assert.equal((await link(cookie, body(65_537))).status, 413);
  });

  test('refuses a body that was read before, or that breaks off', async () => {
    const { cookie } = await signIn();
    const used = linkRequest(cookie, JSON.stringify({ provider: 'bitbucket' }));
    await used.text();
    const broken = linkRequest(
      cookie,
      new ReadableStream({
        start(controller) {
          controller.error(new Error('the client went away'));
        },
      }),
    );
    for (const request of [used, broken]) {
      const response = await kavach.handler(request);
      assert.equal(response.status, 400);
      assert.equal((await response.json()).error.code, 'body_invalid');
    }
  });

  test('answers 404 for what is not there', async () => {
    const cases = {
      '/elsewhere': 'not_found',
      '/api/kavach/auth/nothing': 'not_found',
      '/api/kavach/auth/oauth/authorize/nobody': 'provider_unknown',
      '/api/kavach/auth/oauth/authorize/__proto__': 'provider_unknown',
    };
    for (const [path, code] of Object.entries(cases)) {
      const headers = { accept: 'application/json' };
      const response = await kavach.handler(new Request(`${ORIGIN}${path}`, { headers }));
      assert.equal(response.status, 404, path);
      assert.equal((await response.json()).error.code, code);
    }
  });

  test('gives a response without a body where none may be', async () => {
    const head = await kavach.handler(new Request(`${AUTH}/oauth/providers`, { method: 'HEAD' }));
    assert.equal(await head.text(), '');
  });

  test('rejects what is no request', async () => {
    for (const wrong of [undefined, null, 'http://localhost', {}, new URL(ORIGIN), { url: 'x' }]) {
      await assertRejects(kavach.handler(wrong), 'argument_invalid', 'Request');
      await assertRejects(kavach.plugins.handleRequest(wrong), 'argument_invalid', 'Request');
    }
    const request = new Request(`${AUTH}/session`);
    await assertRejects(kavach.handler(request, { ip: 7 }), 'argument_invalid', 'ip');
    await assertRejects(kavach.plugins.handleRequest(request, 7), 'argument_invalid', 'basePath');
  });

  test('does not stumble over the second argument of a framework', async () => {
    const context = { params: Promise.resolve({}) };
    for (const second of [context, null, undefined, {}]) {
      assert.equal((await kavach.handler(new Request(`${AUTH}/session`), second)).status, 401);
    }
  });

  test('takes the request of a framework that only looks like one', async () => {
    const request = {
      method: 'GET',
      url: `${AUTH}/oauth/providers`,
      headers: new Headers({ accept: 'application/json' }),
    };
    assert.equal((await kavach.handler(request)).status, 200);
  });
});

describe('plugins', () => {
  test('handleRequest goes by another base path when told', async () => {
    const request = () => new Request(`${ORIGIN}/elsewhere/auth/oauth/providers`);
    assert.equal(await kavach.plugins.handleRequest(request()), null);
    const response = await kavach.plugins.handleRequest(request(), '/elsewhere');
    assert.deepEqual(await response.json(), {
      providers: [{ id: 'bitbucket', name: 'Bitbucket' }],
    });
  });

  test('getEndpoints lists the routes', () => {
    const endpoints = kavach.plugins.getEndpoints();
    const authorize = endpoints.find(({ path }) => path === '/auth/oauth/authorize/:provider');
    assert.deepEqual(Object.keys(authorize).sort(), [
      'description',
      'method',
      'path',
      'requireAuth',
    ]);
    assert.equal(authorize.method, 'GET');
    assert.equal(authorize.requireAuth, false);
  });
});

describe('getSession and resolveUser', () => {
  const sources = (cookie) => ({
    'a Request': new Request(ORIGIN, { headers: { cookie } }),
    Headers: new Headers({ cookie }),
    'a record': { cookie },
    'a record with other case': { Cookie: cookie },
    'a record of arrays': { cookie: ['a=b', cookie] },
    'a record without prototype': Object.assign(Object.create(null), { cookie }),
    'a Node request': { headers: { cookie }, rawHeaders: ['Cookie', 'a=b', 'cookie', cookie] },
    'a Node request without raw headers': { headers: { cookie }, rawHeaders: [] },
  });
  for (const kind of Object.keys(sources('x'))) {
    test(`take ${kind}`, async () => {
      const { cookie } = await signIn();
      const signedIn = await kavach.auth.getSession(sources(cookie)[kind]);
      assert.equal(signedIn.user.email, 'jane@example.com');
      assert.deepEqual(await kavach.auth.resolveUser(sources(cookie)[kind]), {
        id: signedIn.user.id,
        email: 'jane@example.com',
        name: 'Jane Example',
        image: signedIn.user.image,
      });
    });
  }

  test('take a bearer token, but not two', async () => {
    const token = await newToken();
    const authorization = `Bearer ${token}`;
    assert.ok(await kavach.auth.getSession({ authorization }));
    const two = ['Authorization', authorization, 'authorization', 'Bearer other'];
    const asNodeSeesIt = { headers: { authorization }, rawHeaders: two };
    assert.equal(await kavach.auth.getSession(asNodeSeesIt), null);
  });

  test('give null when nobody is signed in', async () => {
    for (const from of [{}, new Headers(), { cookie: undefined }, { authorization: 'Bearer %' }]) {
      assert.equal(await kavach.auth.getSession(from), null);
      assert.equal(await kavach.auth.resolveUser(from), null);
    }
  });

  test('reject what holds no headers', async () => {
    const wrong = [
      undefined, null, 'kvs_x', 7, [], () => {}, Promise.resolve({}), new Map(), new URL(ORIGIN),
      { cookie: 7 }, { authorization: {} },
    ];
    for (const from of wrong) {
      await assertRejects(kavach.auth.getSession(from), 'argument_invalid');
      await assertRejects(kavach.auth.resolveUser(from), 'argument_invalid');
    }
  });
});

describe('values', () => {
  test('have dates where the types say so', async () => {
    const { user, session } = await someone();
    const connection = (await kavach.auth.getOAuthConnections(user.id))[0];
    const access = await kavach.auth.getAccessToken(user.id, 'bitbucket');
    const dates = [
      user.createdAt, user.updatedAt, session.createdAt, session.expiresAt,
      connection.createdAt, connection.updatedAt, access.expiresAt,
      (await kavach.users.get(user.id)).createdAt,
      (await kavach.users.findByEmail(' JANE@example.com ')).createdAt,
      (await kavach.auth.session.list(user.id))[0].expiresAt,
    ];
    for (const date of dates) {
      assert.ok(date instanceof Date);
      assert.ok(!Number.isNaN(date.getTime()));
    }
  });

  test('give metadata back as it was, dates and names of ours included', async () => {
    const { user } = await someone();
    const metadata = {
      createdAt: '2026-01-02T03:04:05.000Z',
      expiresAt: 7,
      nested: { user: null, list: [1, 'two', { three: true }] },
      ['__proto__']: { admin: true },
    };
    const { token } = await kavach.auth.session.create(user.id, metadata);
    const { session } = await kavach.auth.session.validate(token);
    assert.deepEqual(session.metadata, metadata);
    assert.equal(session.metadata.admin, undefined);
  });

  test('never show the tokens of linked accounts', async () => {
    const { user } = await someone();
    const { accessToken } = await kavach.auth.getAccessToken(user.id, 'bitbucket');
    const connections = await kavach.auth.getOAuthConnections(user.id);
    assert.ok(!inspect(connections, { depth: 9 }).includes(accessToken));
    assert.deepEqual(Object.keys(connections[0]).sort(), [
      'createdAt', 'id', 'provider', 'providerAccountId', 'scopes', 'updatedAt',
    ]);
  });

  test('tell what happened', async () => {
    const { user, session } = await someone();
    const { session: other } = await kavach.auth.session.create(user.id);
    assert.equal(await kavach.auth.session.revoke(other.id), true);
    assert.equal(await kavach.auth.session.revoke(other.id), false);
    await kavach.auth.session.create(user.id);
    assert.ok((await kavach.auth.session.revokeAll(user.id, { except: session.id })) >= 1);
    assert.deepEqual(
      (await kavach.auth.session.list(user.id)).map(({ id }) => id),
      [session.id],
    );
    assert.equal(await kavach.auth.session.revokeAll(user.id), 1);
    await assertRejects(kavach.auth.disconnectOAuth(user.id, 'bitbucket'), 'last_account');
    assert.equal(await kavach.users.delete(user.id), true);
    assert.equal(await kavach.users.delete(user.id), false);
    assert.equal(await kavach.users.get(user.id), null);
  });
});

describe('a call with a wrong argument rejects with KavachError', () => {
  const { auth, users } = {
    auth: (name) => (value) => kavach.auth[name](value, value),
    users: (name) => (value) => kavach.users[name](value),
  };
  const session = (name) => (value) => kavach.auth.session[name](value);
  const calls = {
    'auth.session.create': session('create'),
    'auth.session.validate': session('validate'),
    'auth.session.revoke': session('revoke'),
    'auth.session.revokeAll': session('revokeAll'),
    'auth.session.list': session('list'),
    'auth.getOAuthConnections': auth('getOAuthConnections'),
    'auth.disconnectOAuth': auth('disconnectOAuth'),
    'auth.getAccessToken': auth('getAccessToken'),
    'users.get': users('get'),
    'users.findByEmail': users('findByEmail'),
    'users.delete': users('delete'),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      for (const wrong of [undefined, null, 7, true, {}, [], () => {}, Symbol('x'), 7n]) {
        await assertRejects(call(wrong), 'argument_invalid');
      }
    });
  }

  test('metadata that JSON cannot hold', async () => {
    const { user } = await someone();
    const loop = {};
    loop.loop = loop;
    for (const wrong of [loop, { big: 7n }, () => {}, 'text', 7, [], { x: 'x'.repeat(20_000) }]) {
      await assertRejects(
        kavach.auth.session.create(user.id, wrong),
        'argument_invalid',
        'metadata',
      );
    }
  });

  test('a misspelt option of revokeAll, which would end all', async () => {
    const { user, session } = await someone();
    for (const wrong of [{ expect: session.id }, session.id, null, { except: 7 }]) {
      await assertRejects(kavach.auth.session.revokeAll(user.id, wrong), 'argument_invalid');
    }
    assert.ok((await kavach.auth.session.list(user.id)).length >= 1);
  });

  test('nobody there', async () => {
    const { session, getAccessToken } = kavach.auth;
    await assertRejects(session.create('nobody'), 'user_not_found');
    await assertRejects(getAccessToken('nobody', 'bitbucket'), 'account_not_found');
    await assertRejects(getAccessToken('nobody', 'example'), 'provider_unknown');
  });
});

describe('KavachError', () => {
  test('is an Error with a name, a code and a status', async () => {
    const error = await rejection(kavach.auth.session.create('nobody'));
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'KavachError');
    assert.equal(error.code, 'user_not_found');
    assert.equal(error.status, 404);
    assert.equal('cause' in error, false);
    assert.match(error.stack, /^KavachError: /);
    assert.match(error.stack, /facade\.test\.js/, 'the stack leads to the caller');
  });

  test('can be made by tests of an application', () => {
    const error = new KavachError('provider_error', 'Down', { status: 502, cause: 'x' });
    assert.deepEqual({ ...error }, { code: 'provider_error', status: 502 });
    assert.equal(error.cause, 'x');
    assert.equal(new KavachError('internal', 'Oops').status, 500);
  });
});

describe('a Kavach', () => {
  test('shows no secret, however it is printed', async () => {
    const token = await newToken();
    const prints = [
      inspect(kavach),
      inspect(kavach, { showHidden: true, depth: 9, getters: true, customInspect: false }),
      JSON.stringify(kavach),
      String(kavach),
    ];
    for (const print of prints) {
      for (const secret of [SECRET, CLIENT_SECRET, token]) assert.ok(!print.includes(secret));
    }
    assert.ok(inspect(kavach).length < 100);
  });

  test('works in parts', async () => {
    const { handler, plugins, auth, users } = kavach;
    const { getSession, session } = auth;
    const { handleRequest, getEndpoints } = plugins;
    const { validate } = session;
    const { get } = users;
    assert.equal((await handler(new Request(`${AUTH}/session`))).status, 401);
    assert.equal(await handleRequest(new Request(ORIGIN)), null);
    assert.ok(getEndpoints().length > 0);
    assert.equal(await getSession({}), null);
    assert.equal(await validate('kvs_'), null);
    assert.equal(await get('nobody'), null);
  });

  test('can be replaced in parts by the tests of an application', async () => {
    const mine = await open();
    mine.auth.getSession = async () => null;
    assert.equal(await mine.auth.getSession('anything'), null);
    await mine.close();
  });

  test('closes once, and says so afterwards', async () => {
    const mine = await open();
    const { close } = mine;
    await Promise.all([close(), close()]);
    await close();
    await assertRejects(mine.auth.getSession({}), 'closed');
    await assertRejects(mine.users.get('x'), 'closed');
    const response = await mine.handler(new Request(`${AUTH}/session`));
    assert.equal(response.status, 503);
    assert.equal((await response.json()).error.code, 'closed');
  });

  test('lets requests in flight finish', async () => {
    const mine = await open();
    const { user } = await someone(mine);
    const inFlight = Array.from({ length: 20 }, () => mine.auth.session.create(user.id));
    const closing = mine.close();
    assert.equal((await Promise.all(inFlight)).length, 20);
    await closing;
  });

  test('lets HTTP requests in flight finish', async () => {
    const mine = await open();
    const { token } = await signIn({ at: mine });
    const headers = { authorization: `Bearer ${token}` };
    const request = () => mine.handler(new Request(`${AUTH}/session`, { headers }));
    const inFlight = Array.from({ length: 20 }, request);
    const closing = mine.close();
    for (const response of await Promise.all(inFlight)) assert.equal(response.status, 200);
    await closing;
  });

  test('is disposed of by await using', { skip: !Symbol.asyncDispose }, async () => {
    const mine = await open();
    await mine[Symbol.asyncDispose]();
    await assertRejects(mine.users.get('x'), 'closed');
  });

  test('survives a logger that fails, and tells it no secret', async () => {
    const lines = [];
    const mine = await open({
      logger: (...line) => {
        lines.push(inspect(line, { depth: 9 }));
        if (lines.length % 2 === 0) throw new Error('the disk is full');
        return Promise.reject(new Error('the disk is full'));
      },
    });
    const { token } = await signIn({ at: mine });
    bitbucket.fail('token', 'html');
    await signIn({ at: mine }).catch(() => {});
    await mine.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(lines.length > 0);
    for (const line of lines) {
      for (const secret of [SECRET, CLIENT_SECRET, token]) assert.ok(!line.includes(secret), line);
    }
  });
});

describe('the package', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const run = (type, script) =>
    promisify(execFile)(process.execPath, [`--input-type=${type}`, '--eval', script], {
      cwd: root,
      timeout: 20_000,
    });

  test('can be required', async () => {
    const { stdout } = await run(
      'commonjs',
      `const { createKavach, KavachError } = require('kavachos');
       const { oauth, bitbucketProvider } = require('kavachos/auth');
       const { toNodeHandler } = require('kavachos/node');
       console.log([createKavach, KavachError, oauth, bitbucketProvider, toNodeHandler]
         .map((value) => typeof value).join());`,
    );
    assert.equal(stdout.trim(), 'function,function,function,function,function');
  });

  test('exports what is documented and nothing else', async () => {
    for (const [name, expected] of Object.entries(EXPORTS)) {
      assert.deepEqual(Object.keys(await import(name)).toSorted(), expected);
    }
    const inside = { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' };
    await assert.rejects(import('kavachos/js/native.js'), inside);
  });

  test('does not keep a program alive that has closed it, or forgot to', async () => {
    for (const ending of ['await kavach.close();', '']) {
      const { stdout } = await run(
        'module',
        `import { createKavach } from 'kavachos';
         const kavach = await createKavach({
           database: { provider: 'sqlite', url: ':memory:' },
           secret: ${JSON.stringify(SECRET)},
           baseUrl: ${JSON.stringify(ORIGIN)},
           logger: () => {},
         });
         ${ending}
         console.log('done');`,
      );
      assert.equal(stdout.trim(), 'done');
    }
  });
});

function open(options) {
  const provider = bitbucketProvider('client-id', CLIENT_SECRET, bitbucket.endpoints);
  return createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: SECRET,
    baseUrl: ORIGIN,
    plugins: [oauth({ providers: [provider] })],
    ...options,
  });
}

// The whole flow, as a browser goes through it.
async function signIn({ at = kavach, ip } = {}) {
  const start = await at.handler(new Request(`${AUTH}/oauth/authorize/bitbucket`));
  const callback = await approve(start.headers.get('location'), { user: 'jane' });
  const headers = { cookie: cookiesOf(start) };
  const response = await at.handler(new Request(callback, { headers }), { ip });
  const cookie = cookiesOf(response);
  const token = /kvs_[\w-]+/.exec(cookie)?.[0];
  assert.ok(token, `no session: ${response.status} ${response.headers.get('location')}`);
  return { response, cookie, token };
}

async function someone(at = kavach) {
  const { cookie } = await signIn({ at });
  return at.auth.getSession({ cookie });
}

async function newToken() {
  return (await signIn()).token;
}

function cookiesOf(response) {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

function link(cookie, body) {
  return kavach.handler(linkRequest(cookie, body));
}

function linkRequest(cookie, body) {
  const headers = { cookie, origin: ORIGIN, 'content-type': 'application/json' };
  return new Request(`${AUTH}/oauth/link`, { method: 'POST', headers, body, duplex: 'half' });
}

async function rejection(promise) {
  const error = await promise.then(
    () => assert.fail('it was accepted'),
    (reason) => reason,
  );
  assert.ok(error instanceof KavachError, inspect(error));
  return error;
}

async function assertRejects(promise, code, named = '') {
  const error = await rejection(promise);
  assert.equal(error.code, code, error.message);
  assert.ok(error.message.includes(named), `"${error.message}" does not name ${named}`);
}
