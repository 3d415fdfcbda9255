// Whose account it is: linking, unlinking, and the rule for e-mail addresses.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { approve, users } from '../testing/server.js';
import { BASE_URL, isShared, rejects, startApp } from './support/app.js';
import { assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const LINK = '/auth/oauth/link';
const UNLINK = '/auth/oauth/unlink';
const BODY = { provider: 'bitbucket' };
const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';

async function signedIn(t, options) {
  const app = await startApp(t, options);
  await app.client.signIn('jane');
  const { user } = await app.client.session();
  const accounts = () => app.kavach.auth.getOAuthConnections(user.id);
  return { ...app, user, accounts };
}

for (const database of databases()) {
  describe(`linking on ${database.name}`, { skip: database.skip }, () => {
    test('adds an account to the signed-in user, who can sign in by either', async (t) => {
      const { client, user, accounts, browser, assertRows } = await signedIn(t, { database });
      const { token } = client;
      const response = await client.link('kavya', { ...BODY, redirectTo: '/settings' });
      assert.equal(response.headers.get('location'), `${BASE_URL}/settings`);
      assert.notEqual(client.token, token, 'one more way in is more than the token could do');
      const ids = (await accounts()).map(({ providerAccountId }) => providerAccountId);
      assert.deepEqual(ids, [users.jane.uuid, users.kavya.uuid]);

      const listed = await (await client.getJson('/auth/oauth/accounts')).json();
      assert.equal(listed.accounts.length, 2);
      assert.deepEqual(Object.keys(listed.accounts[0]).toSorted(), [
        'createdAt', 'id', 'provider', 'providerAccountId', 'scopes', 'updatedAt',
      ]);
      const other = browser();
      await other.signIn('kavya');
      const session = await other.session();
      assert.deepEqual(session.user, { ...session.user, id: user.id, email: 'jane@example.com' });
      await assertRows({ users: 1, oauth_accounts: 2, sessions: 2 });
    });

    test('an account that is linked already is fine, and stays one', async (t) => {
      const { client, accounts, assertRows } = await signedIn(t, { database });
      const [before] = await accounts();
      const response = await client.link('jane');
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      const [after, ...others] = await accounts();
      assert.deepEqual(others, []);
      assert.equal(after.id, before.id);
      await assertRows({ users: 1, oauth_accounts: 1 });
    });

    test("another user's account is refused, and nothing moves", async (t) => {
      const { client, accounts, browser, kavach, assertRows } = await signedIn(t, { database });
      const other = browser();
      await other.signIn('kavya');
      assertErrorPage(await client.link('kavya'), 'account_linked_elsewhere');
      assert.equal((await accounts()).length, 1);
      const { user } = await other.session();
      assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);
      assert.equal(user.email, 'kavya@example.com');
      await assertRows({ users: 2, oauth_accounts: 2, sessions: 2 });
    });

    test('an account with a foreign address changes no address', async (t) => {
      const { client, user, kavach } = await signedIn(t, { database });
      await client.link('capital');
      assert.equal((await kavach.users.get(user.id)).email, 'jane@example.com');
      assert.equal(await kavach.users.findByEmail('capital.case+tag@example.com'), null);
    });

    test('needs the session that started it at the callback', async (t) => {
      const { client, accounts, kavach, assertRows } = await signedIn(t, { database });
      const startLink = async () => {
        const { url } = await (await client.post(LINK, BODY)).json();
        return approve(url, { user: 'kavya' });
      };
      // Signed out in between.
      let back = await startLink();
      await client.post('/auth/sign-out');
      await assertError(await client.getJson(back), 403, 'session_changed');

      // Signed in again: the same user, another session.
      await client.signIn('jane');
      back = await startLink();
      client.cookies.delete('__Host-kavach_session');
      await client.signIn('jane');
      assertErrorPage(await client.get(back), 'session_changed');

      // Somebody else meanwhile.
      back = await startLink();
      await client.signIn('capital');
      assertErrorPage(await client.get(back), 'session_changed');

      // The session revoked, then the user deleted.
      await client.signIn('jane');
      back = await startLink();
      const { session, user } = await client.session();
      await kavach.auth.session.revoke(session.id);
      assertErrorPage(await client.get(back), 'session_changed');
      await client.signIn('jane');
      back = await startLink();
      assert.equal((await accounts()).length, 1);
      await kavach.users.delete(user.id);
      assertErrorPage(await client.get(back), 'session_changed');
      await assertRows({ users: 1, oauth_accounts: 1 });
    });

    test('unlinking removes the account named, never the last nor a foreign one', async (t) => {
      const { client, accounts, browser } = await signedIn(t, { database });
      await assertError(await client.post(UNLINK, BODY), 409, 'last_account');
      await client.link('kavya');
      const [jane, kavya] = await accounts();
      // Both are Bitbucket's: without the account's id both would go.
      await assertError(await client.post(UNLINK, BODY), 409, 'last_account');

      const thief = browser();
      await thief.signIn('capital');
      const stolen = { ...BODY, accountId: kavya.id };
      await assertError(await thief.post(UNLINK, stolen), 404, 'account_not_found');
      for (const body of [
        { ...BODY, accountId: UNKNOWN_ID }, { provider: 'github' }, { provider: '' },
        { provider: '__proto__' }, { provider: 'github', accountId: kavya.id },
        { ...BODY, accountId: 'x\0' }, { provider: 'x\0' }, { ...BODY, accountId: '' },
      ]) {
        const response = await client.post(UNLINK, body);
        assert.ok([400, 404].includes(response.status), JSON.stringify([response.status, body]));
      }
      const answer = await client.post(UNLINK, { ...BODY, accountId: kavya.id });
      assert.deepEqual([answer.status, await answer.json()], [200, { success: true }]);
      assert.deepEqual((await accounts()).map(({ id }) => id), [jane.id]);

      // The account is free: whoever signs in with it now is a new user.
      const other = browser();
      await other.signIn('kavya');
      assert.equal((await other.session()).user.email, 'kavya@example.com');
      assert.notEqual((await other.session()).user.id, (await client.session()).user.id);
    });

    test('two unlinks at once leave one account', async (t) => {
      const { client, accounts } = await signedIn(t, { database });
      await client.link('kavya');
      const both = await accounts();
      const responses = await Promise.all(
        both.map(({ id }) => client.post(UNLINK, { ...BODY, accountId: id })),
      );
      assert.deepEqual(responses.map(({ status }) => status).toSorted(), [200, 409]);
      assert.equal((await accounts()).length, 1);
    });

    test('disconnectOAuth refuses the last way in, an unknown user and provider', async (t) => {
      const { kavach, user } = await signedIn(t, { database });
      const { disconnectOAuth } = kavach.auth;
      await rejects(disconnectOAuth(user.id, 'bitbucket'), 'last_account');
      await rejects(disconnectOAuth(user.id, 'github'), 'account_not_found');
      await rejects(disconnectOAuth(UNKNOWN_ID, 'bitbucket'), 'account_not_found');
      await rejects(disconnectOAuth(user.id, 7), 'argument_invalid');
    });
  });

  describe(`equal e-mail addresses on ${database.name}`, { skip: database.skip }, () => {
    const email = (address, is_confirmed = true) => [
      { email: address, is_primary: true, is_confirmed },
    ];

    test('both verified: the new account joins the user', async (t) => {
      const { client, user, accounts, bitbucket, browser } = await signedIn(t, { database });
      bitbucket.users.kavya.emails = email('  JANE@Example.com ');
      const other = browser();
      await other.signIn('kavya');
      assert.equal((await other.session()).user.id, user.id);
      assert.equal((await accounts()).length, 2);
      assert.equal((await client.session()).user.name, 'Jane Example');
    });

    test('with autoLink off the sign-in is refused, nothing is written', async (t) => {
      const app = await signedIn(t, { database, oauth: { autoLink: false } });
      app.bitbucket.users.kavya.emails = email('jane@example.com');
      assertErrorPage(await app.browser().signIn('kavya'), 'account_not_linked');
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 1 });
      // The user can still link it by hand.
      assert.equal((await app.client.link('kavya')).headers.get('location'), `${BASE_URL}/`);
      assert.equal((await app.accounts()).length, 2);
    });

    test('look-alikes are other people', async (t) => {
      const { bitbucket, browser, assertRows, user } = await signedIn(t, { database });
      const lookAlikes = [
        'ja\u0301ne@example.com', 'jané@example.com', 'ｊane@example.com', 'jane@exаmple.com',
        'jane@example.com.evil.example', 'jane+1@example.com', 'j.ane@example.com',
        'jan\u212a@example.com', 'jane@example.co', 'jane%@example.com', 'jane_@example.com',
      ];
      for (const [i, address] of lookAlikes.entries()) {
        const key = `user${i}`;
        bitbucket.users[key] = { uuid: `{${i}}`, emails: email(address) };
        const other = browser();
        await other.signIn(key);
        assert.notEqual((await other.session()).user.id, user.id, address);
      }
      await assertRows({ users: lookAlikes.length + 1 });
    });

    test('an unconfirmed one is no address at all', async (t) => {
      const { bitbucket, browser, user, assertRows } = await signedIn(t, { database });
      bitbucket.users.kavya.emails = email('jane@example.com', false);
      const other = browser();
      await other.signIn('kavya');
      const session = await other.session();
      assert.notEqual(session.user.id, user.id);
      assert.equal(session.user.email, null);
      await assertRows({ users: 2 });
    });

    test("a known account that takes a victim's address stays its own user", async (t) => {
      const { bitbucket, browser, user } = await signedIn(t, { database });
      const attacker = browser();
      await attacker.signIn('kavya');
      const own = (await attacker.session()).user.id;
      bitbucket.users.kavya.emails = email('jane@example.com');
      await attacker.signIn('kavya');
      assert.equal((await attacker.session()).user.id, own);
      assert.notEqual(own, user.id);
    });

    test('disableSignUp lets in known users only', async (t) => {
      const app = await signedIn(t, { database });
      const closed = await app.open({ oauth: { disableSignUp: true } });
      if (!isShared(database)) {
        const stranger = app.browser(undefined, closed);
        assertErrorPage(await stranger.signIn('jane'), 'sign_up_disabled');
        return;
      }
      const known = app.browser(undefined, closed);
      await known.signIn('jane');
      assert.equal((await known.session()).user.id, app.user.id);
      const stranger = app.browser(undefined, closed);
      assertErrorPage(await stranger.signIn('kavya'), 'sign_up_disabled');
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 2 });
      app.bitbucket.users.kavya.emails = email('jane@example.com');
      await stranger.signIn('kavya');
      assert.equal((await stranger.session()).user.id, app.user.id);
    });

    if (database.canQuery !== 'write') return;
    test('the local user unverified: refused, as somebody may have claimed it', async (t) => {
      const app = await startApp(t, { database });
      const now = Date.now();
      await app.query(
        `INSERT INTO kavach_users (id, email, email_verified, name, image, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [UNKNOWN_ID, 'jane@example.com', false, 'Mallory', null, now, now],
      );
      assertErrorPage(await app.client.signIn('jane'), 'account_not_linked');
      assert.equal(await app.client.session(), null);
      await app.assertRows({ users: 1, oauth_accounts: 0, sessions: 0 });
    });
  });
}

describe('the start of linking', () => {
  test('needs a session, a trusted origin, a known provider and a good redirectTo', async (t) => {
    const { client, browser } = await signedIn(t);
    await assertError(await browser().post(LINK, BODY), 401, 'unauthenticated');
    const foreign = await client.post(LINK, BODY, { origin: 'https://evil.example' });
    await assertError(foreign, 403, 'origin_forbidden');
    const unknown = await client.post(LINK, { provider: 'gitbucket' });
    await assertError(unknown, 404, 'provider_unknown');
    const astray = await client.post(LINK, { ...BODY, redirectTo: '//evil.example' });
    await assertError(astray, 400, 'redirect_invalid');
    assert.deepEqual(client.flowCookies(), []);
  });

  test('takes no user, profile or token from the body', async (t) => {
    const { client, kavach, user } = await signedIn(t);
    for (const extra of [
      { userId: UNKNOWN_ID }, { userInfo: { id: 'x' } }, { tokens: { accessToken: 'x' } },
      { accessToken: 'x' }, { user_id: 'x' }, { __proto__: null, constructor: {} },
    ]) {
      const response = await client.post(LINK, { ...BODY, ...extra });
      const message = await assertError(response, 400, 'body_invalid');
      assert.ok(message.includes(Object.keys(extra)[0]), message);
    }
    assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);
  });

  test('its flow is no sign-in: it never makes a session', async (t) => {
    const { client, browser } = await signedIn(t);
    const { url } = await (await client.post(LINK, BODY)).json();
    const back = await approve(url, { user: 'kavya' });
    const thief = browser();
    for (const name of client.flowCookies()) thief.cookies.set(name, client.cookies.get(name));
    assertErrorPage(await thief.get(back), 'session_changed');
    assert.equal(thief.token, undefined);
  });
});
