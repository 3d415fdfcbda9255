// `kavachos/testing`, used as an application's tests use it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';
import { startBitbucketStandIn } from 'kavachos/testing';

const BASE_URL = 'http://localhost:3000';

test('a test signs in by one call, and has the cookie', async (t) => {
  const { bitbucket, kavach } = await startApp(t);
  const { cookie, location } = await bitbucket.signIn(kavach.handler, { redirectTo: '/dashboard' });
  assert.equal(location, `${BASE_URL}/dashboard`);
  const { user } = await kavach.auth.getSession({ cookie });
  assert.equal(user.email, 'jane@example.com');
  const request = new Request(`${BASE_URL}/api/kavach/auth/session`, { headers: { cookie } });
  assert.equal((await kavach.handler(request)).status, 200);
});

test('a test signs in where the application listens, by `fetch`', async (t) => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const { bitbucket, kavach } = await startApp(t, {
    baseUrl,
    callbackUrl: `${baseUrl}/api/kavach/auth/oauth/callback/bitbucket`,
  });
  server.on('request', toNodeHandler(kavach));
  const { cookie } = await bitbucket.signIn(fetch, { user: 'kavya' });
  assert.equal((await kavach.auth.getSession({ cookie })).user.name, 'कव्या 北京');
});

test('a registration on https gives cookies for https', async (t) => {
  const baseUrl = 'https://your-app.com';
  const { bitbucket, kavach } = await startApp(t, {
    baseUrl,
    callbackUrl: `${baseUrl}/api/kavach/auth/oauth/callback/bitbucket`,
  });
  const { cookie } = await bitbucket.signIn(kavach.handler);
  assert.match(cookie, /^__Host-kavach_session=kvs_[\w-]{43}$/);
});

describe('the accounts', () => {
  test('are those of the test, if it brings some', async (t) => {
    const users = {
      ada: {
        uuid: '{00000000-0000-4000-8000-00000000ada0}',
        display_name: 'Ada',
        emails: [{ email: 'ada@example.com', is_primary: true, is_confirmed: true }],
      },
    };
    const { bitbucket, kavach } = await startApp(t, { users });
    const { cookie } = await bitbucket.signIn(kavach.handler);
    const { user } = await kavach.auth.getSession({ cookie });
    assert.equal(user.email, 'ada@example.com');
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.equal(account.providerAccountId, users.ada.uuid);
  });

  test('change while it runs, and those of the next one do not', async (t) => {
    const { bitbucket, kavach } = await startApp(t);
    bitbucket.users.jane.display_name = 'Jane Renamed';
    const { cookie } = await bitbucket.signIn(kavach.handler);
    assert.equal((await kavach.auth.getSession({ cookie })).user.name, 'Jane Renamed');
    const other = await startApp(t);
    assert.equal(other.bitbucket.users.jane.display_name, 'Jane Example');
  });
});

describe('a sign-in that fails', () => {
  test('rejects with the code', async (t) => {
    const { bitbucket, kavach } = await startApp(t, { oauth: { disableSignUp: true } });
    await assert.rejects(bitbucket.signIn(kavach.handler), /error=sign_up_disabled/);
  });

  test('because the callback URL is not registered, says what Bitbucket shows', async (t) => {
    const callbackUrl = 'http://localhost:3001/api/kavach/auth/oauth/callback/bitbucket';
    const { bitbucket, kavach } = await startApp(t, { callbackUrl });
    await assert.rejects(bitbucket.signIn(kavach.handler), /Invalid redirect_uri/);
  });

  test('because the secret is wrong, ends with provider_error', async (t) => {
    const { bitbucket, kavach } = await startApp(t, { clientSecret: 'another secret' });
    await assert.rejects(bitbucket.signIn(kavach.handler), /error=provider_error/);
  });

  test('because nothing is mounted there, shows the answer', async (t) => {
    const bitbucket = await startStandIn(t);
    const nothing = async () => new Response('Cannot GET', { status: 404 });
    await assert.rejects(bitbucket.signIn(nothing), /did not start: 404, Cannot GET/);
  });

  test('because the user presses Cancel, is walked step by step', async (t) => {
    const { bitbucket, kavach } = await startApp(t);
    const start = await kavach.handler(
      new Request(`${BASE_URL}/api/kavach/auth/oauth/authorize/bitbucket`),
    );
    const [cookie] = start.headers.get('set-cookie').split(';');
    const callback = await bitbucket.approve(start.headers.get('location'), { deny: true });
    const end = await kavach.handler(
      new Request(callback, { headers: { cookie, accept: 'text/html' } }),
    );
    assert.match(end.headers.get('location'), /error=access_denied$/);
  });
});

