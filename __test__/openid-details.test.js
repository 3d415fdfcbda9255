// Corners of OpenID sign-ins: addresses of the application's own, pushed requests from the first
// one on, parameters that come from two places, and providers that are down.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';

import { genericOIDC, oauth } from '../auth.js';
import { createKavach } from '../index.js';
import { rejects } from './support/app.js';
import { BASE_URL, SECRET } from './support/app-config.js';
import { profilesOf, startCatalogue } from './support/catalogue.js';
import { CLIENT, startIssuer } from './support/misbehaving-issuer.js';
import { own, startWith } from './support/misbehaving-own.js';
import { ID, Person, startOpenId } from './support/openid-app.js';

const random = () => randomBytes(32).toString('base64url');

describe('linking by form_post with a redirectUri of one\'s own', () => {
  const OWN = '/x/auth-base';
  const path = `${OWN}/auth/oauth/callback/${ID}`;
  const redirectUri = `${BASE_URL}${path}`;

  async function startMounted(t) {
    const { kavach } = await startOpenId(t, {
      spare: true,
      client: { redirect_uris: [redirectUri] },
      provider: { responseMode: 'form_post', redirectUri },
    });
    const arrivals = [];
    // Nothing of this provider reaches the usual place, as when a gateway is in front.
    const handler = async (request) => {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith(`${OWN}/`)) {
        assert.ok(!pathname.endsWith(`/callback/${ID}`), pathname);
        return kavach.handler(request);
      }
      const response = await kavach.plugins.handleRequest(request, OWN);
      arrivals.push([request.method, pathname, response.status]);
      return response;
    };
    return { kavach, arrivals, jane: new Person(handler, { base: `${BASE_URL}/api/kavach` }) };
  }

  test('leads on to that address, and the account is linked', async (t) => {
    const { kavach, arrivals, jane } = await startMounted(t);
    await jane.signIn({}, {}, 'spare');
    const { user } = await jane.session();
    const response = await jane.link(ID);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    assert.deepEqual(arrivals, [['POST', path, 303], ['GET', path, 302]]);
    const connections = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(connections.map(({ provider }) => provider).toSorted(), [ID, 'spare']);
    assert.equal((await jane.session()).user.id, user.id);
  });

  test('keeps a query that the address has', async (t) => {
    const withQuery = `${BASE_URL}/api/kavach/auth/oauth/callback/${ID}?via=gateway`;
    const { jane } = await startOpenId(t, {
      spare: true,
      client: { redirect_uris: [withQuery] },
      provider: { responseMode: 'form_post', redirectUri: withQuery },
    });
    await jane.signIn({}, {}, 'spare');
    const { url } = await (await jane.post('/auth/oauth/link', { provider: ID })).json();
    const back = await jane.walk(url);
    assert.equal(back.url, withQuery);
    const response = await jane.post(back.url, String(new URLSearchParams(back.form)), {
      'content-type': 'application/x-www-form-urlencoded', origin: 'null',
    });
    assert.equal(response.status, 303);
    const { searchParams } = new URL(response.headers.get('location'));
    assert.deepEqual(searchParams.getAll('via'), ['gateway']);
    assert.deepEqual(searchParams.getAll('code'), [back.form.code]);
  });

  test('signs in there without a further step', async (t) => {
    const { arrivals, jane } = await startMounted(t);
    await jane.signIn();
    assert.equal((await jane.session()).user.email, 'jane@example.com');
    assert.deepEqual(arrivals, [['POST', path, 302]]);
  });
});

test('an issuer that requires pushed requests gets them from the first one on', async (t) => {
  const features = { pushedAuthorizationRequests: { requirePushedAuthorizationRequests: true } };
  const { issuer } = await startOpenId(t, { issuer: { features } });
  // The endpoint is known without the metadata; that requests must be pushed is not.
  const kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: SECRET,
    baseUrl: BASE_URL,
    plugins: [
      oauth({
        providers: [
          genericOIDC({
            id: ID,
            issuer: issuer.issuer,
            authorizationUrl: `${issuer.issuer}/auth`,
            clientId: `kavach-${ID}`,
            clientSecret: `the secret of ${ID}, which is long enough`,
          }),
        ],
      }),
    ],
  });
  t.after(() => kavach.close());
  const jane = new Person(kavach.handler, { base: `${BASE_URL}/api/kavach` });
  for (const pushed of [1, 2]) {
    const { searchParams } = new URL(await jane.authorize());
    assert.deepEqual([...searchParams.keys()].toSorted(), ['client_id', 'request_uri']);
    assert.equal(issuer.sent('par').length, pushed);
  }
  await jane.signIn();
  assert.equal((await jane.session()).user.email, 'jane@example.com');
});

