// An application whose OpenID provider misbehaves, and sign-ins that run into it.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { genericOIDC } from '../../auth.js';
import { BASE_URL, startApp } from './app.js';
import { assertNobody } from './attack-app.js';
import { assertError } from './client.js';
import { databases } from './database-matrix.js';
import { CLIENT, startIssuer } from './misbehaving-issuer.js';

export const AUTHORIZE = '/auth/oauth/authorize/issuer';

/** Nothing of it depends on the database; this one is always there, and can be looked into. */
const database = databases().find(({ name }) => name === 'sqlite-file');

/** `provider` are options of `genericOIDC`; the others are those of `startIssuer`. */
export async function startIssuerApp(t, { provider, ...options } = {}) {
  const issuer = await startIssuer(t, options);
  const causes = [];
  const app = await startApp(t, {
    database,
    kavach: {
      rateLimit: { enabled: false },
      logger: (_level, _message, { cause }) => {
        if (cause !== undefined) causes.push(cause);
      },
    },
    oauth: {
      providers: [
        genericOIDC({
          id: 'issuer',
          name: 'Issuer',
          issuer: issuer.url,
          clientId: CLIENT.id,
          clientSecret: CLIENT.secret,
          ...provider,
        }),
      ],
    },
  });

  /**
   * A whole sign-in that meets a fault; resolves to the answer that ended it. Besides what
   * `startIssuer` takes, a fault may have a `query` for the start, and `back(query)`, which changes
   * how the browser comes back.
   */
  async function attempt(by, { query = '', back: edit, ...fault } = {}) {
    const start = await by.getJson(`${AUTHORIZE}${query}`);
    if (start.status !== 302) return start;
    const back = new URL(await issuer.approve(start.headers.get('location'), fault));
    edit?.(back.searchParams);
    return by.getJson(back.href);
  }

  /** Asserts that the sign-in is a `provider_error`, with nothing written and nobody signed in. */
  async function assertRefused(fault) {
    const by = app.browser();
    const told = causes.length;
    const response = await attempt(by, fault);
    const text = await response.clone().text();
    await assertError(response, 502, 'provider_error');
    assert.doesNotMatch(text, /127\.0\.0\.1|evil|eyJ/);
    await assertNobody(by);
    await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
    await assertReason(told);
  }

  /** The log says why, and holds neither token nor secret. */
  async function assertReason(told) {
    // Lines come when Node gets round to it.
    for (let i = 0; i < 100 && causes.length === told; i += 1) await sleep(10);
    assert.ok(causes.length > told, 'the log says why');
    for (const cause of causes.slice(told)) {
      assert.notEqual(cause, '');
      assert.ok(!cause.includes(CLIENT.secret) && !/eyJ[\w-]{20}/.test(cause), cause);
    }
  }

  /** Asserts that a sign-in works, and takes it back. Resolves to the user that it made. */
  async function assertSignsIn(fault) {
    const by = app.browser();
    const response = await attempt(by, fault);
    assert.equal(response.status, 302, `${await response.text()} ${causes.at(-1)}`);
    assert.equal(response.headers.get('location'), `${BASE_URL}/`, causes.at(-1));
    const { user } = await by.session();
    assert.match(user.email, /^jane\d+@example\.com$/);
    await app.kavach.users.delete(user.id);
    return user;
  }

  /** The same, once whatever was remembered of a failure is forgotten. */
  async function assertRecovers() {
    issuer.behave();
    const deadline = Date.now() + 6_500;
    while ((await attempt(app.browser())).status !== 302) {
      assert.ok(Date.now() < deadline, `still not: ${causes.at(-1)}`);
      await sleep(250);
    }
    const found = await app.query('SELECT id FROM kavach_users');
    for (const { id } of found) await app.kavach.users.delete(id);
    await assertSignsIn();
  }

  return { app, issuer, attempt, assertRefused, assertSignsIn, assertRecovers, causes };
}
