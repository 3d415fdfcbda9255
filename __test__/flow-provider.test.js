// What a provider can answer instead of what it should. Nothing may be left half-written, and the
// next sign-in works.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { answers, approve } from '../testing/server.js';
import { startApp } from './support/app.js';
import { assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const json = (body, headers) => ({ status: 200, body, headers });
const NOTHING = { users: 0, oauth_accounts: 0, sessions: 0 };

const ANYWHERE = {
  'an HTML page': 'html',
  '10 MB': 'huge',
  'half an answer': 'cut',
  'status 503 with HTML': answers.unavailable,
  'status 500 with nothing': { status: 500 },
  'status 429': answers.rateLimited,
  'status 429 as text': answers.rateLimitedText,
  'status 401 with nothing': answers.unauthorizedEmpty,
  'status 401 as text': answers.unauthorizedText,
  'status 410': answers.removed,
  'JSON that is none': json('{"access_token": "standin', { 'content-type': 'application/json' }),
  'JSON labelled as text': json('{"type": "user"}', { 'content-type': 'text/plain' }),
  'nothing': json(''),
  'null': { json: null },
  'an array': { json: [] },
  'a string': { json: 'access_token' },
  'an empty object': { json: {} },
  'bytes that are no UTF-8': json(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), {
    'content-type': 'application/json',
  }),
  'a deep nest': json('['.repeat(100_000), { 'content-type': 'application/json' }),
};
const FAULTS = {
  token: {
    ...ANYWHERE,
    'status 200 with an error': { json: { error: 'invalid_grant', error_description: 'no' } },
    'the refusal of the code': answers.invalidCode,
    'the refusal of the client': answers.invalidClient,
    'a number as token': { json: { access_token: 7, token_type: 'bearer' } },
    'an empty token': { json: { access_token: '', token_type: 'bearer' } },
    'a token with a line break': { json: { access_token: 'a\r\nX-Evil: 1', token_type: 'bearer' } },
    'a token of 2 MB': { json: { access_token: 'a'.repeat(2 << 20), token_type: 'bearer' } },
  },
  user: {
    ...ANYWHERE,
    'an error with status 200': { json: { type: 'error', error: { message: 'no' } } },
    'status 403': { status: 403, body: { type: 'error', error: { message: 'scopes' } } },
    'status 401 in JSON': answers.tokenExpired,
  },
  emails: {
    ...ANYWHERE,
    'values that are no list': { json: { values: { 0: 'x' } } },
    'status 401 in JSON': answers.tokenInvalid,
  },
};

// Two at a time: most of the first test is waiting.
describe('a provider that fails', { concurrency: 2 }, () => {
  test('that hangs or drips is given up within ten seconds', async (t) => {
    const cases = databases()
      .filter(({ skip }) => !skip)
      .flatMap((database) => [
        { database, kind: 'token', fault: 'hang' },
        { database, kind: 'user', fault: 'drip' },
        { database, kind: 'emails', fault: 'hang' },
      ]);
    await Promise.all(
      cases.map(async ({ database, kind, fault }) => {
        const app = await startApp(t, { database });
        const back = await approve(await app.client.authorize(), { user: 'jane' });
        app.bitbucket.fail(kind, fault);
        const started = Date.now();
        assertErrorPage(await app.client.get(back), 'provider_error');
        const took = Date.now() - started;
        assert.ok(took > 5_000 && took < 12_000, `${fault} at ${kind} took ${took} ms`);
        await app.assertRows(NOTHING);
        await app.client.signIn('jane');
        assert.equal((await app.client.session()).user.email, 'jane@example.com');
      }),
    );
  });

  for (const database of databases()) {
    describe(`on ${database.name}`, { skip: database.skip }, () => {
      for (const [kind, faults] of Object.entries(FAULTS)) {
        test(`at ${kind} is a provider_error for browsers and programs`, async (t) => {
          const app = await startApp(t, { database });
          const { client, bitbucket } = app;
          for (const [name, fault] of Object.entries(faults)) {
            await t.test(name, async () => {
              for (const isBrowser of [true, false]) {
                const back = await approve(await client.authorize(), { user: 'jane' });
                bitbucket.fail(kind, fault);
                const started = Date.now();
                if (isBrowser) assertErrorPage(await client.get(back), 'provider_error');
                else await assertError(await client.getJson(back), 502, 'provider_error');
                assert.ok(Date.now() - started < 5000);
                assert.deepEqual([...client.cookies], [], 'neither session nor flow is left');
              }
            });
          }
          await app.assertRows(NOTHING);
          await client.signIn('jane');
          assert.equal((await client.session()).user.email, 'jane@example.com');
          await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 1 });
        });
      }

      test('that is down is a provider_error at once', async (t) => {
        const app = await startApp(t, { database });
        const back = await approve(await app.client.authorize(), { user: 'jane' });
        await app.bitbucket.close();
        const started = Date.now();
        const message = await assertError(await app.client.getJson(back), 502, 'provider_error');
        assert.ok(Date.now() - started < 2000);
        assert.ok(!message.includes('127.0.0.1'), message);
        await app.assertRows(NOTHING);
      });
    });
  }
});

test('a redirect is not followed: neither code, secret nor token goes elsewhere', async (t) => {
  const reached = [];
  const elsewhere = createServer((req, res) => {
    reached.push(req.url);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  t.after(() => elsewhere.close());
  const redirect = `http://127.0.0.1:${elsewhere.address().port}/steal`;

  const app = await startApp(t);
  for (const kind of ['token', 'user', 'emails']) {
    for (const status of [301, 302, 303, 307, 308]) {
      const back = await approve(await app.client.authorize(), { user: 'jane' });
      app.bitbucket.fail(kind, { redirect, status });
      await assertError(await app.client.getJson(back), 502, 'provider_error');
    }
  }
  assert.deepEqual(reached, []);
});

test('profile and e-mails are asked for at once, not one after the other', async (t) => {
  for (const [slow, other] of [['user', 'emails'], ['emails', 'user']]) {
    const { client, bitbucket } = await startApp(t);
    const back = await approve(await client.authorize(), { user: 'jane' });
    bitbucket.fail(slow, 'hang');
    const pending = client.getJson(back);
    const counts = () => [bitbucket.count(slow), bitbucket.count(other)];
    for (let i = 0; i < 200 && counts().includes(0); i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.deepEqual(counts(), [1, 1], `${other} does not wait for ${slow}`);
    await bitbucket.close();
    await assertError(await pending, 502, 'provider_error');
  }
});

test('what the provider calls its error is passed on, cleaned of what is none', async (t) => {
  const { client, bitbucket } = await startApp(t);
  const message = async (error) => {
    const back = await approve(await client.authorize(), { user: 'jane' });
    bitbucket.fail('token', { status: 400, body: { error, error_description: '<script>\n' } });
    return assertError(await client.getJson(back), 502, 'provider_error');
  };
  assert.match(await message('unauthorized_client'), /unauthorized_client/);
  assert.ok(!(await message('<script>alert(1)</script>')).includes('script'));
});
