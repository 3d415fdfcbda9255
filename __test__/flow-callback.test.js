// Who may finish a sign-in: the browser that started it, once.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { approve } from '../testing/server.js';
import { BASE_URL, SECRET, isShared, startApp } from './support/app.js';
import { reseal } from './support/app-seal.js';
import { assertError, assertErrorPage, setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const CALLBACK = '/auth/oauth/callback/bitbucket';

for (const database of databases()) {
  describe(`the callback on ${database.name}`, { skip: database.skip }, () => {
    test('used again in a browser without a session gets state_reused', async (t) => {
      const app = await startApp(t, { database });
      const { client, bitbucket } = app;
      const back = await approve(await client.authorize(), { user: 'jane' });
      const cookies = new Map(client.cookies);
      assert.equal((await client.get(back)).headers.get('location'), `${BASE_URL}/`);

      const replay = app.browser();
      replay.cookies = new Map(cookies);
      assertErrorPage(await replay.get(back), 'state_reused');
      replay.cookies = new Map(cookies);
      await assertError(await replay.getJson(back), 400, 'state_reused');
      assert.equal(bitbucket.count('token'), 1);
      assert.equal(replay.token, undefined);
      await app.assertRows({ sessions: 1, oauth_states: 1 });
    });

    test('of twenty equal ones at once, over two instances, one signs in', async (t) => {
      const app = await startApp(t, { database });
      const others = isShared(database) ? await app.open() : app.kavach;
      const back = await approve(await app.client.authorize(), { user: 'jane' });
      const browsers = Array.from({ length: 20 }, (_, i) => {
        const browser = app.browser(undefined, i % 2 ? others : app.kavach);
        browser.cookies = new Map(app.client.cookies);
        return browser;
      });
      const responses = await Promise.all(browsers.map((browser) => browser.getJson(back)));
      const statuses = responses.map(({ status }) => status).toSorted();
      assert.deepEqual(statuses, [302, ...Array(19).fill(400)]);
      for (const response of responses) {
        if (response.status === 400) await assertError(response, 400, 'state_reused');
      }
      assert.equal(app.bitbucket.count('token'), 1);
      assert.equal(browsers.filter(({ token }) => token).length, 1);
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 1, oauth_states: 1 });
    });

    test('two first sign-ins of one account at once make one user, both signed in', async (t) => {
      const app = await startApp(t, { database });
      const others = isShared(database) ? await app.open() : app.kavach;
      const browsers = Array.from({ length: 8 }, (_, i) => {
        return app.browser(undefined, i % 2 ? others : app.kavach);
      });
      const responses = await Promise.all(browsers.map((browser) => browser.signIn('jane')));
      for (const { headers } of responses) assert.equal(headers.get('location'), `${BASE_URL}/`);
      const sessions = await Promise.all(browsers.map((browser) => browser.session()));
      assert.equal(new Set(sessions.map(({ user }) => user.id)).size, 1);
      assert.equal(new Set(sessions.map(({ session }) => session.id)).size, 8);
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 8 });
    });

    test('refuses what another browser started: no cookie, another cookie', async (t) => {
      const app = await startApp(t, { database });
      const attacker = app.browser();
      const back = await approve(await attacker.authorize(), { user: 'kavya' });
      const victim = app.browser();
      assertErrorPage(await victim.get(back), 'state_invalid');
      await victim.authorize();
      const [name, value] = [...victim.cookies][0];
      const [attackers] = attacker.cookies.keys();
      victim.cookies.set(attackers, value);
      await assertError(await victim.getJson(back), 400, 'state_invalid');
      assert.equal(victim.token, undefined);
      assert.ok(victim.cookies.has(name), "the victim's own flow lives on");
      assert.equal(app.bitbucket.count('token'), 0);
      await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0, oauth_states: 0 });
      assert.equal((await attacker.get(back)).headers.get('location'), `${BASE_URL}/`);
    });

    test('after a denial nothing is written, and the next sign-in works', async (t) => {
      const app = await startApp(t, { database });
      const url = await app.client.authorize({ redirectTo: '/deep' });
      const denied = await approve(url, { user: 'jane', deny: true });
      const json = app.browser();
      json.cookies = new Map(app.client.cookies);
      await assertError(await json.getJson(denied), 403, 'access_denied');
      const response = await app.client.get(denied);
      assertErrorPage(response, 'access_denied');
      assert.deepEqual(app.client.flowCookies(), []);
      await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
      await app.client.signIn('jane');
      assert.equal((await app.client.session()).user.name, 'Jane Example');
    });

    test('a provider that would have to ask first is no failure of its own', async (t) => {
      const app = await startApp(t, { database });
      for (const what of ['interaction', 'login', 'account_selection', 'consent']) {
        const state = new URL(await app.client.authorize()).searchParams.get('state');
        const query = new URLSearchParams({ error: `${what}_required`, state });
        const path = `/auth/oauth/callback/bitbucket?${query}`;
        await assertError(await app.client.getJson(path), 403, 'interaction_required');
      }
      await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
    });

    test('the back button changes nothing for who is signed in', async (t) => {
      const app = await startApp(t, {
        database,
        oauth: { redirects: { afterSignIn: '/home' } },
      });
      const { client, bitbucket } = app;
      const back = await approve(await client.authorize({ redirectTo: '/x' }), { user: 'jane' });
      const flow = [...client.cookies][0];
      await client.get(back);
      const before = [client.token, await client.session()];

      for (const cookie of [undefined, flow]) {
        if (cookie) client.cookies.set(...cookie);
        const response = await client.get(back);
        assert.equal(response.status, 302);
        assert.equal(response.headers.get('location'), `${BASE_URL}/home`);
        assert.deepEqual([client.token, await client.session()], before);
      }
      assert.equal(bitbucket.count('token'), 1);
      await app.assertRows({ users: 1, sessions: 1, oauth_states: 1 });
    });

    test('the back button after linking changes nothing either', async (t) => {
      const { client, bitbucket, kavach } = await startApp(t, { database });
      await client.signIn('jane');
      const started = await client.post('/auth/oauth/link', { provider: 'bitbucket' });
      const back = await approve((await started.json()).url, { user: 'kavya' });
      const flow = [...client.cookies].at(-1);
      await client.get(back);
      client.cookies.set(...flow);
      assert.equal((await client.get(back)).headers.get('location'), `${BASE_URL}/`);
      assert.equal(bitbucket.count('token'), 2);
      const { user } = await client.session();
      assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 2);
    });

    test('a flow whose time is over gets state_expired, spends no code', async (t) => {
      const app = await startApp(t, { database });
      const { client } = app;
      for (const late of [0, 1, 3_600_000]) {
        const back = await approve(await client.authorize(), { user: 'jane' });
        const [[name, value]] = client.cookies;
        const end = Date.now() - late;
        const change = (flow) => ({ ...flow, e: end });
        const expired = reseal({ name, value, secret: SECRET, change });
        client.cookies.set(name, expired);
        assertErrorPage(await client.get(back), 'state_expired');
        assert.deepEqual(client.flowCookies(), []);
      }
      assert.equal(app.bitbucket.count('token'), 0);
      await app.assertRows({ users: 0, sessions: 0, oauth_states: 0 });
    });
  });
}

