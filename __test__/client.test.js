// kavachos/client without a browser: what it asks, what it makes of the answers, what it weighs.
// browser-client.test.js has the rest.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { KavachClientError, createClient } from '../client.js';
import { BASE_URL, startApp } from './support/app.js';

describe('the file', () => {
  test('weighs less than 2 KB, minified and gzipped', async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('../client.js', import.meta.url))],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    const weight = gzipSync(outputFiles[0].contents, { level: 9 }).length;
    assert.ok(weight < 2048, `${weight} bytes`);
    // A build that lost its exports would be light, too.
    assert.ok(weight > 500, `${weight} bytes`);
  });
});

describe('where it asks', () => {
  const cases = [
    [{}, '/api/kavach'],
    [{ basePath: '/auth' }, '/auth'],
    [{ basePath: 'auth/' }, '/auth'],
    [{ basePath: '/' }, ''],
    [{ baseUrl: 'https://api.example.com' }, 'https://api.example.com/api/kavach'],
    [{ baseUrl: 'https://api.example.com/' }, 'https://api.example.com/api/kavach'],
    [{ baseUrl: 'https://api.example.com/sign-in' }, 'https://api.example.com/sign-in'],
    [
      { baseUrl: 'https://api.example.com/sign-in', basePath: '/auth' },
      'https://api.example.com/auth',
    ],
  ];
  for (const [options, base] of cases) {
    test(`is ${base || 'the root'} with ${JSON.stringify(options)}`, async () => {
      const { asked, fetch } = answering(401, { error: { code: 'unauthenticated', message: '' } });
      assert.equal(await createClient({ ...options, fetch }).getSession(), null);
      assert.deepEqual(asked, [`${base}/auth/session`]);
    });
  }

  test('is refused when `baseUrl` is no URL', () => {
    assert.throws(() => createClient({ baseUrl: 'example.com' }), TypeError);
  });
});

describe('what the server says', () => {
  test('has times as dates, and leaves what the application attached alone', async (t) => {
    const { client, kavach } = await signedIn(t);
    const { user, session } = await client.getSession();
    assert.equal(user.email, 'jane@example.com');
    assert.deepEqual(user, await kavach.users.get(user.id));
    for (const time of [user.createdAt, user.updatedAt, session.createdAt, session.expiresAt]) {
      assert.ok(time instanceof Date && !Number.isNaN(time.getTime()));
    }
    assert.equal(session.metadata, null);

    const metadata = { createdAt: '2020-01-01T00:00:00.000Z' };
    await kavach.auth.session.create(user.id, metadata);
    const devices = await client.sessions();
    assert.deepEqual(devices.map(({ current }) => current).sort(), [false, true]);
    const expected = (await kavach.auth.session.list(user.id)).map((device) => {
      return { ...device, current: device.id === session.id };
    });
    assert.deepEqual(devices, expected);
    assert.deepEqual(devices.find(({ current }) => !current).metadata, metadata);

    const accounts = await client.accounts();
    assert.equal(accounts.length, 1);
    assert.deepEqual(accounts, await kavach.auth.getOAuthConnections(user.id));
  });

  test('signs out', async (t) => {
    const { client, app } = await signedIn(t);
    await client.signOut();
    assert.equal(await client.getSession(), null);
    assert.equal(app.client.token, undefined);
  });

  test('is an error with its code, status and message', async (t) => {
    const { client } = await signedIn(t);
    const refused = await caught(client.unlink('bitbucket'));
    assert.deepEqual(told(refused), { code: 'last_account', status: 409 });
    assert.match(refused.message, /only way to sign in/);
    const unknown = await caught(client.revoke('nobody'));
    assert.deepEqual(told(unknown), { code: 'session_not_found', status: 404 });
    const missing = await caught(client.link('github', { redirectTo: '/' }));
    assert.deepEqual(told(missing), { code: 'provider_unknown', status: 404 });

    await client.signOut();
    for (const call of [client.accounts, client.sessions, client.revokeOthers]) {
      const { code, status, name } = await caught(call());
      assert.deepEqual([name, code, status], ['KavachClientError', 'unauthenticated', 401]);
    }
  });
});

