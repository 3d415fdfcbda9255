// Signing out at the provider, too: OpenID Connect RP-Initiated Logout 1.0.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app-config.js';
import { assertError } from './support/client.js';
import { ID, startOpenId } from './support/openid-app.js';

async function signedOut(jane, body) {
  const response = await jane.post('/auth/sign-out', body);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(await jane.session(), null);
  return JSON.parse(text);
}

describe('signing out with a provider', () => {
  test('gives the URL that ends the session there and leads back', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    await jane.signIn();
    const { success, url } = await signedOut(jane, { provider: ID, redirectTo: '/bye' });
    assert.equal(success, true);
    const { origin, pathname, searchParams } = new URL(url);
    assert.equal(origin + pathname, `${issuer.issuer}/session/end`);
    assert.equal(searchParams.get('client_id'), `kavach-${ID}`);
    assert.equal(searchParams.get('post_logout_redirect_uri'), `${BASE_URL}/bye`);

    const end = await jane.walk(url);
    assert.deepEqual(end.pages, ['logout']);
    const { origin: at, pathname: path } = new URL(end.url);
    assert.deepEqual([end.method, at, path], ['GET', BASE_URL, '/bye']);
    const next = await jane.walk(await jane.authorize());
    assert.ok(next.pages.includes('login'), 'the provider knows nobody any more');
  });

  test('leads back to an absolute URL of ours, too', async (t) => {
    const { jane } = await startOpenId(t);
    await jane.signIn();
    const { url } = await signedOut(jane, { provider: ID, redirectTo: `${BASE_URL}/bye` });
    const end = await jane.walk(url);
    assert.ok(end.url.startsWith(`${BASE_URL}/bye`), end.url);
  });

  test('leads nowhere else, and then signs nobody out', async (t) => {
    const { jane } = await startOpenId(t);
    await jane.signIn();
    for (const redirectTo of ['https://evil.example/', '//evil.example', 'javascript:alert(1)']) {
      const response = await jane.post('/auth/sign-out', { provider: ID, redirectTo });
      await assertError(response, 400, 'redirect_invalid');
    }
    assert.ok(await jane.session());
  });

  test('works without redirectTo', async (t) => {
    const { jane, issuer } = await startOpenId(t);
    await jane.signIn();
    const { url } = await signedOut(jane, { provider: ID });
    assert.ok(url.startsWith(`${issuer.issuer}/session/end?`), url);
  });
});

describe('there is no such URL', () => {
  test('when nobody asks for it', async (t) => {
    const { jane } = await startOpenId(t);
    for (const body of [undefined, {}]) {
      await jane.signIn();
      assert.deepEqual(await signedOut(jane, body), { success: true });
    }
  });

  test('when the provider has no end_session_endpoint', async (t) => {
    const issuer = { features: { rpInitiatedLogout: { enabled: false } } };
    const { jane } = await startOpenId(t, {
      issuer, client: { post_logout_redirect_uris: undefined },
    });
    await jane.signIn();
    const answer = await signedOut(jane, { provider: ID, redirectTo: '/bye' });
    assert.deepEqual(answer, { success: true });
  });

  test('for a provider that is not set up', async (t) => {
    const { jane } = await startOpenId(t);
    await jane.signIn();
    const response = await jane.post('/auth/sign-out', { provider: 'nobody' });
    await assertError(response, 404, 'provider_unknown');
    assert.ok(await jane.session());
  });
});