describe('a state', () => {
  test('missing, empty, tampered or of another flow is refused and burns no flow', async (t) => {
    const { client, bitbucket } = await startApp(t);
    const back = new URL(await approve(await client.authorize(), { user: 'jane' }));
    const code = back.searchParams.get('code');
    const state = back.searchParams.get('state');
    const tampered = state.slice(0, -1) + (state.endsWith('A') ? 'B' : 'A');
    for (const query of [
      '', `?code=${code}`, `?code=${code}&state=`, `?code=${code}&state=${tampered}`,
      `?code=${code}&state=${state}&state=${state}`, `?code=${code}&state[]=${state}`,
      `?code=${code}&state=${state}%00`, `?code=${code}&state=%25${state}`,
      `?code=${code}&code=x&state=${state}`, `?code=${code}&state=${'s'.repeat(1_000_000)}`,
      `?code=${code}&state=${state.toLowerCase()}`, `?code=${code}&state=__proto__`,
      `?error=access_denied&state=${tampered}`, '?error=access_denied',
      `?code=${code}&State=${state}`, `?code=${code}#state=${state}`,
    ]) {
      await assertError(await client.getJson(CALLBACK + query), 400, 'state_invalid');
      const page = await client.get(CALLBACK + query);
      assertErrorPage(page, 'state_invalid');
    }
    assert.equal(bitbucket.count('token'), 0);
    assert.equal((await client.get(back.href)).headers.get('location'), `${BASE_URL}/`);
  });

  test('with a flow cookie that was touched is refused', async (t) => {
    const app = await startApp(t);
    const back = await approve(await app.client.authorize(), { user: 'jane' });
    const [[name, value]] = app.client.cookies;
    const bytes = Buffer.from(value, 'base64url');
    const flip = (at) => {
      const copy = Buffer.from(bytes);
      copy[at] ^= 1;
      return copy.toString('base64url');
    };
    const touched = [
      '', 'x', value.slice(0, -1), value.slice(0, 40), value.slice(1), value + value, `${value}=`,
      `"${value}"`, 'A'.repeat(65_536), encodeURIComponent('%'), 'é', `kvs_${'A'.repeat(43)}`,
      ...[0, 1, 5, 28, 40, bytes.length - 1].map(flip),
    ];
    for (const cookie of touched) {
      const browser = app.browser();
      browser.cookies.set(name, encodeURI(cookie));
      await assertError(await browser.getJson(back), 400, 'state_invalid');
    }
    assert.equal(app.bitbucket.count('token'), 0);
  });

  test('sealed under a foreign secret is refused, under an old one accepted', async (t) => {
    const app = await startApp(t);
    const secret = 'another secret, just as long as the first';
    const foreign = await app.open({ kavach: { secret } });
    const rotated = await app.open({ kavach: { secret: [secret, SECRET] } });
    const back = await approve(await app.client.authorize(), { user: 'jane' });
    for (const [kavach, status] of [[foreign, 400], [rotated, 302]]) {
      const browser = app.browser(undefined, kavach);
      browser.cookies = new Map(app.client.cookies);
      assert.equal((await browser.getJson(back)).status, status);
    }
  });

  test('its cookie is no session, and a session cookie no flow', async (t) => {
    const { client, browser } = await startApp(t);
    const back = await approve(await client.authorize(), { user: 'jane' });
    const [[name, value]] = client.cookies;
    const other = browser();
    other.cookies.set('__Host-kavach_session', value);
    assert.equal(await other.session(), null);
    await client.get(back);
    const thief = browser();
    thief.cookies.set(name, client.token);
    await assertError(await thief.getJson(back), 400, 'state_invalid');
  });
});

