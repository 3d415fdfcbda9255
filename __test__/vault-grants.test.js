// What a user granted stays what they granted: scopes and refresh tokens through refreshes, further
// sign-ins and unlinking.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { rejects } from './support/app.js';
import { CLIENT } from './support/misbehaving-issuer.js';
import { REFRESH_TOKEN, own, startWith } from './support/misbehaving-own.js';
import { ID, startOpenId } from './support/openid-app.js';

const past = () => new Date(Date.now() - 1_000);
const later = () => new Date(Date.now() + 3_600_000);

/** Gives each in turn, as long as there are any. */
const inTurn = (answers) => {
  const left = [...answers];
  return () => left.shift() ?? assert.fail('asked once more than expected');
};

/**
 * An application with a provider of its own whose tokens are due at once. Its refresh tokens work
 * once; each refresh waits in `gates` where there is one. `asked` and `revoked` are the tokens that
 * it was given.
 */
async function startRotating(t, { gates = [], exchangeCode, others = [] } = {}) {
  const asked = [];
  const revoked = [];
  let valid = REFRESH_TOKEN;
  const refreshTokens = async (refreshToken) => {
    asked.push(refreshToken);
    if (refreshToken !== valid) throw new Error('this refresh token is spent');
    valid = `rotated-${asked.length}`;
    const answer = { accessToken: `fresh-${asked.length}`, refreshToken: valid, expiresAt: past() };
    const gate = gates[asked.length - 1];
    gate?.enter();
    await gate?.opened;
    return answer;
  };
  const revokeToken = (token) => revoked.push(token);
  const app = await startWith(t, [
    own({
      exchangeCode: inTurn([
        { accessToken: 'first', refreshToken: REFRESH_TOKEN, expiresAt: past() },
        ...(exchangeCode ?? [{ accessToken: 'second', expiresAt: past() }]),
      ]),
      refreshTokens,
      revokeToken,
    }),
    ...others,
  ]);
  const { by, user } = await app.assertSignsIn('own');
  const token = () => app.kavach.auth.getAccessToken(user.id, 'own');
  const accept = (refreshToken) => {
    valid = refreshToken;
  };
  return { ...app, by, user, token, accept, asked, revoked };
}

/** Holds up a refresh: `entered` resolves when it has come; it goes on after `open` or `fail`. */
function newGate() {
  const gate = {};
  gate.entered = new Promise((resolve) => {
    gate.enter = resolve;
  });
  gate.opened = new Promise((resolve, reject) => {
    Object.assign(gate, { open: resolve, fail: reject });
  });
  return gate;
}

describe('a refresh whose answer names no scopes keeps the granted ones', () => {
  test('of a provider that is made of functions', async (t) => {
    const { assertSignsIn, kavach } = await startWith(t, [
      own({
        scopes: ['read', 'write'],
        exchangeCode: () => ({
          accessToken: 'first', refreshToken: 'r', expiresAt: past(), scopes: ['read'],
        }),
        refreshTokens: () => ({ accessToken: 'fresh', expiresAt: later() }),
      }),
    ]);
    const { user } = await assertSignsIn('own');
    const { accessToken, scopes } = await kavach.auth.getAccessToken(user.id, 'own');
    assert.deepEqual([accessToken, scopes], ['fresh', ['read']]);
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(account.scopes, ['read']);
  });

  test('of an issuer, where the user declined one and granted another', async (t) => {
    const { assertSignsIn, issuer, kavach } = await startWith(t, ({ url }) => [{
      id: 'corp', issuer: url, clientId: CLIENT.id, clientSecret: CLIENT.secret,
    }]);
    const granted = ['openid', 'email', 'repo'];
    const { user } = await assertSignsIn('corp', {
      answer: (body) => Object.assign(body, {
        scope: granted.join(' '), expires_in: 1, refresh_token: 'r',
      }),
    });
    issuer.change('token', ({ scope: _, ...body }) => body);
    const asked = issuer.count('token');
    await sleep(600);
    const { scopes } = await kavach.auth.getAccessToken(user.id, 'corp');
    assert.equal(issuer.count('token'), asked + 1);
    assert.deepEqual(scopes.toSorted(), granted.toSorted());
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(account.scopes.toSorted(), granted.toSorted());
  });

  test('and one that names fewer narrows them', async (t) => {
    const { assertSignsIn, kavach } = await startWith(t, [
      own({
        scopes: ['read', 'write'],
        exchangeCode: () => ({ accessToken: 'first', refreshToken: 'r', expiresAt: past() }),
        refreshTokens: () => ({ accessToken: 'fresh', expiresAt: later(), scopes: ['read'] }),
      }),
    ]);
    const { user } = await assertSignsIn('own');
    assert.deepEqual((await kavach.auth.getAccessToken(user.id, 'own')).scopes, ['read']);
  });
});

