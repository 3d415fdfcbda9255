// examples/nestjs, installed, built and walked through, and the same routes mounted otherwise.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { startExample } from './support/example.js';
import {
  endsByItself, mountUnderPrefix, readsBodies, startModule, walkBehindProxy,
} from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

const IMPORTS = `
  const { NestFactory } = await import('@nestjs/core');
  const { toNodeHandler } = await import('kavachos/node');
  const { AppModule } = await import('./dist/app.module.js');
  const { kavach } = await import('./dist/kavach.js');
`;
const LISTEN = 'await app.listen(process.env.PORT);';

describe('the NestJS example', () => {
  test('signs in and out, and stops when it is told to', async (t) => {
    const app = await startExample(t, 'nestjs');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await t.test('a guarded route that is no page answers 401, or the user', async () => {
      const me = `${app.url}/me`;
      assert.equal((await visitor(app).getJson(me)).status, 401);
      const { id, name } = await (await liar.getJson(me)).json();
      assert.equal(name, 'Jane Example');
      assert.equal(id, (await liar.session()).user.id);
    });
    await endsByItself(app);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'nestjs'));
});

describe('in NestJS', () => {
  test('the routes live under a prefix, beside a global one', (t) =>
    mountUnderPrefix(t, 'nestjs', `${IMPORTS}
      const app = await NestFactory.create(AppModule);
      app.setGlobalPrefix('shop');
      app.use('/shop/api/kavach', toNodeHandler(kavach));
      ${LISTEN}
    `));

  test('bodies are read behind the body parsers', async (t) => {
    const app = await startModule(t, 'nestjs', `${IMPORTS}
      const app = await NestFactory.create(AppModule);
      app.useBodyParser('json');
      app.useBodyParser('urlencoded', { extended: true });
      app.use('/api/kavach', toNodeHandler(kavach));
      ${LISTEN}
    `);
    await readsBodies(visitor(app));
  });

  test('bodies are read in middleware of a module', async (t) => {
    const app = await startModule(t, 'nestjs', `${IMPORTS}
      class RootModule {
        configure(consumer) {
          consumer.apply(toNodeHandler(kavach)).forRoutes('api/kavach/*path');
        }
      }
      const { Module } = await import('@nestjs/common');
      Module({ imports: [AppModule] })(RootModule);
      const app = await NestFactory.create(RootModule);
      ${LISTEN}
    `);
    await readsBodies(visitor(app));
  });
});
