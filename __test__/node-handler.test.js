// `toNodeHandler`: the library on node:http, node:http2 and Express.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import express from 'express';
import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';

import { approve, startBitbucket } from '../testing/server.js';

const ORIGIN = 'http://localhost:3000';
const BASE = '/api/kavach';
const LIMIT = 65_536;
const JSON_TYPE = { 'content-type': 'application/json' };
const LINK = JSON.stringify({ provider: 'bitbucket' });
let bitbucket;
let kavach;
let handler;
let cookie;
let token;

before(async () => {
  const callbackUrl = `${ORIGIN}${BASE}/auth/oauth/callback/bitbucket`;
  const consumer = { key: 'client-id', secret: 'client-secret', callbackUrl };
  bitbucket = await startBitbucket({ consumer });
  const provider = bitbucketProvider('client-id', 'client-secret', bitbucket.endpoints);
  kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: 'a secret of more than 32 characters',
    baseUrl: ORIGIN,
    // All requests here come from one address.
    rateLimit: { enabled: false },
    plugins: [oauth({ providers: [provider] })],
  });
  handler = toNodeHandler(kavach);
  const url = await serve(http.createServer(handler));
  cookie = await signIn(url);
  [token] = /kvs_[\w-]+/.exec(cookie);
});
after(async () => {
  for (const stop of stops) stop();
  await kavach.close();
  await bitbucket.close();
});

test('takes nothing but a Kavach', () => {
  for (const wrong of [undefined, null, {}, Promise.resolve(kavach), kavach.handler]) {
    assert.throws(() => toNodeHandler(wrong), { name: 'KavachError', code: 'argument_invalid' });
  }
});

describe('on node:http', () => {
  let url;
  before(async () => {
    url = await serve(http.createServer(handler));
  });

  test('signs a user in, and records the address of the socket', async () => {
    const signedIn = await kavach.auth.getSession({ cookie: await signIn(url) });
    assert.equal(signedIn.session.ipAddress, '127.0.0.1');
  });

  test('sets each cookie by itself', async () => {
    const cookies = (await finish(url, await begin(url))).headers.getSetCookie();
    assert.ok(cookies.length >= 2, 'the session starts and the flow ends');
    for (const line of cookies) assert.equal(line.match(/Path=/g).length, 1);
  });

  test('reads a body, whole or in pieces', async () => {
    for (const body of [LINK, pieces(['{"provider"', ':', '"bitbucket"}'])]) {
      const response = await post(url, body);
      assert.equal(response.status, 200);
      assert.match((await response.json()).url, /^http/);
    }
  });

  test('takes 64 KiB and no more', async () => {
    assert.equal((await post(url, LINK.padEnd(LIMIT))).status, 200);
    assert.equal((await post(url, LINK.padEnd(LIMIT + 1))).status, 413);
  });

  test('answers 413 to a larger body, with a length or without, and stays usable', async () => {
    const chunk = Buffer.alloc(65_536, ' ');
    for (let round = 0; round < 10; round += 1) {
      const streamed = await post(url, pieces(Array.from({ length: 40 }, () => chunk)));
      assert.equal(streamed.status, 413);
      assert.equal((await streamed.json()).error.code, 'body_too_large');
      const declared = await post(url, Buffer.alloc(3_000_000, ' '));
      assert.equal(declared.status, 413);
      assert.equal((await declared.json()).error.code, 'body_too_large');
    }
    assert.equal((await post(url, LINK)).status, 200);
  });

  test('sees every header that was sent, where Node keeps the first only', async () => {
    const alone = ['Authorization', `Bearer ${token}`];
    assert.equal(await rawStatus(url, alone), 200);
    assert.equal(await rawStatus(url, [...alone, 'authorization', 'Bearer other']), 401);
  });

  test('joins cookies that came in several headers', async () => {
    assert.equal(await rawStatus(url, ['Cookie', 'a=b', 'cookie', cookie]), 200);
  });

  test('answers HEAD without a body', async () => {
    const response = await fetch(`${url}${BASE}/auth/oauth/providers`, { method: 'HEAD' });
    assert.ok([200, 405].includes(response.status));
    assert.equal(await response.text(), '');
  });

  test('answers 404 by itself to what is not there', async () => {
    const response = await fetch(`${url}/elsewhere`);
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error.code, 'not_found');
  });

  test('survives odd request targets', async () => {
    for (const path of ['//', '/%', `http://evil.example${BASE}/auth/session`, '*', '/?x#y']) {
      const status = await rawStatus(url, [], path);
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
    }
    assert.equal((await post(url, LINK)).status, 200);
  });
});

