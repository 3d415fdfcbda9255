// Pushed authorization requests (RFC 9126): what is asked goes from server to server.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app-config.js';
import { ID, startOpenId } from './support/openid-app.js';

const REQUIRED = {
  features: { pushedAuthorizationRequests: { requirePushedAuthorizationRequests: true } },
};

describe('a provider that requires pushed authorization requests', () => {
  test('gets them, and the browser carries a reference only', async (t) => {
    const { issuer, jane } = await startOpenId(t, { issuer: REQUIRED });
    const url = new URL(await jane.authorize());
    assert.equal(url.origin + url.pathname, `${issuer.issuer}/auth`);
    const { client_id, request_uri, ...rest } = Object.fromEntries(url.searchParams);
    assert.equal(client_id, `kavach-${ID}`);
    assert.match(request_uri, /^urn:ietf:params:oauth:request_uri:/);
    assert.deepEqual(rest, {});

    const [{ method, params, headers }] = issuer.sent('par');
    assert.equal(method, 'POST');
    assert.match(headers['content-type'], /^application\/x-www-form-urlencoded/);
    assert.match(headers.authorization, /^Basic /);
    assert.equal(params.redirect_uri, `${BASE_URL}/api/kavach/auth/oauth/callback/${ID}`);
    assert.equal(params.response_type, 'code');
    assert.equal(params.scope, 'openid profile email');
    assert.equal(params.code_challenge_method, 'S256');
    for (const name of ['state', 'nonce', 'code_challenge']) assert.match(params[name], /^[\w-]+$/);

    await jane.arrive(await jane.walk(url.href));
    assert.equal((await jane.session()).user.email, 'jane@example.com');
  });

  test('gets what one sign-in asks for, too', async (t) => {
    const { issuer, jane } = await startOpenId(t, {
      issuer: REQUIRED,
      provider: { optionalScopes: ['phone'] },
    });
    const more = { prompt: 'login', login_hint: 'noor', max_age: '60', scope: 'phone' };
    await jane.signIn({}, more);
    const { prompt, login_hint, max_age, scope } = issuer.sent('par')[0].params;
    assert.deepEqual(
      { prompt, login_hint, max_age, scope },
      { ...more, scope: 'openid profile email phone' },
    );
    assert.equal((await jane.session()).user.email, 'noor@example.com');
  });

  test('serves linking, form_post and refreshes', async (t) => {
    const { issuer, jane, kavach } = await startOpenId(t, {
      issuer: { ...REQUIRED, ttl: { AccessToken: 30 } },
      spare: true,
      provider: { responseMode: 'form_post', scopes: ['offline_access'], prompt: 'consent' },
    });
    await jane.signIn({}, {}, 'spare');
    const response = await jane.link(ID);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    assert.equal(issuer.sent('par').at(-1).params.response_mode, 'form_post');
    const { user } = await jane.session();
    const { accessToken } = await kavach.auth.getAccessToken(user.id, ID);
    assert.equal(await issuer.owner(accessToken), 'jane');
  });

  test('serves a public client', async (t) => {
    const { issuer, jane } = await startOpenId(t, {
      issuer: REQUIRED,
      client: { token_endpoint_auth_method: 'none', client_secret: undefined },
      provider: { tokenEndpointAuthMethod: 'none' },
    });
    await jane.signIn();
    assert.ok(await jane.session());
    const [{ headers, params }] = issuer.sent('par');
    assert.equal(headers.authorization, undefined);
    assert.equal(params.client_id, `kavach-${ID}`);
  });
});

test('a provider that only offers them gets none', async (t) => {
  const { issuer, jane } = await startOpenId(t, {
    issuer: { features: { pushedAuthorizationRequests: { enabled: true } } },
  });
  await jane.signIn();
  assert.ok(await jane.session());
  assert.deepEqual(issuer.sent('par'), []);
});
