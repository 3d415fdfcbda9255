// Next.js: a production build of examples/nextjs, walked through over HTTP.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startExample } from './support/example.js';
import { leadsToSignIn, signInAt, visitor, walk } from './support/framework-walk.js';

test('Next.js', async (t) => {
  const app = await startExample(t, 'nextjs');
  // Next.js hides the socket, and there is no proxy whose word could be taken.
  await walk(t, app, { ip: null });

  await t.test('a page for the signed-in stays out of caches', async () => {
    const client = visitor(app);
    await signInAt(client, 'jane');
    const { headers } = await client.get(`${app.url}/dashboard`);
    assert.match(headers.get('cache-control'), /no-store/);
  });

  await t.test('without a proxy, an address that the client claims is not believed', async () => {
    const client = visitor(app, { headers: { 'x-forwarded-for': '198.51.100.7' } });
    await signInAt(client, 'jane');
    assert.equal((await client.session()).session.ipAddress, null);
  });
});

test('Next.js behind a proxy', async (t) => {
  // A database that only the instance which opened it can see.
  const env = { TRUSTED_PROXIES: '127.0.0.1', DATABASE_URL: ':memory:' };
  const app = await startExample(t, 'nextjs', { env });
  const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https' };
  const client = visitor(app, { headers });

  await t.test('pages and routes share one instance', async () => {
    await leadsToSignIn(client);
    await signInAt(client, 'jane');
  });

  await t.test('the session names the address that the proxy saw', async () => {
    assert.equal((await client.session()).session.ipAddress, '198.51.100.7');
  });
});