describe('a parameter that is configured and asked for', () => {
  const configured = { prompt: 'consent', login_hint: 'jane', acr_values: 'bronze' };
  const { prompt, ...authorizationParams } = configured;
  const names = Object.keys(configured);
  const sent = (url) => names.map((name) => new URL(url).searchParams.getAll(name));

  test('goes along once, as it was asked for (RFC 6749 3.1)', async (t) => {
    const { jane } = await startOpenId(t, { provider: { prompt, authorizationParams } });
    const asked = { prompt: 'login', login_hint: 'noor', acr_values: 'silver' };
    assert.deepEqual(sent(await jane.authorize(asked)), [['login'], ['noor'], ['silver']]);
    for (const name of names) {
      const url = await jane.authorize({ [name]: asked[name] });
      const expected = { ...configured, [name]: asked[name] };
      assert.deepEqual(sent(url), Object.values(expected).map((value) => [value]));
    }
  });

  test('goes along as configured when nobody asks', async (t) => {
    const { jane } = await startOpenId(t, { provider: { prompt, authorizationParams } });
    assert.deepEqual(sent(await jane.authorize()), [['consent'], ['jane'], ['bronze']]);
  });
});

describe('Microsoft, for organizations,', () => {
  const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';
  const [work] = profilesOf('microsoft');
  const personal = { ...work, idToken: { ...work.idToken, tid: PERSONAL } };
  const start = (t, tenant) => startCatalogue(t, 'microsoft', { provider: { tenant } });

  test('lets in an account of one', async (t) => {
    const { signIn } = await start(t, 'organizations');
    assert.equal((await signIn(work)).user.email, work.profile.email);
  });

  test('refuses a personal account', async (t) => {
    const { signIn, kavach } = await start(t, 'organizations');
    const { user, error } = await signIn(personal);
    assert.deepEqual([user, error], [null, 'provider_error']);
    assert.equal(await kavach.users.findByEmail(work.profile.email), null);
  });

  test('which is welcome where everybody is', async (t) => {
    const { signIn } = await start(t, 'common');
    assert.equal((await signIn(personal)).user.email, work.profile.email);
  });
});

describe('signing out at a provider that is not there', () => {
  test('ends the session all the same', async (t) => {
    const { issuer, jane, kavach } = await startOpenId(t, { spare: true });
    await jane.signIn({}, {}, 'spare');
    const { token } = jane;
    await issuer.down();
    const response = await jane.post('/auth/sign-out', { provider: ID, redirectTo: '/bye' });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { success: true });
    assert.equal(await jane.session(), null);
    assert.equal(await kavach.auth.session.validate(token), null);
  });

  test('ends the session before it asks', async (t) => {
    const { issuer, assertSignsIn, kavach } = await startWith(t, ({ url }) => [
      own(), { id: ID, issuer: url, clientId: CLIENT.id, clientSecret: CLIENT.secret },
    ]);
    const { by } = await assertSignsIn('own');
    const { token } = by;
    const asked = new Promise((resolve) => {
      issuer.replace('discovery', (req) => resolve(req));
    });
    const signedOut = by.post('/auth/sign-out', { provider: ID });
    const request = await asked;
    assert.equal(await kavach.auth.session.validate(token), null);
    issuer.replace('discovery', (req) => req.socket.destroy());
    request.socket.destroy();
    assert.deepEqual(await (await signedOut).json(), { success: true });
  });
});

test('an id_token with the nonce of another sign-in is refused where none was sent', async (t) => {
  const issuer = await startIssuer(t);
  const provider = genericOIDC({
    id: ID, issuer: issuer.url, clientId: CLIENT.id, clientSecret: CLIENT.secret,
  });
  const exchange = async (claims) => {
    const [codeVerifier, redirectUri] = [random(), `${BASE_URL}/callback`];
    const url = await provider.getAuthorizationUrl(random(), codeVerifier, redirectUri);
    assert.ok(!new URL(url).searchParams.has('nonce'));
    const back = new URL(await issuer.approve(url, { claims }));
    return provider.exchangeCode(back.searchParams.get('code'), codeVerifier, redirectUri);
  };
  assert.ok((await exchange()).accessToken);
  for (const nonce of [random(), '', 7]) {
    const error = await rejects(exchange((payload) => Object.assign(payload, { nonce })),
      'provider_error');
    assert.match(error.cause.message, /nonce/);
  }
});
