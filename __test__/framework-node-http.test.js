// examples/node-http, installed and walked through: on HTTP/1.1, and on HTTP/2 over TLS.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { assertError } from './support/client.js';
import { startExample } from './support/example.js';
import {
  endsByItself, mountUnderPrefix, startModule, walkBehindProxy,
} from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

describe('the node:http example', () => {
  test('signs in and out, and stops when it is told to', async (t) => {
    const app = await startExample(t, 'node-http');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await endsByItself(app);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'node-http'));

  test('signs in on HTTP/2, and on HTTP/1.1 at the same port', async (t) => {
    const tls = makeCertificate(t);
    const port = await freePort();
    const app = await startExample(t, 'node-http', {
      command: ['npm', 'run', 'start:http2'],
      publicUrl: `https://localhost:${port}`,
      env: { TLS_PORT: `${port}`, TLS_KEY: tls.key, TLS_CERT: tls.cert },
    });
    const ca = readFileSync(tls.cert);
    await t.test('on HTTP/2', async (t) => {
      const session = http2.connect(app.url, { ca, family: 4 });
      t.after(() => session.close());
      await walk(t, app, { send: overHttp2(session) });
      assert.equal(session.alpnProtocol, 'h2');
    });
    await t.test('on HTTP/1.1', (t) => walk(t, app, { send: overTls(ca) }));
    await t.test('who comes without TLS is sent there', async () => {
      const response = await fetch(`http://localhost:${app.port}/a?b`, { redirect: 'manual' });
      assert.equal(response.headers.get('location'), `${app.url}/a?b`);
    });
    await endsByItself(app);
  });
});

describe('on node:http', () => {
  test('the routes live under a prefix', (t) =>
    mountUnderPrefix(t, 'node-http', `
      import { createServer } from 'node:http';
      import { toNodeHandler } from 'kavachos/node';
      const { kavach } = await import('./kavach.js');

      createServer(toNodeHandler(kavach)).listen(Number(process.env.PORT));
    `));

  test('a wrong address is named, and the right ones with it', async (t) => {
    const app = await startModule(t, 'node-http', `
      import { createServer } from 'node:http';
      import { toNodeHandler } from 'kavachos/node';
      import { kavach } from './kavach.js';

      createServer(toNodeHandler(kavach)).listen(Number(process.env.PORT));
    `);
    const response = await visitor(app, { basePath: '/login' }).getJson('/auth/session');
    const message = await assertError(response, 404, 'not_found');
    assert.match(message, /\/login\/auth\/session.*\/api\/kavach\/auth/);
  });
});

function overHttp2(session) {
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = Buffer.from(await request.arrayBuffer());
    const head = { ':method': request.method, ':path': pathname + search };
    const stream = session.request(
      { ...Object.fromEntries(request.headers), ...head },
      { endStream: body.length === 0 },
    );
    if (body.length > 0) stream.end(body);
    const headers = await new Promise((resolve, reject) => {
      stream.on('response', resolve).on('error', reject);
    });
    return toResponse(headers[':status'], headers, await stream.toArray());
  };
}

function overTls(ca) {
  return async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const response = await new Promise((resolve, reject) => {
      https
        .request(request.url, { ca, family: 4, method: request.method, headers })
        .on('response', resolve)
        .on('error', reject)
        .end(body);
    });
    assert.equal(response.httpVersion, '1.1');
    return toResponse(response.statusCode, response.headers, await response.toArray());
  };
}

function toResponse(status, headers, chunks) {
  const pairs = Object.entries(headers)
    .filter(([name]) => !name.startsWith(':'))
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  const body = Buffer.concat(chunks);
  return new Response(body.length > 0 ? body : null, { status, headers: pairs });
}

/** The paths of a key and of a certificate for localhost. */
function makeCertificate(t) {
  const directory = mkdtempSync(join(tmpdir(), 'kavachos-tls-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const { status, stderr, error } = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-keyout', key, '-out', cert, '-days', '1',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
  ], { encoding: 'utf8' });
  assert.equal(status, 0, error?.message ?? stderr);
  return { key, cert };
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
