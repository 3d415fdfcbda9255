// The issuer: named in the callback (RFC 9207), and not always there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app-config.js';
import { assertError, assertErrorPage } from './support/client.js';
import { AUTHORIZE, startOpenId } from './support/openid-app.js';

/** The same callback from somebody else, or from nobody: `undefined`. */
function from(callback, issuer) {
  const change = (params) => {
    const changed = new URLSearchParams(params);
    if (issuer === undefined) changed.delete('iss');
    else changed.set('iss', issuer);
    return changed;
  };
  if (callback.form) return { ...callback, form: Object.fromEntries(change(callback.form)) };
  const url = new URL(callback.url);
  url.search = change(url.searchParams);
  return { ...callback, url: url.href };
}

describe('the issuer in the callback', () => {
  for (const responseMode of ['query', 'form_post']) {
    test(`must be there, and be the right one, with ${responseMode}`, async (t) => {
      const { issuer, person } = await startOpenId(t, { provider: { responseMode } });
      const wrong = [
        undefined, '', 'https://evil.example', `${issuer.issuer}/`, `${issuer.issuer}x`,
        issuer.issuer.toUpperCase(), issuer.issuer.replace('http:', 'https:'),
      ];
      for (const iss of wrong) {
        const who = person();
        const callback = await who.walk(await who.authorize());
        assertErrorPage(await who.arrive(from(callback, iss)), 'provider_error');
        assert.equal(await who.session(), null, iss);
      }
      assert.equal(issuer.sent('token').length, 0, 'the code went nowhere');
    });
  }

  test('may not come twice', async (t) => {
    const { issuer, jane } = await startOpenId(t);
    const { url } = await jane.walk(await jane.authorize());
    const twice = `${url}&iss=${encodeURIComponent(issuer.issuer)}`;
    assert.notEqual((await jane.get(twice)).headers.get('location'), `${BASE_URL}/`);
    assert.equal(await jane.session(), null);
    assert.equal(issuer.sent('token').length, 0);
  });
});

describe('an issuer that is down', () => {
  test('at start keeps nothing from starting, and is found once it is up', async (t) => {
    const { issuer, jane, kavach } = await startOpenId(t, { isDown: true });
    assert.equal((await jane.getJson('/auth/session')).status, 401);
    await assertError(await jane.getJson(AUTHORIZE), 502, 'provider_error');
    assertErrorPage(await jane.get(AUTHORIZE), 'provider_error');
    assert.deepEqual(jane.flowCookies(), []);
    assert.equal(await kavach.users.findByEmail('jane@example.com'), null);

    await issuer.up();
    const started = Date.now();
    let response = await jane.get(AUTHORIZE);
    while (response.headers.get('location').startsWith(BASE_URL)) {
      assert.ok(Date.now() - started < 3_000, 'not found in three seconds');
      await new Promise((resolve) => setTimeout(resolve, 100));
      response = await jane.get(AUTHORIZE);
    }
    await jane.arrive(await jane.walk(response.headers.get('location')));
    assert.equal((await jane.session()).user.email, 'jane@example.com');
  });

  test('when the browser comes back fails that sign-in only', async (t) => {
    const { issuer, jane, person } = await startOpenId(t);
    await jane.signIn();
    const noor = person();
    const callback = await noor.walk(await noor.authorize(), { login: 'noor' });
    await issuer.down();
    assertErrorPage(await noor.arrive(callback), 'provider_error');
    assert.equal(await noor.session(), null);
    assert.ok(await jane.session(), 'whoever is signed in stays so');
    await issuer.up();
    await noor.signIn({ login: 'noor' });
    assert.equal((await noor.session()).user.email, 'noor@example.com');
  });
});
