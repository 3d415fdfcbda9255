// The tokens of an OpenID provider: refreshed, rotated, taken back.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { rejects } from './support/app.js';
import { ID, startOpenId } from './support/openid-app.js';

/** Signs Jane in for access in her absence. `lifetime.seconds` is that of tokens from now on. */
/** `token` waits until a token of one second is due. */
async function signedIn(t, { seconds = 1, provider, ...options } = {}) {
  const lifetime = { seconds };
  const app = await startOpenId(t, {
    ...options,
    issuer: {
      rotateRefreshToken: true,
      ttl: { AccessToken: () => lifetime.seconds },
      ...options.issuer,
    },
    provider: { scopes: ['offline_access'], prompt: 'consent', ...provider },
  });
  await app.jane.signIn();
  const { user } = await app.jane.session();
  const token = async (more) => {
    if (seconds === 1) await sleep(600);
    return app.kavach.auth.getAccessToken(user.id, ID, more);
  };
  const refreshes = () => app.issuer.sent('token').map(({ params }) => params)
    .filter(({ grant_type }) => grant_type === 'refresh_token');
  return { ...app, user, lifetime, token, refreshes };
}

describe('getAccessToken', () => {
  test('gives the token of the sign-in while it lives', async (t) => {
    const { issuer, token, refreshes } = await signedIn(t, { seconds: 3600 });
    const { accessToken, expiresAt, scopes } = await token();
    assert.equal(await issuer.owner(accessToken), 'jane');
    assert.ok(Math.abs(expiresAt - Date.now() - 3_600_000) < 30_000);
    assert.deepEqual(scopes.toSorted(), ['email', 'offline_access', 'openid', 'profile']);
    assert.equal((await token()).accessToken, accessToken);
    assert.deepEqual(refreshes(), []);
  });

  test('refreshes what is due, again and again, with a new refresh token each time', async (t) => {
    const { issuer, lifetime, token, refreshes } = await signedIn(t);
    const seen = new Set();
    for (let i = 0; i < 5; i += 1) {
      const { accessToken, scopes } = await token();
      assert.equal(await issuer.owner(accessToken), 'jane');
      assert.ok(scopes.includes('offline_access'));
      seen.add(accessToken);
    }
    assert.equal(seen.size, 5);
    assert.equal(new Set(refreshes().map(({ refresh_token }) => refresh_token)).size, 5);
    lifetime.seconds = 3600;
    const { accessToken } = await token();
    assert.equal((await token()).accessToken, accessToken);
    assert.equal(refreshes().length, 6);
  });

  test('refreshes with a refresh token that stays, too', async (t) => {
    const issuer = { rotateRefreshToken: false };
    const { token, refreshes } = await signedIn(t, { issuer });
    for (let i = 0; i < 3; i += 1) await token();
    assert.equal(new Set(refreshes().map(({ refresh_token }) => refresh_token)).size, 1);
    assert.equal(refreshes().length, 3);
  });

  test('refreshes once for twenty who ask at the same time', async (t) => {
    const { issuer, lifetime, token, refreshes } = await signedIn(t);
    lifetime.seconds = 3600;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => token()));
    assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1);
    assert.equal(refreshes().length, 1);
    assert.equal(await issuer.owner(tokens[0].accessToken), 'jane');
  });

  test('refreshes what would not last as long as it is needed', async (t) => {
    const { kavach, user, token, refreshes } = await signedIn(t, { seconds: 300 });
    const { accessToken } = await token();
    assert.equal((await token({ minValidity: 200 })).accessToken, accessToken);
    assert.deepEqual(refreshes(), []);
    await sleep(1_100);
    const fresh = (await token({ minValidity: 600 })).accessToken;
    assert.notEqual(fresh, accessToken);
    // One that was given just now is as good as it gets.
    assert.equal((await token({ minValidity: 600 })).accessToken, fresh);
    assert.equal(refreshes().length, 1);
    for (const minValidity of [-1, '60', Number.NaN, Infinity, {}]) {
      await rejects(kavach.auth.getAccessToken(user.id, ID, { minValidity }), 'argument_invalid');
    }
  });

  test('with minValidity 0 takes a token until its end', async (t) => {
    const { token, refreshes } = await signedIn(t, { seconds: 30 });
    await token({ minValidity: 0 });
    assert.deepEqual(refreshes(), []);
    await sleep(1_100);
    await token({ minValidity: 60 });
    assert.equal(refreshes().length, 1);
  });

  test('says that the user must sign in again once the grant is taken back', async (t) => {
    const { issuer, jane, kavach, user, token } = await signedIn(t);
    await token();
    await issuer.revokeGrants();
    const error = await rejects(token(), 'reauthorization_required');
    assert.equal(error.status, 409);
    assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);
    assert.ok(await jane.session(), 'the session stays');
    await jane.signIn();
    assert.equal((await jane.session()).user.id, user.id);
    assert.equal(await issuer.owner((await token()).accessToken), 'jane');
  });

  test('without a refresh token gives the token until its end', async (t) => {
    const { token, refreshes } = await signedIn(t, {
      seconds: 1, provider: { scopes: [], prompt: undefined },
    });
    const started = Date.now();
    let error;
    while (!error && Date.now() - started < 5_000) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      error = await token().then(() => undefined, (caught) => caught);
    }
    assert.equal(error?.code, 'reauthorization_required');
    assert.deepEqual(refreshes(), []);
  });

  test('is a provider_error while the provider is down, and works afterwards', async (t) => {
    const { issuer, token } = await signedIn(t);
    await issuer.down();
    await rejects(token(), 'provider_error');
    await issuer.up();
    assert.equal(await issuer.owner((await token()).accessToken), 'jane');
  });
});

describe('unlinking', () => {
  async function linked(t, options) {
    const app = await signedIn(t, { seconds: 3600, spare: true, ...options });
    await app.jane.link('spare');
    const { accessToken } = await app.token();
    assert.equal(await app.issuer.owner(accessToken), 'jane');
    return { ...app, accessToken };
  }

  test('takes the tokens back at the provider', async (t) => {
    const { issuer, jane, kavach, user, accessToken } = await linked(t);
    await kavach.auth.disconnectOAuth(user.id, ID);
    await issuer.answered('revocation');
    assert.equal(await issuer.owner(accessToken), null);
    assert.ok(await jane.session());
    const accounts = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(accounts.map(({ provider }) => provider), ['spare']);
  });

  test('takes the refresh token back where there is one, the access token otherwise', async (t) => {
    for (const provider of [{}, { scopes: [], prompt: undefined }]) {
      const { issuer, kavach, user, accessToken, refreshes } = await linked(t, { provider });
      await kavach.auth.disconnectOAuth(user.id, ID);
      const { params, status } = await issuer.answered('revocation');
      assert.equal(status, 200);
      assert.equal(params.token === accessToken, provider.scopes !== undefined);
      assert.equal(await issuer.owner(accessToken), null);
      assert.deepEqual(refreshes(), []);
    }
  });

  test('works where the provider is down or has no such endpoint', async (t) => {
    const { issuer, kavach, user } = await linked(t);
    await issuer.down();
    await kavach.auth.disconnectOAuth(user.id, ID);
    assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);

    const without = await linked(t, { issuer: { features: { revocation: { enabled: false } } } });
    await without.kavach.auth.disconnectOAuth(without.user.id, ID);
    assert.equal(await without.issuer.owner(without.accessToken), 'jane');
  });
});