describe('when the client goes away in the middle of its body', () => {
  test('the handler ends, answers nothing and goes on', { timeout: 10_000 }, async () => {
    const calls = [];
    const url = await serve(http.createServer((req, res) => calls.push(handler(req, res))));
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST ${BASE}/auth/oauth/link HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n` +
        `origin: ${ORIGIN}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"pro`,
    );
    while (calls.length === 0) await sleep(5);
    await sleep(20);
    socket.destroy();
    await calls[0];
    assert.equal((await post(url, LINK)).status, 200);
  });

  test('the same on HTTP/2', { timeout: 10_000 }, async () => {
    const calls = [];
    const url = await serve(http2.createServer((req, res) => calls.push(handler(req, res))));
    const client = http2.connect(url);
    client.on('error', () => {});
    const request = client.request(h2Post());
    request.on('error', () => {});
    request.write(LINK);
    while (calls.length === 0) await sleep(5);
    await sleep(20);
    client.destroy();
    await calls[0];
    assert.equal((await h2(url, h2Post(), LINK)).status, 200);
  });

  test('before the handler is called', { timeout: 10_000 }, async () => {
    let call;
    const server = http.createServer(async (req, res) => {
      await new Promise((resolve) => req.once('close', resolve));
      call = handler(req, res);
    });
    const url = await serve(server);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`POST ${BASE}/auth/sign-out HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx`);
    await sleep(50);
    socket.destroy();
    while (!call) await sleep(5);
    await call;
  });
});

describe('on node:http2', () => {
  let url;
  before(async () => {
    url = await serve(http2.createServer(handler));
  });

  test('answers, with cookies each by itself', async () => {
    const path = `${BASE}/auth/oauth/authorize/bitbucket`;
    const response = await h2(url, { ':path': path, accept: 'text/html' });
    assert.equal(response.status, 302);
    assert.equal(response.headers['set-cookie'].length, 1);
  });

  test('joins cookies that came in several headers', async () => {
    const response = await h2(url, { ':path': `${BASE}/auth/session`, cookie: ['a=b', cookie] });
    assert.equal(response.status, 200);
    assert.equal(JSON.parse(response.body).user.email, 'jane@example.com');
  });

  test('reads a body', async () => {
    const response = await h2(url, h2Post(), LINK);
    assert.equal(response.status, 200);
    assert.match(JSON.parse(response.body).url, /^http/);
  });

  test('answers 413 to a larger body, with a length or without', async () => {
    const large = Buffer.alloc(1_000_000, ' ');
    assert.equal((await h2(url, h2Post(), large)).status, 413);
    const declared = { ...h2Post(), 'content-length': String(large.length) };
    assert.equal((await h2(url, declared, large)).status, 413);
  });

  test('answers HEAD without a body', async () => {
    const head = { ':method': 'HEAD', ':path': `${BASE}/auth/oauth/providers` };
    assert.equal((await h2(url, head)).body, '');
  });

  test('lets getSession read its request', async () => {
    const own = await serve(
      http2.createServer(async (req, res) => {
        const signedIn = await kavach.auth.getSession(req);
        res.end(signedIn?.user.email ?? 'nobody');
      }),
    );
    const response = await h2(own, { ':path': '/', cookie: ['a=b', cookie] });
    assert.equal(response.body, 'jane@example.com');
  });
});