describe('an answer that is not ours', () => {
  const html = (status) => [`HTML, ${status}`, status, '<!doctype html><h1>Oops</h1>', 'text/html'];
  const json = (status, body) => {
    const text = JSON.stringify(body);
    return [`${text}, ${status}`, status, text, 'application/json'];
  };
  const cases = [
    html(200), html(401), html(404), html(502),
    json(200, {}), json(200, null), json(200, { session: {} }), json(200, { success: true }),
    json(404, { error: 'Not Found', statusCode: 404 }),
    json(404, { error: { code: '404', message: 'The page could not be found' } }),
    json(404, { error: { code: 404 } }),
    json(404, { error: { code: 'NOT_FOUND', message: 'Not found' } }),
    json(401, { error: { message: 'Who are you?' } }),
    ['nothing', 204, null, 'text/plain'],
  ];
  for (const [name, status, body, type] of cases) {
    test(`says what was asked, what came, and what to check: ${name}`, async () => {
      const fetch = async () => new Response(body, { status, headers: { 'content-type': type } });
      const client = createClient({ baseUrl: 'https://api.example.com', fetch });
      const error = await caught(client.getSession());
      assert.deepEqual(told(error), { code: 'unreachable', status });
      assert.ok(error.message.includes('https://api.example.com/api/kavach/auth/session'));
      assert.ok(error.message.includes(`${status} (${type})`), error.message);
      assert.match(error.message, /`basePath`/);
    });
  }

  test('or no answer at all names the address and the cause', async () => {
    const cause = new TypeError('fetch failed');
    const client = createClient({
      baseUrl: 'https://api.example.com',
      fetch: () => Promise.reject(cause),
    });
    const error = await caught(client.signOut());
    assert.deepEqual(told(error), { code: 'unreachable', status: 0 });
    assert.equal(error.cause, cause);
    assert.match(error.message, /^https:\/\/api\.example\.com\/api\/kavach\/auth\/sign-out /);
    assert.match(error.message, /fetch failed.*`baseUrl`/);
  });

  test('that breaks off is no answer', async () => {
    const fetch = async () => {
      return new Response(new ReadableStream({ pull: (it) => it.error(new Error('cut off')) }));
    };
    const error = await caught(createClient({ fetch }).accounts());
    assert.deepEqual(told(error), { code: 'unreachable', status: 0 });
    assert.match(error.message, /cut off/);
  });
});

describe('on a server', () => {
  test('it is loading, and asks nobody', () => {
    const { asked, fetch } = answering(200, {});
    const { session } = createClient({ fetch });
    const before = session.get();
    assert.deepEqual(before, { status: 'loading', user: null, session: null, error: null });
    const end = session.subscribe(() => assert.fail('there is nothing to tell'));
    end();
    assert.equal(session.get(), before);
    assert.deepEqual(asked, []);
  });

  test('it remembers nobody for the next', async (t) => {
    const { client } = await signedIn(t);
    const before = client.session.get();
    assert.equal((await client.getSession()).user.email, 'jane@example.com');
    assert.equal(client.session.get(), before);
    await client.signOut();
    assert.equal(client.session.get(), before);
  });

  test('each question is asked by itself', async () => {
    const { asked, fetch } = answering(401, { error: { code: 'unauthenticated', message: '' } });
    const client = createClient({ fetch });
    await Promise.all([client.getSession(), client.getSession()]);
    assert.equal(asked.length, 2);
  });
});

/** A client of a person who has signed in, over the routes of an instance. */
async function signedIn(t) {
  const app = await startApp(t);
  await app.client.signIn('jane');
  const fetch = (url, { method, body }) =>
    method === 'POST' ? app.client.post(url, body) : app.client.getJson(url);
  return { app, kavach: app.kavach, client: createClient({ baseUrl: BASE_URL, fetch }) };
}

/** A server that always says the same. */
function answering(status, body) {
  const asked = [];
  const fetch = async (url) => {
    asked.push(url);
    return Response.json(body, { status });
  };
  return { asked, fetch };
}

async function caught(promise) {
  const error = await promise.then(() => assert.fail('it did not fail'), (reason) => reason);
  assert.ok(error instanceof KavachClientError, String(error));
  return error;
}

const told = ({ code, status }) => ({ code, status });
