// The whole way: authorize, the provider's pages, the callback, and a session.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';

import { approve } from '../testing/server.js';
import { bitbucketProvider, oauth } from '../auth.js';
import { createKavach } from '../index.js';
import { BASE_URL, CONSUMER, SECRET, memory, startApp } from './support/app.js';
import { setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const JANE = '{0f3c1f2e-6a77-4d0e-9a57-2f1f0b6f9d11}';

for (const database of databases()) {
  describe(`sign-in on ${database.name}`, { skip: database.skip }, () => {
    test('makes a user, an account and a session, and leads to the start page', async (t) => {
      const { client, kavach, bitbucket, assertRows } = await startApp(t, { database });
      const response = await client.signIn('jane');
      assert.equal(response.status, 302);
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      assert.equal(await response.text(), '');

      const { user, session } = await client.session();
      assert.deepEqual(user, {
        id: user.id,
        email: 'jane@example.com',
        emailVerified: true,
        name: 'Jane Example',
        image: `${bitbucket.url}/avatar/jane.svg`,
        extra: null,
        createdAt: user.createdAt,
        updatedAt: user.updatedAt,
      });
      assert.match(user.id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      assert.ok(Math.abs(Date.parse(user.createdAt) - Date.now()) < 10_000);
      assert.equal(session.userId, user.id);
      const [account, ...others] = await kavach.auth.getOAuthConnections(user.id);
      assert.deepEqual(others, []);
      assert.equal(account.provider, 'bitbucket');
      assert.equal(account.providerAccountId, JANE);
      assert.deepEqual(account.scopes.toSorted(), ['account', 'email']);
      assert.ok(account.createdAt instanceof Date && account.updatedAt instanceof Date);
      await assertRows({ users: 1, oauth_accounts: 1, sessions: 1, oauth_states: 1 });
    });

    test('gives a known account its user again, in a session of its own', async (t) => {
      const { client, browser, assertRows } = await startApp(t, { database });
      await client.signIn('jane');
      const other = browser();
      await other.signIn('jane');
      const [first, second] = [await client.session(), await other.session()];
      assert.equal(second.user.id, first.user.id);
      assert.notEqual(second.session.id, first.session.id);
      assert.notEqual(other.token, client.token);
      await assertRows({ users: 1, oauth_accounts: 1, sessions: 2 });
    });

    test('gives a new token each time and never adopts the one that is there', async (t) => {
      const { client, kavach } = await startApp(t, { database });
      const planted = `kvs_${'A'.repeat(43)}`;
      client.cookies.set('__Host-kavach_session', planted);
      await client.signIn('jane');
      assert.notEqual(client.token, planted);
      assert.equal(await kavach.auth.session.validate(planted), null);

      const before = client.token;
      await client.signIn('jane');
      assert.notEqual(client.token, before);
      assert.match(client.token, /^kvs_[\w-]{43}$/);
    });

    test('keeps users apart who sign in one after the other in one browser', async (t) => {
      const { client, assertRows } = await startApp(t, { database });
      await client.signIn('jane');
      const jane = await client.session();
      await client.signIn('kavya');
      const kavya = await client.session();
      assert.notEqual(kavya.user.id, jane.user.id);
      assert.equal(kavya.user.name, 'कव्या 北京');
      await assertRows({ users: 2, oauth_accounts: 2 });
    });

    test('works with both forms of the token answer', async (t) => {
      for (const variant of ['current', 'announced']) {
        const { client, kavach } = await startApp(t, { database, bitbucket: { variant } });
        await client.signIn('jane');
        const { user } = await client.session();
        const { accessToken, expiresAt, scopes } = await kavach.auth.getAccessToken(
          user.id,
          'bitbucket',
        );
        assert.equal(accessToken.length, variant === 'announced' ? 3000 : 128);
        assert.deepEqual(scopes, ['account', 'email']);
        assert.ok(Math.abs(expiresAt - Date.now() - 7_200_000) < 30_000);
      }
    });

    if (!database.canQuery) return;
    test('holds no secret of the sign-in in the database', async (t) => {
      const { client, bitbucket, query } = await startApp(t, { database });
      await client.signIn('jane');
      const sent = new URLSearchParams(bitbucket.requests.find(isTokenRequest).body);
      const { state } = bitbucket.requests[0].query;
      const found = [];
      for (const table of ['users', 'oauth_accounts', 'sessions', 'oauth_states']) {
        found.push(...(await query(`SELECT * FROM kavach_${table}`)));
      }
      const dump = found.flatMap((row) => Object.values(row)).map(asText).join('\n');
      const digest = createHash('sha256').update(client.token).digest('hex');
      assert.ok(dump.includes(digest), 'the session is found by the SHA-256 of its token');
      assert.ok(dump.includes(createHash('sha256').update(state).digest('hex')));
      for (const secret of [
        client.token, client.token.slice(4), state, sent.get('code'), sent.get('code_verifier'),
        CONSUMER.secret, SECRET, 'standin-', 'kvs_',
      ]) {
        assert.ok(!dump.includes(secret), secret);
      }
    });
  });
}

describe('what the provider is sent', () => {
  test('the documented configuration asks Bitbucket, and nobody is asked before', async (t) => {
    const kavach = await createKavach({
      database: { provider: 'sqlite', url: ':memory:' },
      secret: SECRET,
      baseUrl: 'https://your-app.com',
      plugins: [oauth({ providers: [bitbucketProvider('my-client-id', 'my-client-secret')] })],
    });
    t.after(() => kavach.close());
    const response = await kavach.handler(
      new Request('https://your-app.com/api/kavach/auth/oauth/authorize/bitbucket'),
    );
    const url = new URL(response.headers.get('location'));
    assert.equal(url.origin + url.pathname, 'https://bitbucket.org/site/oauth2/authorize');
    const { state, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
    assert.deepEqual(rest, {
      response_type: 'code',
      client_id: 'my-client-id',
      redirect_uri: 'https://your-app.com/api/kavach/auth/oauth/callback/bitbucket',
      scope: 'account email',
      code_challenge_method: 'S256',
    });
    assert.match(state, /^[\w-]{43}$/);
    assert.match(code_challenge, /^[\w-]{43}$/);
  });

  test('the code goes with Basic authentication, as a form, with the verifier', async (t) => {
    const { client, bitbucket } = await startApp(t);
    const authorizationUrl = new URL(await client.authorize());
    await client.get(await approve(authorizationUrl, { user: 'jane' }));
    const request = bitbucket.requests.find(isTokenRequest);
    assert.equal(request.method, 'POST');
    assert.match(request.headers['content-type'], /^application\/x-www-form-urlencoded/);
    assert.match(request.headers.accept, /application\/json/);
    const [scheme, encoded] = request.headers.authorization.split(' ');
    assert.equal(scheme, 'Basic');
    const [key, secret] = Buffer.from(encoded, 'base64').toString().split(':');
    assert.equal(decodeURIComponent(key), CONSUMER.key);
    assert.equal(decodeURIComponent(secret), CONSUMER.secret);

    const { code, code_verifier, ...rest } = Object.fromEntries(new URLSearchParams(request.body));
    assert.match(code, /^standin-code-/);
    assert.deepEqual(rest, {
      grant_type: 'authorization_code',
      redirect_uri: CONSUMER.callbackUrl,
    });
    assert.match(code_verifier, /^[\w.~-]{43,128}$/);
    const challenge = createHash('sha256').update(code_verifier).digest('base64url');
    assert.equal(authorizationUrl.searchParams.get('code_challenge'), challenge);
  });

  test('the token goes in the Authorization header only, each API is asked once', async (t) => {
    const { client, bitbucket } = await startApp(t);
    await client.signIn('jane');
    for (const path of ['/2.0/user', '/2.0/user/emails']) {
      const [request, ...others] = bitbucket.requests.filter((sent) => sent.path === path);
      assert.deepEqual(others, []);
      assert.match(request.headers.authorization, /^Bearer standin-/);
      assert.equal(request.query.access_token, undefined);
      assert.match(request.headers.accept, /application\/json/);
    }
    assert.equal(bitbucket.count('token'), 1);
  });

  test('further scopes are asked for on top of those that sign-in needs', async (t) => {
    const scopes = ['account', 'email', 'repository', 'pullrequest:write'];
    const { client, kavach } = await startApp(t, {
      bitbucket: { consumer: { scopes } },
      provider: { scopes: ['repository', 'account', 'pullrequest:write'] },
    });
    const url = new URL(await client.authorize());
    assert.equal(url.searchParams.get('scope'), scopes.join(' '));
    await client.get(await approve(url, { user: 'jane' }));
    const { user } = await client.session();
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(account.scopes, scopes);
  });

  test('prompt and login_hint go along, and a configured prompt too', async (t) => {
    const { client } = await startApp(t, { provider: { prompt: 'consent' } });
    const prompts = async (params) => {
      const { searchParams } = new URL(await client.authorize(params));
      return [searchParams.get('prompt'), searchParams.get('login_hint')];
    };
    assert.deepEqual(await prompts({}), ['consent', null]);
    assert.deepEqual(
      await prompts({ prompt: 'login', login_hint: 'jane+x@example.com' }),
      ['login', 'jane+x@example.com'],
    );
  });

  test('another redirect URI is used in both requests when it is configured', async (t) => {
    const redirectUri = 'https://gateway.example/callback?provider=bitbucket';
    for (const options of [
      { provider: { redirectUri } },
      { oauth: { buildRedirectUri: (id) => `https://gateway.example/callback?provider=${id}` } },
    ]) {
      const app = await startApp(t, {
        ...options,
        bitbucket: { consumer: { callbackUrl: 'https://gateway.example/callback' } },
      });
      const back = await approve(await app.client.authorize(), { user: 'jane' });
      assert.ok(back.startsWith(`${redirectUri}&code=`), back);
      const { search } = new URL(back);
      const response = await app.client.get(`/auth/oauth/callback/bitbucket${search}`);
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    }
  });
});

test('sign-in works on localhost, without TLS, under another base path', async (t) => {
  const { client } = await startApp(t, {
    database: memory,
    kavach: { baseUrl: 'http://localhost:3000', basePath: '/login' },
  });
  const url = new URL(await client.authorize());
  assert.equal(
    url.searchParams.get('redirect_uri'),
    'http://localhost:3000/login/auth/oauth/callback/bitbucket',
  );
  const response = await client.get(await approve(url, { user: 'jane' }));
  assert.equal(response.headers.get('location'), 'http://localhost:3000/');
  for (const { name, attributes } of setCookies(response)) {
    assert.match(name, /^kavach_/);
    assert.ok(!attributes.has('secure'));
  }
  assert.equal((await client.session()).user.email, 'jane@example.com');
});

function isTokenRequest({ path }) {
  return path === '/site/oauth2/access_token';
}

function asText(value) {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
