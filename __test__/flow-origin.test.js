// Requests that change something come from our own pages, or from a bearer token.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL, startApp } from './support/app.js';
import { assertError } from './support/client.js';
import { databases } from './support/database-matrix.js';

const CHANGES = [
  ['/auth/sign-out', undefined],
  ['/auth/sessions/revoke', { others: true }],
  ['/auth/oauth/link', { provider: 'bitbucket' }],
  ['/auth/oauth/unlink', { provider: 'bitbucket' }],
];
const ADMIN = 'https://admin.your-app.com';
const REFUSED = [
  {}, { origin: 'null' }, { origin: '' }, { origin: 'https://evil.example' },
  { origin: 'http://your-app.com' }, { origin: 'https://your-app.com.evil.example' },
  { origin: 'https://evil.your-app.com' }, { origin: 'https://xyour-app.com' },
  { origin: 'https://your-app.com:444' }, { origin: 'https://your-app.com/' },
  { origin: 'https://YOUR-APP.com' }, { origin: 'https://your-app.com, https://your-app.com' },
  { origin: `${ADMIN}:8443` }, { origin: 'https://x.admin.your-app.com' }, { origin: 'file://' },
  { origin: 'https://user@your-app.com' }, { origin: 'your-app.com' }, { origin: '*' },
  { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': '' }, { 'sec-fetch-site': 'x' },
  { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  { origin: 'null', 'sec-fetch-site': 'same-origin' },
  { referer: `${BASE_URL}/page` }, { 'x-requested-with': 'XMLHttpRequest' },
  { host: 'your-app.com', 'x-forwarded-host': 'your-app.com' },
];
const ACCEPTED = [
  { origin: BASE_URL }, { origin: ADMIN }, { origin: BASE_URL, 'sec-fetch-site': 'same-origin' },
  { origin: ADMIN, 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'same-origin' },
];
const kavach = { trustedOrigins: [ADMIN] };

/** The client adds an `Origin` unless the headers say something of it. */
const exactly = (headers) => ({ origin: undefined, ...headers });

for (const database of databases()) {
  describe(`origins on ${database.name}`, { skip: database.skip }, () => {
    test('a request of another site, or of none, changes nothing', async (t) => {
      const app = await startApp(t, { database, kavach });
      await app.client.signIn('jane');
      await app.browser().signIn('jane');
      const before = await app.rows();
      for (const headers of REFUSED) {
        for (const [path, body] of CHANGES) {
          const response = await app.client.post(path, body, exactly(headers));
          assert.deepEqual(response.headers.getSetCookie(), []);
          await assertError(response, 403, 'origin_forbidden');
        }
      }
      assert.deepEqual(await app.rows(), before);
      const { user } = await app.client.session();
      assert.equal((await app.kavach.auth.session.list(user.id)).length, 2);
    });

    test('our own and trusted pages may', async (t) => {
      const { client } = await startApp(t, { database, kavach });
      for (const headers of ACCEPTED) {
        await client.signIn('jane');
        for (const [path, body] of CHANGES.toReversed()) {
          const response = await client.post(path, body, exactly(headers));
          assert.ok([200, 409].includes(response.status), `${response.status} for ${path}`);
        }
        assert.equal(await client.session(), null);
      }
    });

    test('a bearer token needs no origin, but none that is foreign either', async (t) => {
      const { client, kavach, browser } = await startApp(t, { database });
      await client.signIn('jane');
      const { user } = await client.session();
      const { token } = await kavach.auth.session.create(user.id);
      const script = browser();
      const authorization = `Bearer ${token}`;
      const post = (path, body, headers) => {
        return script.post(path, body, exactly({ authorization, ...headers }));
      };
      const foreign = await post('/auth/sign-out', undefined, { origin: 'https://evil.example' });
      await assertError(foreign, 403, 'origin_forbidden');
      assert.equal((await post('/auth/sessions/revoke', { others: true })).status, 200);
      assert.equal(await client.session(), null, 'the cookie was another session');
      assert.equal((await post('/auth/sign-out')).status, 200);
      assert.equal(await kavach.auth.session.validate(token), null);
    });

    test('a bearer header that holds no token of ours lends a cookie no trust', async (t) => {
      const { client } = await startApp(t, { database });
      await client.signIn('jane');
      for (const authorization of ['Bearer x', 'Bearer', 'Basic YTpi', 'Bearer %', 'kvs_x']) {
        const response = await client.post('/auth/sign-out', undefined, exactly({ authorization }));
        await assertError(response, 403, 'origin_forbidden');
      }
      assert.ok(await client.session());
    });

    test('reading changes nothing', async (t) => {
      const app = await startApp(t, { database });
      await app.client.signIn('jane');
      const before = [await app.rows(), await app.client.session()];
      for (const { method, path } of app.kavach.plugins.getEndpoints()) {
        const target = path.replace(':provider', 'bitbucket');
        const response = await app.client.getJson(target, { 'sec-fetch-site': 'cross-site' });
        if (method === 'POST' && !path.includes('callback')) assert.equal(response.status, 405);
      }
      assert.deepEqual([await app.rows(), await app.client.session()], before);
    });
  });
}
