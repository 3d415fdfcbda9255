// examples/fastify, installed and walked through, and the same routes mounted otherwise.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertError, setCookies } from './support/client.js';
import { startExample } from './support/example.js';
import {
  endsByItself, mountUnderPrefix, readsBodies, startModule, walkBehindProxy,
} from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

const LISTEN = 'await app.listen({ port: Number(process.env.PORT) });';

describe('the Fastify example', () => {
  test('signs in and out, and stops when it is told to', async (t) => {
    const app = await startExample(t, 'fastify');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await endsByItself(app);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'fastify'));
});

describe('in Fastify', () => {
  test('the routes live under a prefix', (t) =>
    mountUnderPrefix(t, 'fastify', `
      import Fastify from 'fastify';
      const { kavachRoutes } = await import('./routes.js');

      const app = Fastify();
      app.register(kavachRoutes, { prefix: '/shop' });
      ${LISTEN}
    `));

  test('bodies are read beside parsers of the application, which go on', async (t) => {
    const app = await startModule(t, 'fastify', `
      import Fastify from 'fastify';
      import { kavachRoutes } from './routes.js';

      const app = Fastify();
      app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' },
        async (request, body) => Object.fromEntries(new URLSearchParams(body)));
      app.addContentTypeParser('*', { parseAs: 'string' }, async (request, body) => body);
      app.register(kavachRoutes);
      app.post('/own', async (request) => request.body);
      ${LISTEN}
    `);
    const client = visitor(app);
    await readsBodies(client);
    const own = await client.post(`${client.origin}/own`, { a: 1 });
    assert.deepEqual(await own.json(), { a: 1 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const read = await client.post(`${client.origin}/own`, 'a=1', form);
    assert.deepEqual(await read.json(), { a: '1' });
  });

  test('what hooks put on the reply is sent along, cookies too', async (t) => {
    const app = await startModule(t, 'fastify', `
      import Fastify from 'fastify';
      import { kavachRoutes } from './routes.js';

      const app = Fastify();
      app.addHook('onRequest', async (request, reply) => {
        reply.header('x-frame-options', 'SAMEORIGIN').header('set-cookie', ['a=1', 'b=2']);
      });
      app.register(kavachRoutes);
      ${LISTEN}
    `);
    const response = await visitor(app).get('/auth/oauth/authorize/bitbucket');
    assert.equal(response.status, 302);
    assert.equal(response.headers.get('x-frame-options'), 'SAMEORIGIN');
    const names = setCookies(response).map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ['a', 'b']);
    assert.match(names[2], /kavach_flow_/);
  });

  test('a wrong mount path is named, and the right one with it', async (t) => {
    const app = await startModule(t, 'fastify', `
      import Fastify from 'fastify';
      import { toNodeHandler } from 'kavachos/node';
      import { kavach } from './kavach.js';

      const auth = toNodeHandler(kavach);
      const app = Fastify();
      app.all('/login/*', (request, reply) => {
        reply.hijack();
        return auth(request.raw, reply.raw);
      });
      ${LISTEN}
    `);
    const response = await visitor(app, { basePath: '/login' }).getJson('/auth/session');
    const message = await assertError(response, 404, 'not_found');
    assert.match(message, /\/login\/auth\/session.*\/api\/kavach\/auth/);
  });
});
