// A provider alone: for applications that run the flow by themselves.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { inspect } from 'node:util';

import { KavachError } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

import { approve, startBitbucket, users } from '../testing/server.js';

const SECRET = 'client-secret-of-the-test';
const REDIRECT_URI = 'https://your-app.com/callback';
let bitbucket;
let provider;

before(async () => {
  const consumer = { key: 'client-id', secret: SECRET, callbackUrl: REDIRECT_URI };
  bitbucket = await startBitbucket({ consumer });
  provider = bitbucketProvider('client-id', SECRET, bitbucket.endpoints);
});
after(() => bitbucket.close());
afterEach(() => bitbucket.reset());

describe('a provider', () => {
  test('shows its public facts', () => {
    const standard = bitbucketProvider('client-id', SECRET);
    assert.deepEqual(
      { ...standard },
      {
        id: 'bitbucket',
        name: 'Bitbucket',
        authorizationUrl: 'https://bitbucket.org/site/oauth2/authorize',
        tokenUrl: 'https://bitbucket.org/site/oauth2/access_token',
        userInfoUrl: 'https://api.bitbucket.org/2.0/user',
        scopes: ['account', 'email'],
      },
    );
  });

  test('cannot be changed', () => {
    assert.throws(() => {
      provider.tokenUrl = 'https://evil.example';
    }, TypeError);
    assert.throws(() => provider.scopes.push('repository:admin'), TypeError);
  });

  test('adds scopes to those that sign-in needs', () => {
    for (const scopes of [['repository'], { scopes: ['repository'] }, ['email', 'repository']]) {
      const wide = bitbucketProvider('client-id', SECRET, scopes);
      assert.deepEqual(wide.scopes, ['account', 'email', 'repository']);
    }
  });

  test('shows no secret, however it is printed', () => {
    const plugin = oauth({ providers: [provider] });
    for (const value of [provider, plugin, { provider }, [plugin]]) {
      const prints = [
        inspect(value, { showHidden: true, depth: 9, getters: true }),
        JSON.stringify(value),
        String(value),
      ];
      for (const print of prints) assert.ok(!print.includes(SECRET), print);
    }
  });

  test('still works alone after it went into a plugin', async () => {
    oauth({ providers: [provider] });
    assert.match(await provider.getAuthorizationUrl('s', verifier(), REDIRECT_URI), /^http/);
  });
});

describe('getAuthorizationUrl', () => {
  test('asks for a code with state, PKCE and scopes, and holds no secret', async () => {
    const codeVerifier = verifier();
    const url = new URL(await provider.getAuthorizationUrl('a state', codeVerifier, REDIRECT_URI));
    assert.equal(`${url.origin}${url.pathname}`, provider.authorizationUrl);
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      response_type: 'code',
      client_id: 'client-id',
      redirect_uri: REDIRECT_URI,
      scope: 'account email',
      state: 'a state',
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    assert.ok(!url.href.includes(codeVerifier));
    assert.ok(!url.href.includes(SECRET));
  });

  test('refuses arguments of the wrong kind by name', async () => {
    const right = ['state', verifier(), REDIRECT_URI];
    for (const [at, name] of ['state', 'codeVerifier', 'redirectUri'].entries()) {
      for (const wrong of [undefined, null, 7, {}, Symbol('x')]) {
        const given = right.with(at, wrong);
        await assertRejects(provider.getAuthorizationUrl(...given), 'argument_invalid', name);
      }
    }
  });
});

