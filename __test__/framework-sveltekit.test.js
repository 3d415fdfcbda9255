// SvelteKit: a production build of examples/sveltekit with its adapter for Node, walked through
// over HTTP.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startExample } from './support/example.js';
import { leadsToSignIn, signInAt, visitor, walk } from './support/framework-walk.js';

const FORM = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };

test('SvelteKit', async (t) => {
  const app = await startExample(t, 'sveltekit');
  await walk(t, app);

  await t.test('the form signs out, without a script in the browser', async () => {
    const client = visitor(app);
    await signInAt(client, 'jane');
    const { cookies } = client;
    const kept = new Map(cookies);
    const answer = await client.post(`${app.url}/dashboard?/signOut`, '', FORM);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), '/');
    assert.equal(client.token, undefined);
    client.cookies = kept;
    assert.equal(await client.session(), null);
  });

  await t.test('the form of a foreign page signs nobody out', async () => {
    const client = visitor(app);
    await signInAt(client, 'jane');
    const foreign = { ...FORM, origin: 'https://elsewhere.example' };
    const answer = await client.post(`${app.url}/dashboard?/signOut`, '', foreign);
    assert.equal(answer.status, 403);
    assert.ok(await client.session());
  });

  await t.test('the router of the page is sent to the sign-in as well', async () => {
    const answer = await visitor(app).getJson(`${app.url}/dashboard/__data.json`);
    const { type, location } = await answer.json();
    assert.equal(type, 'redirect');
    assert.match(location, /^\/api\/kavach\/auth\/oauth\/authorize\/bitbucket/);
  });

  await t.test('a page stays out of caches, and tells of the user what it shows', async () => {
    const client = visitor(app);
    await signInAt(client, 'jane');
    const answer = await client.get(`${app.url}/dashboard`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const page = await answer.text();
    assert.ok(page.includes('Jane Example'), page);
    assert.ok(!page.includes('jane@example.com'), page);
  });
});

test('SvelteKit behind a proxy', async (t) => {
  const env = { TRUSTED_PROXIES: '127.0.0.1', DATABASE_URL: ':memory:' };
  const app = await startExample(t, 'sveltekit', { env });
  const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7', 'x-forwarded-proto': 'https' };
  const client = visitor(app, { headers });
  await leadsToSignIn(client);
  await signInAt(client, 'jane');
  assert.equal((await client.session()).session.ipAddress, '198.51.100.7');
});
