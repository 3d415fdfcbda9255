// How the application proves to the provider that it is the client: OpenID Connect Core 9.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { genericOIDC } from '../auth.js';
import { KavachError } from '../index.js';
import { assertError, assertErrorPage } from './support/client.js';
import { ID, startOpenId } from './support/openid-app.js';
import { newClientKey } from './support/openid-keys.js';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const KINDS = { RSA: 'RS256', 'P-256': 'ES256', Ed25519: 'EdDSA' };

/** How a request to the provider was authenticated, by what it brought. */
function authentication({ headers, params }) {
  const found = [];
  if (headers.authorization) found.push('client_secret_basic');
  if (params.client_secret) found.push('client_secret_post');
  if (params.client_assertion) found.push('private_key_jwt');
  assert.ok(found.length <= 1, `authenticated twice: ${found}`);
  return found[0] ?? 'none';
}

function credentials({ headers }) {
  const pair = Buffer.from(headers.authorization.replace(/^Basic /, ''), 'base64').toString();
  return pair.split(':').map((text) => decodeURIComponent(text.replaceAll('+', ' ')));
}

function jwtParts(jwt) {
  return jwt.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
}

/** Signs in and asserts how; resolves to what the token endpoint was sent. */
async function signsIn(t, method, options) {
  const app = await startOpenId(t, options);
  await app.jane.signIn();
  assert.equal((await app.jane.session())?.user.email, 'jane@example.com');
  const [request] = app.issuer.sent('token');
  assert.equal(authentication(request), method);
  return { ...app, request };
}

async function isRefused(t, options) {
  const { jane, kavach } = await startOpenId(t, options);
  assertErrorPage(await jane.signIn(), 'provider_error');
  assert.equal(await jane.session(), null);
  assert.equal(await kavach.users.findByEmail('jane@example.com'), null);
}

const keyed = (jwks) => ({
  token_endpoint_auth_method: 'private_key_jwt', client_secret: undefined, jwks,
});

describe('client_secret_basic', () => {
  test('is what a client with a secret does', async (t) => {
    const { request } = await signsIn(t, 'client_secret_basic');
    assert.deepEqual(credentials(request), [
      `kavach-${ID}`, `the secret of ${ID}, which is long enough`,
    ]);
    assert.equal(request.params.client_id, undefined);
  });

  test('form-encodes id and secret first (RFC 6749 2.3.1)', async (t) => {
    const client = {
      client_id: 'app one:1+1=2&100%/~*_-.',
      client_secret: `a "secret": p@ss+word %3A <e> \\'()!#$^{|}?;,`,
    };
    const { request } = await signsIn(t, 'client_secret_basic', { client });
    assert.deepEqual(credentials(request), [client.client_id, client.client_secret]);
  });
});

describe('client_secret_post', () => {
  const client = { token_endpoint_auth_method: 'client_secret_post' };

  test('is what a client does that is told so', async (t) => {
    const provider = { tokenEndpointAuthMethod: 'client_secret_post' };
    const { request } = await signsIn(t, 'client_secret_post', { client, provider });
    assert.equal(request.params.client_id, `kavach-${ID}`);
    assert.equal(request.params.client_secret, `the secret of ${ID}, which is long enough`);
  });

  test('is chosen where the provider announces no other', async (t) => {
    const issuer = { clientAuthMethods: ['client_secret_post'] };
    await signsIn(t, 'client_secret_post', { client, issuer });
  });
});

