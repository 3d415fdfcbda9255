// The stand-in for the providers refuses what the real ones refuse: plain `fetch` against it, once
// as it should be and then with one thing wrong at a time.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { createLocalJWKSet, decodeJwt, jwtVerify, SignJWT, importPKCS8 } from 'jose';

import { badApiRequests, special, usual } from './support/stand-in/expected-errors.js';
import { factsOf, knownIds } from './support/stand-in/facts.js';
import { challengeOf, HonestClient, REDIRECT_URI } from './support/stand-in/honest-client.js';
import { describeProvider } from './support/stand-in/provider.js';
import { startStandIn } from './support/stand-in/server.js';

for (const id of knownIds().filter((id) => id !== 'bitbucket')) {
  const provider = describeProvider(id, 'client');
  describe(`${provider.name} (${id})`, () => {
    const lent = lend({ id });
    tokenRequests(provider, lent);
    authorizationRequests(provider, lent);
    pkce(provider, lent);
    if (provider.paths.userinfo) userInfo(provider, lent);
    if (!provider.refresh.never) refreshes(provider, lent);
    if (provider.revoke) revocations(provider, lent);
    if (provider.kind === 'oidc') openid(provider, lent);
  });
}

function tokenRequests(provider, { client }) {
  const expected = { ...usual, ...special[provider.id] };

  test('a request with everything right gets a token', async () => {
    const { tokens } = await client().signIn();
    assert.equal(typeof tokens.access_token, 'string');
    const { expiresIn, expiresInIsText } = provider.answer;
    assert.equal(tokens.expires_in, expectedExpiry(provider, expiresIn, expiresInIsText));
  });

  test('a client that is another one, or has a wrong secret, is refused', async () => {
    assertAnswer(await client().exchange(client().approve(), { id: 'other' }), expected.client);
    if (provider.secretless) return;
    const wrong = await client().exchange(client().approve(), { secret: 'wrong' });
    assertAnswer(wrong, expected.client);
    const none = await client().exchange(client().approve(), { secret: '' });
    assertAnswer(none, expected.client);
  });

  for (const auth of ['basic', 'post'].filter((way) => !provider.authMethods.includes(way))) {
    test(`a client that authenticates by ${auth} is refused`, async () => {
      assertAnswer(await client().exchange(client().approve(), { auth }), expected.client);
    });
  }

  if (provider.authMethods.length > 1) {
    test('both ways of authentication work', async () => {
      for (const auth of provider.authMethods) {
        const { body } = await client().exchange(client().approve(), { auth });
        assert.equal(typeof body.access_token, 'string', auth);
      }
    });
  }

  const takesJson = provider.tokenFormats.includes('json');
  test(`a JSON body ${takesJson ? 'works' : 'is not read'}`, async () => {
    const answer = await client().exchange(client().approve(), { json: true });
    assert.equal(answer.body.access_token !== undefined, takesJson, answer.text);
    if (!takesJson) assertRefused(answer);
  });

  test('a code works once, and only if it was issued', async () => {
    const flow = client().approve();
    await client().exchange(flow);
    assertAnswer(await client().exchange(flow), expected.code);
    const unknown = { changes: { code: 'unknown' } };
    assertAnswer(await client().exchange(client().approve(), unknown), expected.code);
  });

  test('a redirect URI that is not the first one is refused', async () => {
    const changes = { redirect_uri: `${REDIRECT_URI}/other` };
    assertRefused(await client().exchange(client().approve(), { changes }));
    const without = { changes: { redirect_uri: undefined } };
    const answer = await client().exchange(client().approve(), without);
    if (!provider.redirectUriOptional) assertRefused(answer);
  });

  test('an unknown grant type is refused', async () => {
    const changes = { grant_type: 'password' };
    assertRefused(await client().exchange(client().approve(), { changes }));
  });
}

