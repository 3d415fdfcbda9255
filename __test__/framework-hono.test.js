// examples/hono on Node, installed and walked through, and the same routes mounted otherwise.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertError } from './support/client.js';
import { startExample } from './support/example.js';
import {
  endsByItself, mountUnderPrefix, readsBodies, startModule, walkBehindProxy,
} from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

const LISTEN = 'serve({ fetch: app.fetch, port: Number(process.env.PORT) });';

describe('the Hono example', () => {
  test('signs in and out, and stops when it is told to', async (t) => {
    const app = await startExample(t, 'hono');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await endsByItself(app);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'hono'));
});

describe('in Hono', () => {
  test('the routes live under a prefix, in an application of their own', (t) =>
    mountUnderPrefix(t, 'hono', `
      import { serve } from '@hono/node-server';
      import { Hono } from 'hono';
      const { kavach } = await import('./kavach.js');

      const shop = new Hono();
      shop.all('/api/kavach/*', (c) => kavach.handler(c.req.raw));
      const app = new Hono();
      app.route('/shop', shop);
      ${LISTEN}
    `));

  test('bodies are read after middleware that has read them, by a copy', async (t) => {
    const app = await startReader(t, 'await cloneRawRequest(c.req)');
    await readsBodies(visitor(app));
  });

  test('without the copy the body is missed, not made up', async (t) => {
    const client = visitor(await startReader(t, 'c.req.raw'));
    await client.signIn('jane');
    const response = await client.post('/auth/oauth/unlink', { provider: 'bitbucket' });
    await assertError(response, 400, 'body_invalid');
  });

  test('middleware adds headers and cookies of its own', async (t) => {
    const app = await startModule(t, 'hono', `
      import { serve } from '@hono/node-server';
      import { Hono } from 'hono';
      import { setCookie } from 'hono/cookie';
      import { cors } from 'hono/cors';
      import { secureHeaders } from 'hono/secure-headers';
      import { kavach } from './kavach.js';

      const app = new Hono();
      app.use(secureHeaders(), cors());
      app.use(async (c, next) => {
        await next();
        setCookie(c, 'mine', '1');
      });
      app.all('/api/kavach/*', (c) => kavach.handler(c.req.raw));
      ${LISTEN}
    `);
    const client = visitor(app);
    const response = await client.get('/auth/oauth/authorize/bitbucket');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(client.cookies.get('mine'), '1');
    assert.equal(client.flowCookies().length, 1);
  });

  test('middleware that sets cookies early does no harm to routes mounted before it', async (t) => {
    const app = await startModule(t, 'hono', `
      import { serve } from '@hono/node-server';
      import { Hono } from 'hono';
      import { setCookie } from 'hono/cookie';
      import { cors } from 'hono/cors';
      import { kavach } from './kavach.js';

      const app = new Hono();
      app.all('/api/kavach/*', (c) => kavach.handler(c.req.raw));
      app.use(cors(), async (c, next) => {
        setCookie(c, 'mine', '1');
        await next();
      });
      ${LISTEN}
    `);
    await readsBodies(visitor(app));
  });

  test('a wrong mount path is named, and the right one with it', async (t) => {
    const app = await startModule(t, 'hono', `
      import { serve } from '@hono/node-server';
      import { Hono } from 'hono';
      import { kavach } from './kavach.js';

      const app = new Hono();
      app.all('/login/*', (c) => kavach.handler(c.req.raw));
      ${LISTEN}
    `);
    const response = await visitor(app, { basePath: '/login' }).getJson('/auth/session');
    const message = await assertError(response, 404, 'not_found');
    assert.match(message, /\/login\/auth\/session.*\/api\/kavach\/auth/);
  });
});

/** An application with middleware that reads every JSON body. */
function startReader(t, request) {
  return startModule(t, 'hono', `
    import { serve } from '@hono/node-server';
    import { Hono } from 'hono';
    import { cloneRawRequest } from 'hono/request';
    import { kavach } from './kavach.js';

    const app = new Hono();
    app.use(async (c, next) => {
      if (c.req.header('content-type') === 'application/json') await c.req.json();
      await next();
    });
    app.all('/api/kavach/*', async (c) => kavach.handler(${request}));
    ${LISTEN}
  `);
}