describe('a second sign-in without a refresh token', () => {
  test('keeps the one that is stored', async (t) => {
    const { signIn, by, token, asked } = await startRotating(t);
    await signIn('own', by);
    assert.equal((await token()).accessToken, 'fresh-1');
    assert.deepEqual(asked, [REFRESH_TOKEN]);
  });

  test('keeps the latest that a refresh has brought', async (t) => {
    const { signIn, by, token, asked } = await startRotating(t);
    await token();
    await signIn('own', by);
    assert.equal((await token()).accessToken, 'fresh-2');
    assert.deepEqual(asked, [REFRESH_TOKEN, 'rotated-1']);
  });

  test('keeps it also where access in absence was asked for once only', async (t) => {
    let seconds = 1;
    const { issuer, jane, kavach } = await startOpenId(t, {
      issuer: { rotateRefreshToken: true, ttl: { AccessToken: () => seconds } },
      provider: { optionalScopes: ['offline_access'] },
    });
    await jane.signIn({}, { scope: 'offline_access', prompt: 'consent' });
    const { user } = await jane.session();
    await jane.signIn({}, { prompt: 'login' });
    seconds = 3600;
    await sleep(600);
    const { accessToken } = await kavach.auth.getAccessToken(user.id, ID);
    assert.equal(await issuer.owner(accessToken), 'jane');
    const grants = issuer.sent('token').map(({ params }) => params.grant_type);
    assert.deepEqual(grants, ['authorization_code', 'authorization_code', 'refresh_token']);
  });

  test('waits for a refresh that is under way, and keeps what it brings', async (t) => {
    const gate = newGate();
    const { signIn, by, token, asked } = await startRotating(t, { gates: [gate] });
    const first = token();
    await gate.entered;
    const again = signIn('own', by);
    await sleep(200);
    gate.open();
    assert.equal((await first).accessToken, 'fresh-1');
    assert.equal((await again).status, 302);
    assert.equal((await token()).accessToken, 'fresh-2');
    assert.deepEqual(asked, [REFRESH_TOKEN, 'rotated-1']);
  });

  test('keeps the old one when the refresh that was under way has failed', async (t) => {
    const gate = newGate();
    const { signIn, by, token, accept, asked } = await startRotating(t, { gates: [gate] });
    const first = token();
    await gate.entered;
    const again = signIn('own', by);
    gate.fail(new Error('the directory is down'));
    await rejects(first, 'provider_error');
    assert.equal((await again).status, 302);
    accept(REFRESH_TOKEN);
    assert.equal((await token()).accessToken, 'fresh-2');
    assert.deepEqual(asked, [REFRESH_TOKEN, REFRESH_TOKEN]);
  });
});

test('a second sign-in with a refresh token goes before a refresh under way', async (t) => {
  const gate = newGate();
  const again = { accessToken: 'second', refreshToken: 'of-the-second', expiresAt: past() };
  const { signIn, by, token, accept, asked } = await startRotating(t, {
    gates: [gate], exchangeCode: [again],
  });
  const first = token();
  await gate.entered;
  await signIn('own', by);
  gate.open();
  await first;
  accept('of-the-second');
  assert.equal((await token()).accessToken, 'fresh-2');
  assert.deepEqual(asked, [REFRESH_TOKEN, 'of-the-second']);
});

describe('unlinking while a refresh is under way', () => {
  async function startLinked(t) {
    const gate = newGate();
    const app = await startRotating(t, { gates: [gate], others: [own({ id: 'second' })] });
    const { by, back } = app;
    const { url } = await (await by.post('/auth/oauth/link', { provider: 'second' })).json();
    assert.equal((await by.getJson(await back(url, 'second'))).status, 302);
    return { ...app, gate };
  }

  test('hands out no token, and has the newest one revoked', async (t) => {
    const { gate, by, token, kavach, user, revoked } = await startLinked(t);
    const refreshed = token();
    await gate.entered;
    const answer = await by.post('/auth/oauth/unlink', { provider: 'own' });
    assert.deepEqual(await answer.json(), { success: true });
    gate.open();
    await rejects(refreshed, 'account_not_found');
    assert.ok(revoked.includes('rotated-1'), String(revoked));
    const connections = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(connections.map(({ provider }) => provider), ['second']);
    await rejects(token(), 'account_not_found');
  });

  test('is the same when the server does it', async (t) => {
    const { gate, token, kavach, user, revoked } = await startLinked(t);
    const refreshed = token();
    await gate.entered;
    await kavach.auth.disconnectOAuth(user.id, 'own');
    gate.open();
    await rejects(refreshed, 'account_not_found');
    assert.ok(revoked.includes('rotated-1'), String(revoked));
  });
});
