// Providers of the application's own, whose functions may do anything, and sign-ins with them.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { BASE_URL, startApp } from './app.js';
import { assertNobody } from './attack-app.js';
import { assertError } from './client.js';
import { databases } from './database-matrix.js';
import { CLIENT, startIssuer } from './misbehaving-issuer.js';

export const CALLBACK = `${BASE_URL}/api/kavach/auth/oauth/callback`;
export const ACCESS_TOKEN = 'access-token-0123456789abcdef';
export const REFRESH_TOKEN = 'refresh-token-0123456789abcdef';
export const PROFILE = {
  id: 'jane',
  email: 'jane@example.com',
  emailVerified: true,
  name: 'Jane Example',
  image: 'https://own.example/jane.png',
};

/** An object with functions; `functions` are over the honest ones. */
export function own(functions = {}) {
  return {
    id: 'own',
    name: 'Our directory',
    getAuthorizationUrl: (state, _codeVerifier, redirectUri) => {
      const query = new URLSearchParams({ state, redirect_uri: redirectUri });
      return `https://own.example/login?${query}`;
    },
    exchangeCode: () => ({ accessToken: ACCESS_TOKEN, refreshToken: REFRESH_TOKEN }),
    getUserInfo: () => PROFILE,
    ...functions,
  };
}

/** A plain OAuth 2.0 provider, described by options; `options` are over the usual ones. */
export function custom(issuer, options = {}) {
  return {
    id: 'custom',
    name: 'Custom',
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    authorizationUrl: `${issuer.url}/authorize`,
    tokenUrl: `${issuer.url}/token`,
    userInfoUrl: `${issuer.url}/userinfo`,
    ...options,
  };
}

/** An application with these providers; a function gets an issuer and gives them. */
export async function startWith(t, providers) {
  const issuer = await startIssuer(t);
  const causes = [];
  const app = await startApp(t, {
    database: databases().find(({ name }) => name === 'sqlite-file'),
    kavach: {
      rateLimit: { enabled: false },
      logger: (_level, _message, { cause }) => {
        if (cause !== undefined) causes.push(cause);
      },
    },
    oauth: { providers: typeof providers === 'function' ? providers(issuer) : providers },
  });

  /** Where a browser comes back to from an authorization URL. */
  async function back(url, provider, fault) {
    if (url.startsWith(issuer.url)) return issuer.approve(url, fault);
    const state = new URL(url).searchParams.get('state');
    return `${CALLBACK}/${provider}?${new URLSearchParams({ code: 'a-code', state })}`;
  }

  /** A whole sign-in; resolves to the answer that ended it. */
  async function signIn(provider, by = app.client, fault = {}) {
    const start = await by.getJson(`/auth/oauth/authorize/${provider}`);
    if (start.status !== 302) return start;
    return by.getJson(await back(start.headers.get('location'), provider, fault));
  }

  async function assertSignsIn(provider, fault) {
    const by = app.browser();
    const response = await signIn(provider, by, fault);
    const text = await response.text();
    assert.equal(response.headers.get('location'), `${BASE_URL}/`, `${text} ${causes.at(-1)}`);
    const { user } = await by.session();
    return { by, user };
  }

  /** Resolves to the reasons that the log gave. */
  async function assertRefused(provider, fault) {
    const by = app.browser();
    const told = causes.length;
    const before = await app.rows();
    const response = await signIn(provider, by, fault);
    const text = await response.clone().text();
    await assertError(response, 502, 'provider_error');
    await assertNobody(by);
    const { users, oauth_accounts: accounts, sessions } = before;
    await app.assertRows({ users, oauth_accounts: accounts, sessions });
    // Lines come when Node gets round to it.
    for (let i = 0; i < 100 && causes.length === told; i += 1) await sleep(10);
    const reasons = causes.slice(told).join('\n');
    assert.notEqual(reasons, '', 'the log says why');
    assert.ok(reasons.length < 10_000, 'in few words');
    for (const token of [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT.secret]) {
      assert.ok(!`${text}${reasons}`.includes(token), reasons);
    }
    return reasons;
  }

  return { ...app, issuer, causes, signIn, back, assertSignsIn, assertRefused };
}