describe('private_key_jwt', () => {
  for (const [kind, alg] of Object.entries(KINDS)) {
    test(`signs with a key of the kind ${kind}`, async (t) => {
      const { pem, jwks } = newClientKey(kind, 'key-1');
      const { issuer, jane, request } = await signsIn(t, 'private_key_jwt', {
        client: keyed(jwks),
        provider: { privateKey: pem, keyId: 'key-1' },
      });
      assert.equal(request.params.client_assertion_type, JWT_BEARER);
      const [header, claims] = jwtParts(request.params.client_assertion);
      assert.equal(header.alg, alg);
      assert.equal(header.kid, 'key-1');
      const { iss, sub, aud, exp, jti } = claims;
      assert.deepEqual([iss, sub], [`kavach-${ID}`, `kavach-${ID}`]);
      assert.ok([issuer.issuer, `${issuer.issuer}/token`].includes([aud].flat()[0]), aud);
      const seconds = exp - Date.now() / 1000;
      assert.ok(seconds > 0 && seconds <= 600, `it holds for ${seconds} seconds`);

      await jane.signIn();
      const [, again] = jwtParts(issuer.sent('token')[1].params.client_assertion);
      assert.notEqual(again.jti, jti);
    });
  }

  test('works without a key id', async (t) => {
    const { pem, jwks } = newClientKey('P-256');
    const provider = { privateKey: pem };
    const { request } = await signsIn(t, 'private_key_jwt', { client: keyed(jwks), provider });
    const [header] = jwtParts(request.params.client_assertion);
    assert.equal(header.kid, undefined);
  });

  for (const kind of Object.keys(KINDS)) {
    test(`with another key of the kind ${kind} than the registered one is refused`, async (t) => {
      await isRefused(t, {
        client: keyed(newClientKey(kind).jwks),
        provider: { privateKey: newClientKey(kind).pem },
      });
    });
  }

  test('is told apart from a PEM that is no such key when the provider is made', () => {
    const options = { id: ID, issuer: 'https://issuer.example', clientId: 'kavach' };
    const { pem } = newClientKey('P-256');
    for (const privateKey of ['', 'no PEM', pem.replace(/\n.{20}/, '\n'), pem.slice(0, 90)]) {
      assert.throws(() => genericOIDC({ ...options, privateKey }), (error) => {
        assert.ok(error instanceof KavachError);
        assert.equal(error.code, 'config_invalid');
        assert.match(error.message, /privateKey/);
        return true;
      });
    }
  });
});

describe('none', () => {
  const client = { token_endpoint_auth_method: 'none', client_secret: undefined };
  const provider = { tokenEndpointAuthMethod: 'none' };

  test('is for a public client, with its id and PKCE', async (t) => {
    const { issuer, request } = await signsIn(t, 'none', { client, provider });
    assert.equal(request.params.client_id, `kavach-${ID}`);
    assert.match(request.params.code_verifier, /^[\w.~-]{43,128}$/);
    assert.equal(issuer.sent('auth')[0].params.code_challenge_method, 'S256');
  });

  test('must be said: a client without a secret is a mistake otherwise', () => {
    const options = { id: ID, issuer: 'https://issuer.example', clientId: 'kavach' };
    assert.throws(() => genericOIDC(options), { code: 'config_invalid' });
    assert.equal(genericOIDC({ ...options, tokenEndpointAuthMethod: 'none' }).id, ID);
  });
});

describe('a client that is registered otherwise', () => {
  test('for a key, is not served by a secret', async (t) => {
    await isRefused(t, {
      client: keyed(newClientKey('P-256').jwks),
      provider: { clientSecret: 'a secret that nobody registered' },
    });
  });

  test('for a secret, is not served without', async (t) => {
    await isRefused(t, {
      provider: { clientSecret: undefined, tokenEndpointAuthMethod: 'none' },
    });
  });

  test('for another secret, is not served, and the secret is not repeated', async (t) => {
    const clientSecret = 'the secret of last year';
    const { jane } = await startOpenId(t, { provider: { clientSecret } });
    const { url } = await jane.walk(await jane.authorize());
    const response = await jane.getJson(url);
    const message = await assertError(response, 502, 'provider_error');
    assert.doesNotMatch(message, /secret of last year/);
    assert.equal(await jane.session(), null);
  });
});

describe('a confidential client', () => {
  const rsa = newClientKey('RSA');
  const METHODS = {
    client_secret_basic: {},
    client_secret_post: {
      client: { token_endpoint_auth_method: 'client_secret_post' },
      provider: { tokenEndpointAuthMethod: 'client_secret_post' },
    },
    private_key_jwt: { client: keyed(rsa.jwks), provider: { privateKey: rsa.pem } },
  };

  for (const [method, { client, provider }] of Object.entries(METHODS)) {
    test(`proves itself by ${method} in everything it sends`, async (t) => {
      const { issuer, jane, kavach } = await startOpenId(t, {
        spare: true,
        client,
        provider: { scopes: ['offline_access'], prompt: 'consent', ...provider },
        issuer: {
          features: { pushedAuthorizationRequests: { requirePushedAuthorizationRequests: true } },
          ttl: { AccessToken: 30 },
        },
      });
      await jane.signIn();
      const { user } = await jane.session();
      await kavach.auth.getAccessToken(user.id, ID);
      await jane.link('spare');
      issuer.forget();
      await jane.signIn();
      await kavach.auth.getAccessToken(user.id, ID);
      await kavach.auth.disconnectOAuth(user.id, ID);
      await issuer.answered('revocation');
      for (const endpoint of ['par', 'token', 'revocation']) {
        const requests = issuer.sent(endpoint);
        assert.ok(requests.length > 0, endpoint);
        for (const request of requests) {
          assert.equal(authentication(request), method, endpoint);
          assert.ok(request.status < 300, `${endpoint}: ${request.status}`);
        }
      }
    });
  }
});