describe('the tokens', () => {
  test('are refreshed when they have ended', async (t) => {
    const { bitbucket, kavach } = await startApp(t);
    const userId = await signedIn(bitbucket, kavach);
    const token = () =>
      kavach.auth.getAccessToken(userId, 'bitbucket', { minValidity: 86_400 });
    const { accessToken } = await kavach.auth.getAccessToken(userId, 'bitbucket');
    bitbucket.expireTokens();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    assert.notEqual((await token()).accessToken, accessToken);
  });

  test('are dead when the user has removed the access', async (t) => {
    const { bitbucket, kavach } = await startApp(t);
    const userId = await signedIn(bitbucket, kavach);
    bitbucket.revokeAll('jane');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await assert.rejects(
      kavach.auth.getAccessToken(userId, 'bitbucket', { minValidity: 86_400 }),
      { code: 'reauthorization_required' },
    );
  });
});

test('an endpoint fails as often as it is told to, and is heard of', async (t) => {
  const { bitbucket, kavach } = await startApp(t);
  bitbucket.fail('user', { status: 503 });
  await assert.rejects(bitbucket.signIn(kavach.handler), /error=provider_error/);
  await bitbucket.signIn(kavach.handler);
  const paths = bitbucket.requests.map(({ path }) => path);
  assert.ok(paths.includes('/2.0/user'));
  bitbucket.reset();
  assert.deepEqual(bitbucket.requests, []);
});

test('an option that does not exist is refused', async () => {
  await assert.rejects(startBitbucketStandIn({ callbackURL: BASE_URL }), {
    name: 'TypeError',
    message: /^callbackURL is not an option; the options are callbackUrl, /,
  });
});

test('a handler that is none is refused', async (t) => {
  const { bitbucket, kavach } = await startApp(t);
  await assert.rejects(bitbucket.signIn(kavach), { name: 'TypeError', message: /kavach\.handler/ });
});

test('nobody loads it who does not ask for it', () => {
  const root = new URL('../', import.meta.url);
  const inside = readdirSync(new URL('js', root)).filter((name) => name.endsWith('.js'));
  for (const name of ['index.js', 'auth.js', 'node.js', ...inside.map((name) => `js/${name}`)]) {
    const text = readFileSync(new URL(name, root), 'utf8');
    assert.doesNotMatch(text, /from '[./]*testing/, name);
  }
});

test('it ends with its scope', async () => {
  const bitbucket = await startBitbucketStandIn();
  const alive = await fetch(bitbucket.url);
  await alive.text();
  await bitbucket[Symbol.asyncDispose]();
  await assert.rejects(fetch(bitbucket.url));
});

async function startApp(t, { baseUrl = BASE_URL, clientSecret, oauth: options, ...rest } = {}) {
  const bitbucket = await startStandIn(t, rest);
  const kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: 'a secret of more than 32 characters',
    baseUrl,
    plugins: [
      oauth({
        providers: [
          bitbucketProvider(
            bitbucket.clientId,
            clientSecret ?? bitbucket.clientSecret,
            bitbucket.endpoints,
          ),
        ],
        ...options,
      }),
    ],
  });
  t.after(() => kavach.close());
  return { bitbucket, kavach };
}

async function startStandIn(t, options) {
  const bitbucket = await startBitbucketStandIn(options);
  t.after(() => bitbucket.close());
  return bitbucket;
}

async function signedIn(bitbucket, kavach) {
  const { cookie } = await bitbucket.signIn(kavach.handler);
  const { user } = await kavach.auth.getSession({ cookie });
  return user.id;
}
