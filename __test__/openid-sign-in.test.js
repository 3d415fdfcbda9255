// Sign-in with an OpenID provider that nobody here wrote, by both ways back.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app-config.js';
import { assertErrorPage, setCookies } from './support/client.js';
import { ID, startOpenId } from './support/openid-app.js';

/** Also puts e-mail and name into the id_token, which Core 5.4 leaves to user info with a code. */
const TALKATIVE = { conformIdTokenClaims: false };

describe('sign-in with an OpenID provider', () => {
  test('makes a user with e-mail address and name, an account and a session', async (t) => {
    const { jane, kavach } = await startOpenId(t);
    const response = await jane.signIn();
    assert.equal(response.status, 302);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    const { user } = await jane.session();
    assert.equal(user.email, 'jane@example.com');
    assert.equal(user.emailVerified, true);
    assert.equal(user.name, 'Jane Example');
    assert.equal(user.image, 'https://example.com/jane.png');
    const [account, ...others] = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(others, []);
    assert.equal(account.provider, ID);
    assert.equal(account.providerAccountId, 'jane');
    assert.deepEqual(account.scopes.toSorted(), ['email', 'openid', 'profile']);
    assert.deepEqual(jane.flowCookies(), []);
  });

  test('gives a known account its user again, and another account another', async (t) => {
    const { jane, person } = await startOpenId(t);
    const [again, noor] = [person(), person()];
    await jane.signIn();
    await again.signIn();
    await noor.signIn({ login: 'noor' });
    const ids = [];
    for (const who of [jane, again, noor]) ids.push((await who.session()).user.id);
    assert.equal(ids[1], ids[0]);
    assert.notEqual(ids[2], ids[0]);
    assert.equal((await noor.session()).user.email, 'noor@example.com');
  });

  test('asks for a code with PKCE, state and nonce, new ones each time', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    const seen = new Set();
    for (let i = 0; i < 2; i += 1) {
      const url = new URL(await jane.authorize());
      assert.equal(url.origin + url.pathname, `${issuer.issuer}/auth`);
      const { state, nonce, code_challenge, ...rest } = Object.fromEntries(url.searchParams);
      assert.deepEqual(rest, {
        response_type: 'code',
        client_id: `kavach-${ID}`,
        redirect_uri: `${BASE_URL}/api/kavach/auth/oauth/callback/${ID}`,
        scope: 'openid profile email',
        code_challenge_method: 'S256',
      });
      for (const value of [state, nonce, code_challenge]) {
        assert.match(value, /^[\w-]{43}$/);
        seen.add(value);
      }
      await jane.arrive(await jane.walk(url.href));
      const [sent] = issuer.sent('token').slice(-1);
      const digest = createHash('sha256').update(sent.params.code_verifier).digest('base64url');
      assert.equal(digest, code_challenge);
    }
    assert.equal(seen.size, 6);
  });

  test('works without PKCE where it is turned off', async (t) => {
    const { issuer, jane } = await startOpenId(t, { provider: { pkce: false } });
    const url = new URL(await jane.authorize());
    assert.equal(url.searchParams.get('code_challenge'), null);
    await jane.arrive(await jane.walk(url.href));
    assert.equal(issuer.sent('token')[0].params.code_verifier, undefined);
    assert.equal((await jane.session()).user.email, 'jane@example.com');
  });

  test('asks the provider once, when the id_token says who it is', async (t) => {
    const { issuer, jane, person } = await startOpenId(t, { issuer: TALKATIVE });
    await jane.signIn();
    assert.deepEqual(issuer.backChannel().sort(), ['discovery', 'jwks', 'token']);
    issuer.forget();
    const other = person();
    await other.signIn({ login: 'noor' });
    assert.deepEqual(issuer.backChannel(), ['token']);
    assert.equal((await other.session()).user.name, 'Noor Example');
  });

  test('asks for user info, too, when the id_token is silent about it', async (t) => {
    const { issuer, jane, person } = await startOpenId(t);
    await jane.signIn();
    issuer.forget();
    const other = person();
    await other.signIn({ login: 'noor' });
    assert.deepEqual(issuer.backChannel(), ['token', 'userinfo']);
    const [{ headers, params }] = issuer.sent('userinfo');
    assert.match(headers.authorization, /^Bearer /);
    assert.deepEqual(params, {});
  });

  test('fetches metadata and keys once for many who come at the same time', async (t) => {
    const { issuer, person } = await startOpenId(t, { issuer: TALKATIVE });
    const names = Array.from({ length: 12 }, (_, i) => `guest${i}`);
    const people = await Promise.all(names.map(async (login) => {
      const who = person();
      await who.signIn({ login });
      return who;
    }));
    for (const who of people) assert.ok(await who.session());
    assert.equal(issuer.sent('discovery').length, 1);
    assert.equal(issuer.sent('jwks').length, 1);
    assert.equal(issuer.sent('token').length, names.length);
  });

  test('takes an address that the provider has not verified for no more than that', async (t) => {
    const accounts = { jane: { email_verified: false } };
    const { jane } = await startOpenId(t, { issuer: { accounts } });
    await jane.signIn();
    const { user } = await jane.session();
    assert.equal(user.email, 'jane@example.com');
    assert.equal(user.emailVerified, false);
  });

  test('works for an account that has neither address nor name', async (t) => {
    const nothing = { email: undefined, email_verified: undefined, name: undefined };
    const { jane } = await startOpenId(t, { issuer: { accounts: { jane: nothing } } });
    await jane.signIn();
    const { user } = await jane.session();
    assert.deepEqual([user.email, user.emailVerified, user.name], [null, false, null]);
  });

  test('leads to where it was to lead', async (t) => {
    const { jane } = await startOpenId(t);
    const response = await jane.signIn({}, { redirectTo: '/deep?in=it' });
    assert.equal(response.headers.get('location'), `${BASE_URL}/deep?in=it`);
  });

  test('is over when the user cancels at the provider', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    assertErrorPage(await jane.signIn({ cancel: true }), 'access_denied');
    assert.equal(await jane.session(), null);
    assert.equal(issuer.sent('token').length, 0);
  });

  test('works when the identifier of the issuer has a path, or ends with a slash', async (t) => {
    for (const path of ['/', '/realms/acme', '/tenant/']) {
      const { issuer, jane } = await startOpenId(t, { issuer: { path } });
      await jane.signIn();
      assert.equal((await jane.session())?.user.email, 'jane@example.com', path);
      const [{ path: asked }] = issuer.requests;
      assert.equal(asked, '/.well-known/openid-configuration');
    }
  });

  test('works with a plain object in place of the factory', async (t) => {
    const { issuer } = await startOpenId(t);
    const { jane } = await startOpenId(t, {
      oauth: {
        providers: [{
          id: ID,
          issuer: issuer.issuer,
          clientId: `kavach-${ID}`,
          clientSecret: `the secret of ${ID}, which is long enough`,
        }],
      },
    });
    await jane.signIn();
    assert.equal((await jane.session()).user.email, 'jane@example.com');
  });
});