describe('exchangeCode', () => {
  test('gives tokens', async () => {
    const { code, codeVerifier } = await newCode();
    const tokens = await provider.exchangeCode(code, codeVerifier, REDIRECT_URI);
    assert.equal(typeof tokens.accessToken, 'string');
    assert.equal(typeof tokens.refreshToken, 'string');
    assert.equal(tokens.tokenType.toLowerCase(), 'bearer');
    assert.ok(tokens.expiresAt instanceof Date);
    assert.ok(Math.abs(tokens.expiresAt - Date.now() - 7_200_000) < 60_000);
    assert.deepEqual(tokens.scopes, ['account', 'email']);
  });

  test('takes a code once', async () => {
    const { code, codeVerifier } = await newCode();
    await provider.exchangeCode(code, codeVerifier, REDIRECT_URI);
    await assertRejects(
      provider.exchangeCode(code, codeVerifier, REDIRECT_URI),
      'provider_error',
    );
  });

  test('fails with a wrong secret, which is in no error', async () => {
    const wrong = bitbucketProvider('client-id', 'wrong-secret', bitbucket.endpoints);
    const { code, codeVerifier } = await newCode();
    const error = await rejection(wrong.exchangeCode(code, codeVerifier, REDIRECT_URI));
    assert.equal(error.code, 'provider_error');
    assert.doesNotMatch(inspect(error), /wrong-secret/);
    assert.ok(!inspect(error).includes(code));
    assert.ok(!inspect(error).includes(codeVerifier));
  });

  for (const behaviour of ['html', 'huge', 'cut', { json: { access_token: 7 } }, { json: null }]) {
    test(`fails clearly when the answer is ${JSON.stringify(behaviour)}`, async () => {
      bitbucket.fail('token', behaviour, Infinity);
      const error = await rejection(provider.exchangeCode('code', verifier(), REDIRECT_URI));
      assert.equal(error.code, 'provider_error');
      assert.equal(error.status, 502);
    });
  }

  test('refuses arguments of the wrong kind', async () => {
    await assertRejects(provider.exchangeCode(), 'argument_invalid', 'code');
    assert.equal(bitbucket.count(), 0);
  });
});

describe('getUserInfo', () => {
  test('tells who the user is', async () => {
    const profile = await provider.getUserInfo(await newAccessToken('jane'));
    assert.equal(profile.id, users.jane.uuid);
    assert.equal(profile.email, 'jane@example.com');
    assert.equal(profile.emailVerified, true);
    assert.equal(profile.name, 'Jane Example');
    assert.equal(new URL(profile.image).protocol, 'http:');
    assert.equal(profile.raw.account_id, users.jane.account_id);
  });

  test('leaves the answer of the provider as it came', async () => {
    const { raw } = await provider.getUserInfo(await newAccessToken('jane'));
    assert.equal(typeof raw.created_on, 'string');
  });

  test('gives no address when there is none', async () => {
    const profile = await provider.getUserInfo(await newAccessToken('noemail'));
    assert.equal(profile.email, null);
    assert.equal(profile.emailVerified, false);
  });

  test('believes an address only when Bitbucket has confirmed it', async () => {
    const profile = await provider.getUserInfo(await newAccessToken('unconfirmed'));
    assert.ok(!profile.emailVerified || profile.email === 'uma@other.example');
  });

  test('fails on a token that is worth nothing', async () => {
    await assertRejects(provider.getUserInfo('nonsense'), 'provider_error');
    await assertRejects(provider.getUserInfo(7), 'argument_invalid', 'accessToken');
  });
});

test('a method without its provider says so', async () => {
  const { getUserInfo } = provider;
  await assertRejects(getUserInfo('token'), 'argument_invalid', 'provider.getUserInfo');
});

async function newCode(user = 'jane') {
  const codeVerifier = verifier();
  const state = randomBytes(16).toString('hex');
  const url = await provider.getAuthorizationUrl(state, codeVerifier, REDIRECT_URI);
  const callback = new URL(await approve(url, { user }));
  assert.equal(callback.searchParams.get('state'), state);
  return { code: callback.searchParams.get('code'), codeVerifier };
}

async function newAccessToken(user) {
  const { code, codeVerifier } = await newCode(user);
  return (await provider.exchangeCode(code, codeVerifier, REDIRECT_URI)).accessToken;
}

function verifier() {
  return randomBytes(32).toString('base64url');
}

async function rejection(promise) {
  const error = await promise.then(
    () => assert.fail('it was accepted'),
    (reason) => reason,
  );
  assert.ok(error instanceof KavachError, inspect(error));
  return error;
}

async function assertRejects(promise, code, named = '') {
  const error = await rejection(promise);
  assert.equal(error.code, code, error.message);
  assert.ok(error.message.includes(named), `"${error.message}" does not name ${named}`);
}
