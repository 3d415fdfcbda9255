// What an application may ask of the provider for one sign-in: prompt, login_hint, max_age,
// acr_values, scope.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app-config.js';
import { assertError, assertErrorPage } from './support/client.js';
import { AUTHORIZE, ID, startOpenId } from './support/openid-app.js';

const asked = (issuer) => issuer.sent('auth').at(-1).params;

describe('prompt', () => {
  test('login asks again whoever the provider knows', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    await jane.signIn();
    const known = await jane.walk(await jane.authorize());
    assert.deepEqual(known.pages, []);
    const again = await jane.walk(await jane.authorize({ prompt: 'login' }));
    assert.equal(asked(issuer).prompt, 'login');
    assert.deepEqual(again.pages, ['login']);
    await jane.arrive(again);
    assert.ok(await jane.session());
  });

  test('of one sign-in goes before the configured one', async (t) => {
    const { issuer, jane } = await startOpenId(t, { provider: { prompt: 'consent' } });
    await jane.signIn();
    assert.equal(asked(issuer).prompt, 'consent');
    await jane.signIn({}, { prompt: 'login' });
    assert.equal(asked(issuer).prompt, 'login');
  });

  test('none signs in whoever the provider knows, and nobody else', async (t) => {
    const { jane, person } = await startOpenId(t);
    await jane.signIn();
    const silent = await jane.walk(await jane.authorize({ prompt: 'none' }));
    assert.deepEqual(silent.pages, []);
    const response = await jane.arrive(silent);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);

    const stranger = person();
    const callback = await stranger.walk(await stranger.authorize({ prompt: 'none' }));
    assert.equal(new URL(callback.url).searchParams.get('error'), 'login_required');
    assertErrorPage(await stranger.arrive(callback), 'interaction_required');
    assert.equal(await stranger.session(), null);
  });
});

test('login_hint says to the provider who it may be', async (t) => {
  const { issuer, jane } = await startOpenId(t);
  await jane.signIn({}, { login_hint: 'noor' });
  assert.equal(asked(issuer).login_hint, 'noor');
  assert.equal((await jane.session()).user.email, 'noor@example.com');
});

describe('max_age', () => {
  test('goes along, and the provider asks again when it is over', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    await jane.signIn({}, { max_age: '3600' });
    assert.equal(asked(issuer).max_age, '3600');
    assert.ok(await jane.session());
    const known = await jane.walk(await jane.authorize({ max_age: '3600' }));
    assert.deepEqual(known.pages, []);
    const response = await jane.arrive(known);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    const now = await jane.walk(await jane.authorize({ max_age: '0' }));
    assert.deepEqual(now.pages, ['login']);
    await jane.arrive(now);
    assert.ok(await jane.session());
  });

  test('is compared with when the provider says it asked (Core 3.1.3.7, 11)', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    issuer.on('authorization.accepted', ({ oidc }) => {
      oidc.session.loginTs = Math.floor(Date.now() / 1000) - 7200;
    });
    assertErrorPage(await jane.signIn({}, { max_age: '3600' }), 'provider_error');
    assert.equal(await jane.session(), null);
    await jane.signIn();
    assert.ok(await jane.session(), 'nobody asked when');
  });

  test('that is no number of seconds is refused', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    for (const value of ['-1', '1.5', 'soon', '', '9'.repeat(30)]) {
      const response = await jane.getJson(`${AUTHORIZE}?max_age=${value}`);
      await assertError(response, 400, 'argument_invalid');
    }
    assert.equal(issuer.sent('auth').length, 0);
  });
});

test('acr_values go along', async (t) => {
  const acr_values = 'urn:example:silver urn:example:bronze';
  const { issuer, jane } = await startOpenId(t, { issuer: { acrValues: acr_values.split(' ') } });
  await jane.signIn({}, { acr_values });
  assert.equal(asked(issuer).acr_values, acr_values);
  assert.ok(await jane.session());
});

describe('scope', () => {
  const provider = { scopes: ['phone'], optionalScopes: ['address', 'offline_access'] };

  test('asks for more where that is allowed, and the vault knows what was granted', async (t) => {
    const { issuer, jane, kavach } = await startOpenId(t, { provider });
    const granted = async () => {
      const { user } = await jane.session();
      const [{ scopes }] = await kavach.auth.getOAuthConnections(user.id);
      const token = await kavach.auth.getAccessToken(user.id, ID);
      assert.deepEqual(token.scopes.toSorted(), scopes.toSorted());
      return scopes.toSorted();
    };
    await jane.signIn();
    assert.equal(asked(issuer).scope, 'openid profile email phone');
    assert.deepEqual(await granted(), ['email', 'openid', 'phone', 'profile']);

    await jane.signIn({}, { scope: 'address' });
    assert.equal(asked(issuer).scope, 'openid profile email phone address');
    assert.deepEqual(await granted(), ['address', 'email', 'openid', 'phone', 'profile']);
  });

  test('is granted as far as the provider does, not as far as was asked', async (t) => {
    const { jane, kavach } = await startOpenId(t, { provider });
    // Without a consent page there is no access in the user's absence (Core 11).
    await jane.signIn({}, { scope: 'offline_access address' });
    const { user } = await jane.session();
    const { scopes } = await kavach.auth.getAccessToken(user.id, ID);
    assert.ok(scopes.includes('address'));
    assert.ok(!scopes.includes('offline_access'));
  });

  test('is refused where the application does not allow it', async (t) => {
    const { issuer, jane } = await startOpenId(t, { provider });
    for (const scope of ['admin', 'address admin', 'ADDRESS', 'address,admin', 'address\tadmin']) {
      const target = `${AUTHORIZE}?${new URLSearchParams({ scope })}`;
      await assertError(await jane.getJson(target), 400, 'argument_invalid');
      assertErrorPage(await jane.get(target), 'argument_invalid');
    }
    assert.deepEqual(jane.flowCookies(), []);
    assert.deepEqual(issuer.sent('auth'), []);
  });

  test('is refused where none is optional', async (t) => {
    const { jane } = await startOpenId(t);
    const response = await jane.getJson(`${AUTHORIZE}?scope=address`);
    await assertError(response, 400, 'argument_invalid');
  });
});

test('authorizationParams go along, and cannot replace what keeps the flow safe', async (t) => {
  const { issuer, jane } = await startOpenId(t, {
    provider: { authorizationParams: { ui_locales: 'de en', claims_locales: 'de' } },
  });
  await jane.signIn();
  assert.equal(asked(issuer).ui_locales, 'de en');
  assert.equal(asked(issuer).claims_locales, 'de');
  for (const name of ['state', 'nonce', 'redirect_uri', 'client_id', 'code_challenge']) {
    const authorizationParams = { [name]: 'mine' };
    await assert.rejects(
      startOpenId(t, { provider: { authorizationParams } }),
      { code: 'config_invalid' },
      name,
    );
  }
});
