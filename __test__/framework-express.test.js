// examples/express, installed and walked through, and the same routes mounted otherwise.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { startExample } from './support/example.js';
import {
  endsByItself, mountUnderPrefix, readsBodies, startModule, walkBehindProxy,
} from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

const LISTEN = 'app.listen(Number(process.env.PORT));';

describe('the Express example', () => {
  test('signs in and out, and stops when it is told to', async (t) => {
    const app = await startExample(t, 'express');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await endsByItself(app);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'express'));
});

describe('in Express', () => {
  test('the routes live under a prefix, in a router', (t) =>
    mountUnderPrefix(t, 'express', `
      import express from 'express';
      import { toNodeHandler } from 'kavachos/node';
      const { kavach } = await import('./kavach.js');

      const shop = express.Router();
      shop.use('/api/kavach', toNodeHandler(kavach));
      const app = express();
      app.use('/shop', shop);
      ${LISTEN}
    `));

  for (const parsers of [
    'express.json(), express.urlencoded({ extended: true })',
    "express.text({ type: '*/*' })",
    "express.raw({ type: '*/*' })",
  ]) {
    test(`bodies are read behind ${parsers}`, async (t) => {
      const app = await startModule(t, 'express', `
        import express from 'express';
        import { toNodeHandler } from 'kavachos/node';
        import { kavach } from './kavach.js';

        const app = express();
        app.use(${parsers});
        app.use('/api/kavach', toNodeHandler(kavach));
        ${LISTEN}
      `);
      await readsBodies(visitor(app));
    });
  }

  test('a body that middleware read and threw away is missed, not made up', async (t) => {
    const app = await startModule(t, 'express', `
      import express from 'express';
      import { toNodeHandler } from 'kavachos/node';
      import { kavach } from './kavach.js';

      const app = express();
      app.use((req, res, next) => req.on('end', next).resume());
      app.use('/api/kavach', toNodeHandler(kavach));
      ${LISTEN}
    `);
    const client = visitor(app);
    await client.signIn('jane');
    const response = await client.post('/auth/oauth/unlink', { provider: 'bitbucket' });
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, 'body_invalid');
  });
});