function authorizationRequests(provider, { client, standIn }) {
  /** The error that the client is told, or the reason why nobody is sent anywhere. */
  const refusal = (changes, path) => {
    const { url } = client().start(changes);
    try {
      standIn().approve(path ? path(url) : url);
    } catch (error) {
      const { callback } = error;
      return callback ? told(callback).error : error.message;
    }
    return undefined;
  };

  test('an unknown client or a bad redirect URI leads nowhere', () => {
    const { id } = provider.names;
    assert.match(refusal({ [id]: 'other' }), /is unknown/);
    if (id !== 'client_id') {
      assert.match(refusal({ [id]: undefined, client_id: standIn().client.clientId }), /unknown/);
    }
    assert.match(refusal({ redirect_uri: 'nonsense' }), /not registered/);
    assert.match(refusal({ redirect_uri: `${REDIRECT_URI}#fragment` }), /not registered/);
  });

  test('a parameter that is missing, wrong or given twice is refused', () => {
    assert.equal(refusal({ response_type: 'token' }), 'unsupported_response_type');
    assert.equal(refusal({ response_type: undefined }), 'unsupported_response_type');
    assert.equal(refusal({ response_mode: 'web_message' }), 'invalid_request');
    const doubled = (url) => url.replace('?', '?state=twice&');
    assert.equal(refusal({}, doubled), 'invalid_request');
    for (const name of [...provider.required, ...Object.keys(provider.fixed)]) {
      assert.equal(refusal({ [name]: undefined }), 'invalid_request', name);
    }
    if (provider.fragment) assert.match(refusal({}, (url) => url.split('#')[0]), /must end in/);
  });

  test(`unknown scopes are ${provider.unknownScopes}`, async () => {
    const scope = [...provider.scopes, 'unknown:scope'].join(provider.separators[0]);
    if (provider.unknownScopes === 'refused') {
      assert.equal(refusal({ scope }), 'invalid_scope');
      for (const wrong of provider.noScopes) {
        assert.equal(refusal({ scope: wrong }), 'invalid_scope', wrong);
      }
    } else {
      const { tokens } = await client().signIn({ scope });
      assert.doesNotMatch(tokens.scope, /unknown/);
    }
  });

  if (provider.separators.length === 1 && provider.scopes.size > 1) {
    test('scopes with a wrong separator between them are refused', async () => {
      const scope = [...provider.scopes].join(provider.separators[0] === ' ' ? ',' : ' ');
      if (provider.unknownScopes === 'refused') assert.equal(refusal({ scope }), 'invalid_scope');
      else assert.equal((await client().signIn({ scope })).tokens.scope, undefined);
    });
  }

  test('a user may say no', () => {
    const { url, params } = client().start();
    const callback = standIn().approve(url, { deny: true });
    assert.equal(told(callback).error, provider.denied.error);
    assert.equal(told(callback).state, params.state);
  });

  test('a real browser is led to the callback', async () => {
    const response = await fetch(client().start().url, { redirect: 'manual' });
    const text = await response.text();
    if (provider.checkSecret) {
      assert.equal(response.status, 200);
      assert.match(text, /<form method="post" action="https:\/\/app\.example\/callback"/);
      assert.match(text, /name="code" value="/);
    } else {
      assert.equal(response.status, 302);
      const { searchParams } = new URL(response.headers.get('location'));
      assert.ok(searchParams.get('code'));
    }
  });
}

function pkce(provider, { client, standIn }) {
  const without = { code_challenge: undefined, code_challenge_method: undefined };
  const verifier = 'v'.repeat(43);
  const withChallenge = { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' };
  const exchange = (start, code_verifier) =>
    client().exchange(client().approve(client().start(start)), { changes: { code_verifier } });

  switch (provider.pkce) {
    case 'required':
    case 'supported':
      test('PKCE is enforced', async () => {
        assertRefused(await exchange(withChallenge, 'w'.repeat(43)));
        assertRefused(await exchange(withChallenge, undefined));
        assertRefused(await exchange(withChallenge, 'short'));
        assert.ok((await exchange(withChallenge, verifier)).body.access_token);
        const plain = { code_challenge: verifier, code_challenge_method: 'plain' };
        assert.throws(() => standIn().approve(client().start(plain).url), /code_challenge_method/);
      });
      test(`PKCE is ${provider.pkce}`, async () => {
        if (provider.pkce === 'required') {
          assert.throws(() => standIn().approve(client().start(without).url), /code_challenge/);
        } else {
          assert.ok((await exchange(without, undefined)).body.access_token);
          assertRefused(await exchange(without, verifier));
        }
      });
      break;
    case 'rejected':
      test('a code_verifier is rejected, with or without a challenge', async () => {
        assertAnswer(await exchange({}, verifier), usual.client);
        assertAnswer(await exchange(withChallenge, verifier), usual.client);
        assert.ok((await exchange({}, undefined)).body.access_token);
      });
      break;
    default:
      test('PKCE is not looked at', async () => {
        assert.ok((await exchange(withChallenge, 'wrong')).body.access_token);
      });
  }
}

function userInfo(provider, { client, standIn }) {
  const { bearer } = { ...usual, ...special[provider.id] };

  test('user info is for a good access token', async () => {
    const { tokens } = await client().signIn();
    const good = await client().userInfo(tokens.access_token);
    assert.equal(good.status, 200, good.text);
    assert.match(good.text, /ada/i);
    assertAnswer(await client().userInfo('wrong'), bearer);
    standIn().expireTokens();
    assertAnswer(await client().userInfo(tokens.access_token), bearer);
  });

  test('user info answers one method only', async () => {
    const { tokens } = await client().signIn();
    const method = provider.userInfoMethod === 'GET' ? 'POST' : 'GET';
    const answer = await client().userInfo(tokens.access_token, { method, body: undefined });
    assert.equal(answer.status, 405);
  });

  if (provider.apiScopes.length > 0) {
    test('user info needs its scopes', async () => {
      const { tokens } = await client().signIn({ scope: undefined });
      assertRefused(await client().userInfo(tokens.access_token));
    });
  }

  for (const [what, changes] of Object.entries(badApiRequests[provider.id] ?? {})) {
    test(`user info is refused ${what}`, async () => {
      const { tokens } = await client().signIn();
      assertRefused(await client().userInfo(tokens.access_token, changes));
    });
  }
}

function refreshes(provider, { client }) {
  const { mode, terms } = provider.refresh;

  const which = { omitted: 'no', same: 'the same', rotated: 'a new' }[mode];
  test(`a refresh gives ${which} refresh token`, async () => {
    const flow = await client().signIn();
    const old = flow.tokens.refresh_token;
    const { body } = await client().refresh(old, flow);
    assert.ok(body.access_token);
    assert.notEqual(body.access_token, flow.tokens.access_token);
    if (mode === 'omitted') assert.equal(body.refresh_token, undefined);
    if (mode === 'same') assert.equal(body.refresh_token, old);
    if (mode !== 'rotated') return;
    assert.notEqual(body.refresh_token, old);
    const again = await client().refresh(old, flow);
    assertRefused(again);
    if (provider.refreshErrorStatus) assert.equal(again.status, provider.refreshErrorStatus);
    assert.ok((await client().refresh(body.refresh_token, flow)).body.access_token);
  });

  test('a refresh token is for its client only, and must be known', async () => {
    const flow = await client().signIn();
    assertRefused(await client().refresh('unknown', flow));
    assertRefused(await client().refresh(flow.tokens.refresh_token, flow, { id: 'other' }));
  });

  if (terms.length > 0) {
    test('there is no refresh token for those who do not ask', async () => {
      const asked = terms.filter((term) => term.includes('='));
      const nothing = Object.fromEntries(asked.map((term) => [term.split('=')[0], undefined]));
      const scopes = [...provider.scopes].filter((scope) => !terms.includes(scope));
      const scope = scopes.join(provider.separators[0]);
      const { tokens } = await client().signIn({ ...nothing, scope });
      assert.ok(tokens.access_token);
      assert.equal(tokens.refresh_token, undefined);
    });
  }

  if (provider.refreshPath) {
    test('a refresh is refused where codes are exchanged', async () => {
      const flow = await client().signIn();
      const { refresh_token } = flow.tokens;
      const changes = { grant_type: 'refresh_token', refresh_token };
      assertRefused(await client().exchange(flow, { changes }));
    });
  }
}

function revocations(provider, { client }) {
  test('a token that was revoked is dead', async () => {
    const { tokens } = await client().signIn();
    const wrong = provider.revoke.auth === 'client' || provider.revoke.auth === 'basic';
    if (wrong) assertRefused(await client().revoke(tokens.access_token, 'wrong'));
    const answer = await client().revoke(tokens.access_token);
    assert.ok(answer.status === 200 || answer.status === 204, answer.text);
    if (provider.paths.userinfo) assertRefused(await client().userInfo(tokens.access_token));
  });
}

function openid(provider, { client, standIn }) {
  test('metadata and keys are served, and the id_token stands up to them', async () => {
    const { issuer, discoveryUrl, authorizationUrl } = standIn().urls;
    const at = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    assert.equal(at, discoveryUrl);
    const metadata = await (await fetch(at)).json();
    assert.equal(metadata.authorization_endpoint, authorizationUrl);
    assert.equal(metadata.issuer, standIn().issuer);
    const keys = createLocalJWKSet(await (await fetch(metadata.jwks_uri)).json());

    const { tokens, params } = await client().signIn();
    const isSymmetric = provider.idToken.alg === 'HS256';
    const secret = new TextEncoder().encode(standIn().client.clientSecret);
    const { payload } = await jwtVerify(tokens.id_token, isSymmetric ? secret : keys, {
      algorithms: [provider.idToken.alg],
      audience: standIn().client.clientId,
    });
    assert.equal(payload.iss, metadata.issuer.replace('{tenantid}', payload.tid));
    assert.equal(payload.nonce, provider.idToken.nonce ? params.nonce : undefined);
    if (provider.idToken.onlySub) assert.equal(payload.email, undefined);
  });
}

test('every provider of the catalogue has its stand-in, and the copy of the facts is whole', () => {
  assert.equal(knownIds().length, 40);
  assert.throws(() => factsOf('nobody'), /no facts/);
  const copy = JSON.parse(readFileSync(new URL('fixtures/providers.json', import.meta.url)));
  assert.deepEqual(copy, knownIds().map(factsOf));
});

test('Apple checks every part of the signed secret', async (t) => {
  const apple = await startStandIn({ id: 'apple' });
  t.after(() => apple.close());
  const client = new HonestClient(apple);
  const { clientId, teamId, keyId, privateKey } = apple.credentials;
  const key = await importPKCS8(privateKey, 'ES256');
  const sign = (changes = {}, header = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const aud = 'https://appleid.apple.com';
    const payload = { iss: teamId, sub: clientId, aud, iat: now, exp: now + 600, ...changes };
    const all = { alg: 'ES256', kid: keyId, ...header };
    return new SignJWT(payload).setProtectedHeader(all).sign(key);
  };
  const answer = async (secret) => client.exchange(client.approve(), { secret: await secret });
  assert.ok((await answer(sign())).body.access_token);
  const now = Math.floor(Date.now() / 1000);
  const wrong = [
    { iss: 'OTHERTEAM0' },
    { sub: 'other' },
    { aud: 'https://example.com' },
    { exp: now - 60 },
    { exp: now + 200 * 24 * 3600 },
    { exp: undefined },
  ];
  for (const changes of wrong) assertAnswer(await answer(sign(changes)), usual.client);
  assertAnswer(await answer(sign({}, { kid: 'OTHERKEY00' })), usual.client);

  const { url } = client.start({ response_mode: undefined });
  assert.throws(() => apple.approve(url), /response_mode must be form_post/);
  const { form } = apple.approve(client.start().url);
  assert.equal(JSON.parse(form.user).name.firstName, 'Ada');
});

test("GitHub's token endpoint answers a form unless it is asked for JSON", async (t) => {
  const github = await startStandIn({ id: 'github' });
  t.after(() => github.close());
  const client = new HonestClient(github);
  const good = await client.exchange(client.approve(), { accept: '*/*' });
  assert.ok(new URLSearchParams(good.text).get('access_token'));
  const bad = await client.exchange(client.approve(), { accept: '*/*', secret: 'wrong' });
  assert.equal(new URLSearchParams(bad.text).get('error'), 'incorrect_client_credentials');

  const userEmails = async (token) => {
    const headers = { authorization: `Bearer ${token}` };
    return fetch(github.urls.emailsUrl, { headers });
  };
  github.profile.emails = Array.from({ length: 40 }, (_, n) => ({ email: `${n}@a.example` }));
  const { tokens } = await client.signIn();
  const page = await userEmails(tokens.access_token);
  assert.equal((await page.json()).length, 30);
  assert.match(page.headers.get('link'), /page=2>; rel="next"$/);
  const { tokens: lesser } = await client.signIn({ scope: 'read:user' });
  assert.equal((await userEmails(lesser.access_token)).status, 403);
});

test('each has its dialect: VK its device, Naver its state, X its fields', async (t) => {
  const start = async (id) => {
    const standIn = await startStandIn({ id });
    t.after(() => standIn.close());
    return { standIn, client: new HonestClient(standIn) };
  };
  const vk = (await start('vk')).client;
  const flow = vk.approve();
  assert.equal(flow.answer.type, 'code_v2');
  assertRefused(await vk.exchange(flow, { changes: { device_id: undefined } }));
  assertRefused(await vk.exchange(vk.approve(), { changes: { state: undefined } }));
  const signedIn = await vk.signIn();
  const { refresh_token: token } = signedIn.tokens;
  assertRefused(await vk.refresh(token, signedIn, { changes: { device_id: 'other' } }));

  const naver = (await start('naver')).client;
  assertRefused(await naver.exchange(naver.approve(), { changes: { state: 'other' } }));

  const { standIn: railway, client } = await start('railway');
  assert.equal(client.approve().answer.iss, railway.issuer);

  const twitter = (await start('twitter')).client;
  const { tokens } = await twitter.signIn();
  const { body } = await twitter.userInfo(tokens.access_token, { query: { 'user.fields': '' } });
  assert.deepEqual(Object.keys(body.data), ['id', 'name', 'username']);

  const wechat = (await start('wechat')).client;
  const answer = await wechat.exchange(wechat.approve());
  assert.match(answer.headers.get('content-type'), /^text\/plain/);
  assert.equal(answer.body.token_type, undefined);
  const twitch = (await start('twitch')).client;
  assert.ok(Array.isArray((await twitch.signIn()).tokens.scope));

  const cognito = (await start('cognito')).standIn;
  const honest = new HonestClient(cognito).start();
  assert.throws(() => cognito.approve(honest.url.replaceAll('%20', '+')), /Unknown scopes/);
});

test('profiles, people, faults, keys and the clock can be set', async (t) => {
  let now = Date.now();
  const google = await startStandIn({
    id: 'google',
    users: { grace: { idToken: { sub: 'grace' } } },
    client: { redirectUris: [REDIRECT_URI] },
    metadata: { end_session_endpoint: 'http://127.0.0.1/out' },
    faults: { token: { status: 503, body: 'down' } },
    now: () => now,
  });
  t.after(() => google.close());
  const client = new HonestClient(google);
  assert.equal((await client.exchange(client.approve())).status, 503);

  const { url, params, verifier } = client.start();
  const callback = google.approve(url, { user: 'grace' });
  const answer = Object.fromEntries(new URL(callback.url).searchParams);
  const { body } = await client.exchange({ answer, params, verifier });
  assert.equal(decodeJwt(body.id_token).sub, 'grace');

  google.forgeIdToken = ({ claims, header }) => ({ claims: { ...claims, aud: 'x' }, header });
  assert.equal(decodeJwt((await client.signIn()).tokens.id_token).aud, 'x');
  await google.rotateKey({ forget: true });
  assert.equal((await (await fetch(google.urls.jwksUrl)).json()).keys.length, 1);
  const metadata = await (await fetch(google.urls.discoveryUrl)).json();
  assert.equal(metadata.end_session_endpoint, 'http://127.0.0.1/out');

  const flow = client.approve();
  now += 61_000;
  assertAnswer(await client.exchange(flow), usual.code);
  assert.match(google.requests.at(-1).refused, /expired/);
  assert.equal(google.count('token'), 4);
  assert.throws(() => client.approve(client.start({ redirect_uri: 'https://evil.example/' })));
});

/** One stand-in for all tests of a provider. */
function lend(options) {
  let standIn;
  let client;
  before(async () => {
    standIn = await startStandIn(options);
    client = new HonestClient(standIn);
  });
  after(() => standIn.close());
  return { standIn: () => standIn, client: () => client };
}

/** The parameters of a callback. */
function told({ url, form }) {
  return form ?? Object.fromEntries(new URL(url).searchParams);
}

function expectedExpiry({ id }, seconds, isText) {
  // Only with token rotation, which is off.
  if (id === 'slack') return undefined;
  return isText ? String(seconds) : seconds;
}

function assertAnswer({ status, text }, [expected, pattern]) {
  assert.match(text, pattern);
  assert.equal(status, expected);
}

/** No token, no profile, and something that says so. */
function assertRefused({ status, text, body }) {
  assert.equal(body.access_token, undefined);
  assert.doesNotMatch(text, /ada/i);
  assert.ok(status >= 400 || /error|errcode/.test(text), `${status} ${text}`);
}