describe('the parameters of the callback', () => {
  test('a code that is missing, empty or huge is a provider_error', async (t) => {
    const { client, bitbucket } = await startApp(t);
    for (const code of [undefined, '', 'c'.repeat(1_000_000)]) {
      const { searchParams } = new URL(await client.authorize());
      const query = new URLSearchParams({ state: searchParams.get('state') });
      if (code !== undefined) query.set('code', code);
      await assertError(await client.getJson(`${CALLBACK}?${query}`), 502, 'provider_error');
    }
    assert.equal(bitbucket.count('token'), 0);
  });

  test('a wrong code is refused by the provider', async (t) => {
    const { client } = await startApp(t);
    const { searchParams } = new URL(await client.authorize());
    const query = new URLSearchParams({ state: searchParams.get('state'), code: 'guess' });
    const message = await assertError(
      await client.getJson(`${CALLBACK}?${query}`), 502, 'provider_error',
    );
    assert.match(message, /invalid_grant/);
  });

  test("the provider's error text reaches neither header nor page", async (t) => {
    const { client } = await startApp(t);
    const evil = '<script>alert(1)</script>\r\nSet-Cookie: a=b';
    for (const error of ['server_error', evil, 'x'.repeat(10_000), '']) {
      const { searchParams } = new URL(await client.authorize());
      const query = new URLSearchParams({
        state: searchParams.get('state'), error, error_description: evil, error_uri: 'javascript:1',
      });
      const response = await client.get(`${CALLBACK}?${query}`);
      assertErrorPage(response, 'provider_error');
      const page = await (await client.get(response.headers.get('location'))).text();
      const shown = [...response.headers].flat().join('\n') + page;
      assert.ok(!/script>|alert|a=b|javascript/.test(shown), shown);
    }
  });

  test('may come by POST as a form, as providers with form_post send them', async (t) => {
    const { client, kavach } = await startApp(t);
    const back = new URL(await approve(await client.authorize(), { user: 'jane' }));
    const cookie = [...client.cookies].map((pair) => pair.join('=')).join('; ');
    const response = await kavach.handler(
      new Request(back.origin + back.pathname, {
        method: 'POST',
        headers: { accept: 'text/html', origin: 'https://bitbucket.org', cookie },
        body: back.searchParams,
      }),
    );
    assert.equal(response.headers.get('location'), `${BASE_URL}/`);
    assert.ok(setCookies(response).some(({ name }) => name === '__Host-kavach_session'));
  });
});