describe('response_mode=form_post', () => {
  const provider = { responseMode: 'form_post' };

  test('brings the answer by POST, and signs in', async (t) => {
    const { jane } = await startOpenId(t, { provider });
    const url = await jane.authorize();
    assert.equal(new URL(url).searchParams.get('response_mode'), 'form_post');
    const callback = await jane.walk(url);
    assert.equal(callback.method, 'POST');
    assert.equal(callback.url, `${BASE_URL}/api/kavach/auth/oauth/callback/${ID}`);
    assert.deepEqual(Object.keys(callback.form).sort(), ['code', 'iss', 'state']);
    const response = await jane.arrive(callback);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    assert.equal((await jane.session()).user.email, 'jane@example.com');
    assert.deepEqual(jane.flowCookies(), []);
  });

  test('needs a flow cookie that goes along from another site', async (t) => {
    const { jane, person } = await startOpenId(t, { provider });
    const response = await jane.get(`/auth/oauth/authorize/${ID}`);
    const [{ attributes }] = setCookies(response);
    assert.equal(attributes.get('samesite'), 'None');
    assert.ok(attributes.has('secure') && attributes.has('httponly'));

    const query = await startOpenId(t);
    const [cookie] = setCookies(await query.jane.get(`/auth/oauth/authorize/${ID}`));
    assert.equal(cookie.attributes.get('samesite'), 'Lax');

    const callback = await jane.walk(response.headers.get('location'));
    assertErrorPage(await person().arrive(callback), 'state_invalid');
  });

  test('links an account to whoever is signed in, whose cookie stays at home', async (t) => {
    const { jane, kavach } = await startOpenId(t, { provider, spare: true });
    await jane.signIn({}, {}, 'spare');
    const { user } = await jane.session();
    const response = await jane.link(ID, { login: 'noor', cookies: undefined });
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    assert.equal((await jane.session()).user.id, user.id);
    const accounts = await kavach.auth.getOAuthConnections(user.id);
    assert.deepEqual(
      accounts.map(({ provider, providerAccountId }) => [provider, providerAccountId]),
      [['spare', 'jane'], [ID, 'noor']],
    );
  });

  test('is over when the user cancels at the provider', async (t) => {
    const { jane } = await startOpenId(t, { provider });
    const callback = await jane.walk(await jane.authorize(), { cancel: true });
    assert.equal(callback.form.error, 'access_denied');
    assertErrorPage(await jane.arrive(callback), 'access_denied');
    assert.equal(await jane.session(), null);
  });

  test('works once for each answer', async (t) => {
    const { jane, person, issuer } = await startOpenId(t, { provider });
    const thief = person();
    const callback = await jane.walk(await jane.authorize());
    const cookies = new Map(jane.cookies);
    await jane.arrive(callback);
    for (const [name, value] of cookies) thief.cookies.set(name, value);
    await thief.arrive(callback);
    assert.equal(await thief.session(), null);
    assert.equal(issuer.sent('token').length, 1);
  });
});