describe('in Express', () => {
  test('mounts under a prefix, under a router, or under nothing', async () => {
    const router = express.Router().use('/kavach', handler);
    const mounts = [
      express().use(BASE, handler),
      express().use('/api', router),
      express().use(handler),
      express().all(`${BASE}/{*path}`, handler),
    ];
    for (const app of mounts) {
      const url = await serve(http.createServer(app));
      const response = await fetch(`${url}${BASE}/auth/oauth/providers`);
      assert.equal(response.status, 200);
      assert.equal((await post(url, LINK)).status, 200);
    }
  });

  test('passes on what is none of ours, its body untouched', async () => {
    const app = express().use(handler, express.json(), (req, res) => res.json({ mine: req.body }));
    const url = await serve(http.createServer(app));
    for (const path of ['/elsewhere', `${BASE}/auth/nothing`, `${BASE}x/auth/session`]) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: '{"a":1}',
      });
      assert.deepEqual(await response.json(), { mine: { a: 1 } });
    }
  });

  const parsers = {
    'express.json()': express.json({ limit: '1mb' }),
    'express.text()': express.text({ type: '*/*', limit: '1mb' }),
    'express.raw()': express.raw({ type: '*/*', limit: '1mb' }),
  };
  for (const [name, parser] of Object.entries(parsers)) {
    test(`works behind ${name}`, async () => {
      const url = await serve(http.createServer(express().use(parser, handler)));
      assert.equal((await post(url, LINK)).status, 200);
      const large = JSON.stringify({ provider: 'bitbucket', more: 'x'.repeat(LIMIT) });
      assert.equal((await post(url, large)).status, 413);
      assert.equal((await post(url, '{"provider":7}')).status, 400);
    });
  }

  test('works behind a parser of forms, repeats and all', async () => {
    for (const extended of [true, false]) {
      const app = express().use(express.urlencoded({ extended }), handler);
      const url = await serve(http.createServer(app));
      const callback = (form) =>
        fetch(`${url}${BASE}/auth/oauth/callback/bitbucket`, {
          ...manual,
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
          body: form,
        });
      for (const form of ['state=a&code=b', 'state=a&state=a&code=b', 'state[a]=b', '']) {
        const response = await callback(form);
        assert.equal(response.status, 302, form);
        assert.match(response.headers.get('location'), /error=/);
      }
    }
  });

  test('answers 400 when someone read the body and left nothing', async () => {
    const reader = (req, res, next) => req.on('end', next).resume();
    const url = await serve(http.createServer(express().use(reader, handler)));
    const response = await post(url, LINK);
    assert.equal(response.status, 400);
    const { error } = await response.json();
    assert.equal(error.code, 'body_invalid');
    assert.match(error.message, /mount kavachos before what parses bodies/);
    // A body that may be left out must not be passed over either.
    const signOut = await post(url, LINK, '/auth/sign-out');
    assert.equal(signOut.status, 400);
  });

  test('a mount where no route of ours can be says what path it saw and where the routes are', async () => {
    const url = await serve(http.createServer(express().use('/login', handler)));
    const response = await fetch(`${url}/login/auth/session`);
    assert.equal(response.status, 404);
    const { error } = await response.json();
    assert.match(error.message, /nothing at \/login\/auth\/session.*below \/api\/kavach\/auth/);
    for (const mount of ['/', '/api', BASE, `${BASE}/auth`]) {
      const app = express().use(mount, handler).use((req, res) => res.end('passed on'));
      const right = await serve(http.createServer(app));
      assert.equal((await fetch(`${right}${BASE}/auth/oauth/providers`)).status, 200, mount);
      assert.equal(await (await fetch(`${right}${BASE}/auth/nothing`)).text(), 'passed on', mount);
    }
  });

  test('a request whose `baseUrl` is something else is passed on as ever', async () => {
    const odd = (req, res, next) => {
      req.baseUrl = { not: 'a path' };
      next();
    };
    const app = (req, res) => odd(req, res, () => handler(req, res, () => res.end('passed on')));
    const url = await serve(http.createServer(app));
    assert.equal(await (await fetch(`${url}/elsewhere`)).text(), 'passed on');
    assert.equal((await fetch(`${url}${BASE}/auth/oauth/providers`)).status, 200);
  });

  test('adds to the cookies of other middleware, and replaces its other headers', async () => {
    const app = express().use((req, res, next) => {
      res.setHeader('Set-Cookie', 'theirs=1; Path=/');
      res.setHeader('Cache-Control', 'public');
      next();
    }, handler);
    const url = await serve(http.createServer(app));
    const response = await fetch(`${url}${BASE}/auth/oauth/authorize/bitbucket`, manual);
    const cookies = response.headers.getSetCookie();
    assert.equal(cookies.length, 2);
    assert.equal(cookies[0], 'theirs=1; Path=/');
    assert.equal(response.headers.get('cache-control'), 'no-store');
  });

  test('stays silent when someone has answered already', async () => {
    const app = express().use((req, res, next) => {
      res.end('too late');
      next();
    }, handler);
    const url = await serve(http.createServer(app));
    const response = await fetch(`${url}${BASE}/auth/session`);
    assert.equal(await response.text(), 'too late');
  });
});

const manual = { redirect: 'manual' };
const stops = [];

async function serve(server) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

async function signIn(url) {
  return cookiesOf(await finish(url, await begin(url)));
}

function begin(url) {
  return fetch(`${url}${BASE}/auth/oauth/authorize/bitbucket`, manual);
}

async function finish(url, start) {
  const callback = new URL(await approve(start.headers.get('location'), { user: 'jane' }));
  return fetch(`${url}${callback.pathname}${callback.search}`, {
    ...manual,
    headers: { cookie: cookiesOf(start) },
  });
}

function cookiesOf(response) {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .filter((pair) => !pair.endsWith('='))
    .join('; ');
}

function post(url, body, path = '/auth/oauth/link') {
  return fetch(`${url}${BASE}${path}`, {
    method: 'POST',
    headers: { ...JSON_TYPE, cookie, origin: ORIGIN },
    body,
    duplex: 'half',
  });
}

function pieces(chunks) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
        await sleep(1);
      }
      controller.close();
    },
  });
}

// Headers and target exactly as given.
async function rawStatus(url, headers, path = `${BASE}/auth/session`) {
  const request = http.request({
    ...{ host: '127.0.0.1', port: new URL(url).port, path },
    headers: ['host', 'x', ...headers],
  });
  request.end();
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

function h2Post() {
  return {
    ...{ ':method': 'POST', ':path': `${BASE}/auth/oauth/link` },
    ...{ ...JSON_TYPE, cookie, origin: ORIGIN },
  };
}

async function h2(url, headers, body) {
  const client = http2.connect(url);
  try {
    const request = client.request(headers, { endStream: body === undefined });
    const answered = once(request, 'response');
    if (body !== undefined) request.end(body);
    const [response] = await answered;
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    return { status: response[':status'], headers: response, body: text };
  } finally {
    client.destroy();
  }
}
