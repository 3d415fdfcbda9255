// Attacks 27 to 36 of the list: to be somebody else by an address, a name, a link or a race.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import sqlite from 'node-sqlite3-wasm';

import { approve, users } from '../testing/server.js';
import { BASE_URL, isShared, memory, rejects } from './support/app.js';
import { CALLBACK, assertNobody, startTarget } from './support/attack-app.js';
import { Client, assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const LINK = '/auth/oauth/link';
const UNLINK = '/auth/oauth/unlink';
const BODY = { provider: 'bitbucket' };
const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';

const email = (address, is_confirmed = true) => [
  { email: address, is_primary: true, is_confirmed },
];

/** A victim, Jane, who is signed in; the attacker is Kavya at the provider. */
async function withVictim(t, options) {
  const app = await startTarget(t, options);
  await app.client.signIn('jane');
  const { user: victim, session } = await app.client.session();
  const connections = (id = victim.id) => app.kavach.auth.getOAuthConnections(id);
  return { ...app, victim, session, connections };
}

/** Everything that says who the victim is. */
async function identity({ kavach, victim, connections }) {
  return [await kavach.users.get(victim.id), await connections()];
}

for (const database of databases()) {
  describe(`who is who, on ${database.name}`, { skip: database.skip }, () => {
    test('[27] an unverified address of the provider never leads to its local user', async (t) => {
      const app = await withVictim(t, { database });
      const before = await identity(app);
      const claims = [
        email('jane@example.com', false), email(' JANE@example.com ', false),
        [...email('jane@example.com', false), ...email('jane@example.com', 'true')],
        [{ email: 'jane@example.com', is_primary: false, is_confirmed: true }],
        [{ email: 'jane@example.com', is_primary: true }],
        [{ email: 'jane@example.com', is_primary: true, is_confirmed: 1 }],
      ];
      for (const [i, emails] of claims.entries()) {
        app.bitbucket.users[`claim${i}`] = { uuid: `{claim-${i}}`, emails };
        const attacker = app.browser();
        await attacker.signIn(`claim${i}`);
        // The claim is dropped where it comes in: who makes it is somebody without an address.
        const signedIn = await attacker.session();
        assert.notEqual(signedIn.user.id, app.victim.id);
        assert.deepEqual([signedIn.user.email, signedIn.user.emailVerified], [null, false]);
      }
      assert.deepEqual(await identity(app), before);
      assert.equal((await app.kavach.users.findByEmail('jane@example.com')).id, app.victim.id);
    });

    test('[27] an equal verified address is refused with autoLink off', async (t) => {
      const app = await withVictim(t, { database, oauth: { autoLink: false } });
      const before = await identity(app);
      app.bitbucket.users.kavya.emails = email(' Jane@EXAMPLE.com');
      const attacker = app.browser();
      const back = await approve(await attacker.authorize(), { user: 'kavya' });
      await assertError(await attacker.getJson(back), 409, 'account_not_linked');
      assertErrorPage(await attacker.signIn('kavya'), 'account_not_linked');
      await assertNobody(attacker);
      assert.deepEqual(await identity(app), before);
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 1 });
    });

    if (database.name !== memory.name) {
      test('[28] a local user with the address unverified gets no account', async (t) => {
        const app = await preHijacked(t, database);
        for (const address of ['jane@example.com', '  JANE@Example.com']) {
          app.bitbucket.users.jane.emails = email(address);
          const jane = app.visitor();
          assertErrorPage(await jane.signIn('jane'), 'account_not_linked');
          const back = await approve(await jane.authorize(), { user: 'jane' });
          await assertError(await jane.getJson(back), 409, 'account_not_linked');
          await assertNobody(jane);
        }
        await app.assertRows({ users: 1, oauth_accounts: 0, sessions: 0 });
        const planted = await app.kavach.users.get(UNKNOWN_ID);
        assert.deepEqual([planted.name, planted.emailVerified], ['Mallory', false]);
      });
    }

    test('[29] addresses are equal by case of ASCII and blanks around, and no more', async (t) => {
      const app = await withVictim(t, { database });
      app.bitbucket.users.kavya.emails = email('\t JANE@eXample.COM \n');
      const same = app.browser();
      await same.signIn('kavya');
      assert.equal((await same.session()).user.id, app.victim.id);
      const others = [
        'jan\u0435@example.com', 'j\u00e1ne@example.com', 'jane@\uff45xample.com',
        'jane@example.com\u200b', '\u200bjane@example.com', 'jane@exam\u00adple.com',
        'jane@example\u3002com', 'jane@example.c\u{1d5c8}m', '"jane"@example.com',
        'jane@example.com.', 'jane(x)@example.com', 'jane\u202e@example.com',
        'x@jane@example.com', 'jane@xn--example.com', '\u017fane@example.com',
      ];
      const seen = new Set([app.victim.id]);
      for (const [i, address] of others.entries()) {
        app.bitbucket.users[`other${i}`] = { uuid: `{other-${i}}`, emails: email(address) };
        const other = app.browser();
        await other.signIn(`other${i}`);
        const { user } = await other.session();
        assert.ok(!seen.has(user.id), address);
        seen.add(user.id);
      }
      assert.equal((await app.connections()).length, 2);
    });

    test('[29] letters that only Unicode folds together are different people', async (t) => {
      const app = await startTarget(t, { database });
      const pairs = [
        ['k@example.com', '\u212a@example.com'], ['\u00c9@example.com', '\u00e9@example.com'],
        ['i@example.com', '\u0130@example.com'], ['ss@example.com', '\u00df@example.com'],
        ['s@example.com', '\u017f@example.com'], ['\u03c3@example.com', '\u03c2@example.com'],
        ['a@example.com', 'a\u0301@example.com'], ['%@example.com', '_@example.com'],
      ];
      const ids = new Set();
      for (const [i, address] of pairs.flat().entries()) {
        app.bitbucket.users[`fold${i}`] = { uuid: `{fold-${i}}`, emails: email(address) };
        const client = app.browser();
        await client.signIn(`fold${i}`);
        const { user } = await client.session();
        assert.equal(user.email, address);
        assert.equal((await app.kavach.users.findByEmail(address)).id, user.id);
        ids.add(user.id);
      }
      assert.equal(ids.size, pairs.length * 2);
    });

    test('[30] an account that takes a victim’s address stays its own user', async (t) => {
      const app = await withVictim(t, { database });
      const attacker = app.browser();
      await attacker.signIn('kavya');
      const own = (await attacker.session()).user;
      const before = await identity(app);
      for (const emails of [email('jane@example.com'), email('jane@example.com', false)]) {
        app.bitbucket.users.kavya.emails = emails;
        await attacker.signIn('kavya');
        const { user } = await attacker.session();
        assert.deepEqual([user.id, user.email], [own.id, 'kavya@example.com']);
      }
      // And the victim's next sign-in is hers, whoever holds her address at the provider.
      await app.client.signIn('jane');
      assert.equal((await app.client.session()).user.id, app.victim.id);
      const [user, [{ updatedAt, ...account }]] = await identity(app);
      const [userBefore, [{ updatedAt: earlier, ...accountBefore }]] = before;
      assert.deepEqual([user, account], [userBefore, accountBefore]);
      assert.ok(updatedAt >= earlier);
    });

    test('[31] whoever takes name, nickname and account id of another is not her', async (t) => {
      const app = await withVictim(t, { database });
      const { jane, kavya } = app.bitbucket.users;
      for (const name of ['username', 'nickname', 'display_name', 'account_id']) {
        kavya[name] = jane[name];
        jane[name] = `renamed-${name}`;
      }
      Object.assign(kavya, { id: jane.uuid, user_id: jane.uuid, sub: jane.uuid });
      const attacker = app.browser();
      await attacker.signIn('kavya');
      assert.notEqual((await attacker.session()).user.id, app.victim.id);
      await app.client.signIn('jane');
      assert.equal((await app.client.session()).user.id, app.victim.id);
    });

    test('[32] linking what another user owns is refused, and nothing moves', async (t) => {
      const app = await withVictim(t, { database });
      const attacker = app.browser();
      await attacker.signIn('kavya');
      const { token } = attacker;
      const { user } = await attacker.session();
      const start = async () => {
        const { url } = await (await attacker.post(LINK, BODY)).json();
        return approve(url, { user: 'jane' });
      };
      for (const ask of ['get', 'getJson']) {
        const back = await start();
        const before = await accountRows(app, database);
        const response = await attacker[ask](back);
        if (ask === 'get') assertErrorPage(response, 'account_linked_elsewhere');
        else await assertError(response, 409, 'account_linked_elsewhere');
        assert.deepEqual(await accountRows(app, database), before);
      }
      assert.equal(attacker.token, token, 'nothing won, so no new token');
      assert.equal((await attacker.session()).user.id, user.id);
      assert.deepEqual((await app.connections()).map((one) => one.providerAccountId), [
        users.jane.uuid,
      ]);
      assert.equal((await app.connections(user.id)).length, 1);
      await app.assertRows({ users: 2, oauth_accounts: 2, sessions: 2 });
    });

    test('[33] linking ends with the session that began it', async (t) => {
      const app = await withVictim(t, { database });
      const { client, kavach, victim } = app;
      const endings = {
        'signed out': () => client.post('/auth/sign-out'),
        'signed in anew': () => client.signIn('jane'),
        'signed in as another': () => client.signIn('capital'),
        revoked: async () => kavach.auth.session.revoke((await client.session()).session.id),
        'all revoked': () => kavach.auth.session.revokeAll(victim.id),
        disabled: () => kavach.users.disable(victim.id),
        'without a cookie': () => client.cookies.delete('__Host-kavach_session'),
        'with a forged cookie': () => {
          client.cookies.set('__Host-kavach_session', `kvs_${'x'.repeat(43)}`);
        },
      };
      for (const [name, end] of Object.entries(endings)) {
        client.cookies.clear();
        await client.signIn('jane');
        const { url } = await (await client.post(LINK, BODY)).json();
        const back = await approve(url, { user: 'kavya' });
        await end();
        const exchanges = app.bitbucket.count('token');
        await assertError(await client.getJson(back), 403, 'session_changed');
        assert.equal(app.bitbucket.count('token'), exchanges, `${name}: no code is spent`);
        assert.equal((await app.connections()).length, 1, name);
        await kavach.users.enable(victim.id);
      }
      const stranger = app.browser();
      await stranger.signIn('kavya');
      assert.notEqual((await stranger.session()).user.id, victim.id, 'the account was free');
    });

    test('[33] a linking started in a session that has expired is refused', async (t) => {
      const session = { expiresIn: 1, updateAge: 60 };
      const app = await withVictim(t, { database, kavach: { auth: { session } } });
      const { url } = await (await app.client.post(LINK, BODY)).json();
      const back = await approve(url, { user: 'kavya' });
      await sleep(1050);
      const exchanges = app.bitbucket.count('token');
      await assertError(await app.client.getJson(back), 403, 'session_changed');
      assert.equal(app.bitbucket.count('token'), exchanges);
      assert.equal((await app.connections()).length, 1);
    });

    test('[34] whom a request claims to be is refused in a body, ignored elsewhere', async (t) => {
      const app = await withVictim(t, { database });
      const attacker = app.browser();
      await attacker.signIn('kavya');
      const own = (await attacker.session()).user.id;
      const claims = {
        userId: app.victim.id, user_id: app.victim.id, sub: app.victim.id,
        userInfo: { id: users.jane.uuid, email: 'jane@example.com', emailVerified: true },
        profile: { id: users.jane.uuid }, tokens: { accessToken: 'x' }, accessToken: 'x',
        access_token: 'x', idToken: 'x', providerAccountId: users.jane.uuid,
        sessionId: app.session.id, email: 'jane@example.com',
      };
      const bodies = [[LINK, BODY], [UNLINK, BODY], ['/auth/sessions/revoke', { others: true }]];
      await app.untouched(async () => {
        for (const [name, value] of Object.entries(claims)) {
          for (const [path, body] of bodies) {
            const response = await attacker.post(path, { ...body, [name]: value });
            const message = await assertError(response, 400, 'body_invalid');
            assert.ok(message.includes(name), message);
          }
        }
      });
      const query = new URLSearchParams(
        Object.entries(claims).map(([name, value]) => [name, JSON.stringify(value)]),
      );
      const who = await attacker.getJson(`/auth/session?${query}`);
      assert.equal((await who.json()).user.id, own);
      // The start and the end of a sign-in take them for noise.
      const url = await attacker.authorize(Object.fromEntries(query));
      assert.ok(![...new URL(url).searchParams.keys()].some((name) => name in claims));
      const back = new URL(await approve(url, { user: 'kavya' }));
      const form = `${back.searchParams}&${query}`;
      const finished = await attacker.post(CALLBACK, form, {
        'content-type': 'application/x-www-form-urlencoded', accept: 'text/html',
      });
      assert.equal(finished.headers.get('location'), `${BASE_URL}/`);
      assert.equal((await attacker.session()).user.id, own);
      const bare = await app.browser().post(CALLBACK, String(query), {
        'content-type': 'application/x-www-form-urlencoded',
      });
      await assertError(bare, 400, 'state_invalid');
    });

    test('[35] an account of someone else, or the last way in, cannot be unlinked', async (t) => {
      const app = await withVictim(t, { database });
      await app.client.link('capital');
      const attacker = app.browser();
      await attacker.signIn('kavya');
      const [jane] = await app.connections();
      const { user } = await attacker.session();
      const [own] = await app.connections(user.id);
      await app.untouched(async () => {
        for (const [body, status, code] of [
          [{ ...BODY, accountId: jane.id }, 404, 'account_not_found'],
          [{ ...BODY, accountId: jane.providerAccountId }, 404, 'account_not_found'],
          [{ ...BODY, accountId: `${jane.id}' OR '1'='1` }, 404, 'account_not_found'],
          [{ ...BODY, accountId: '%' }, 404, 'account_not_found'],
          [{ ...BODY, accountId: own.id }, 409, 'last_account'],
          [{ ...BODY, accountId: null }, 409, 'last_account'],
          [BODY, 409, 'last_account'],
        ]) {
          await assertError(await attacker.post(UNLINK, body), status, code);
        }
        const nobody = app.browser();
        await assertError(
          await nobody.post(UNLINK, { ...BODY, accountId: jane.id }), 401, 'unauthenticated',
        );
        await rejects(app.kavach.auth.disconnectOAuth(user.id, 'bitbucket'), 'last_account');
        await rejects(app.kavach.auth.disconnectOAuth(app.victim.id, 'bitbucket'), 'last_account');
      });
    });

    test('[35] of unlinks at once, over two instances, one account is left', async (t) => {
      const app = await withVictim(t, { database });
      await app.client.link('kavya');
      const other = isShared(database) ? await app.open() : app.kavach;
      const { token } = app.client;
      const both = await app.connections();
      const statuses = await Promise.all([...both, ...both].map(async ({ id }, i) => {
        const { handler } = i % 2 ? other : app.kavach;
        const response = await handler(new Request(`${BASE_URL}/api/kavach${UNLINK}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ ...BODY, accountId: id }),
        }));
        return response.status;
      }));
      assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
      assert.equal((await app.connections()).length, 1);
    });

    test('[36] first sign-ins of one account at once make one user, all signed in', async (t) => {
      const app = await startTarget(t, { database });
      const browsers = Array.from({ length: 8 }, () => app.browser());
      const backs = await Promise.all(browsers.map((browser) => app.start(browser)));
      const responses = await Promise.all(browsers.map((one, i) => one.get(backs[i].back)));
      for (const { headers } of responses) assert.equal(headers.get('location'), `${BASE_URL}/`);
      const ids = await Promise.all(browsers.map(async (one) => (await one.session()).user.id));
      assert.equal(new Set(ids).size, 1);
      await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 8 });
    });
  });
}

/** The accounts as they stand in the database, tokens included, where that can be seen. */
async function accountRows({ query, kavach, victim }, { canQuery }) {
  if (!canQuery) return kavach.auth.getOAuthConnections(victim.id);
  return query('SELECT * FROM kavach_oauth_accounts ORDER BY id');
}

/** A database in which an attacker waits for Jane, under her address, without having proven it. */
async function preHijacked(t, database) {
  const app = await startTarget(t, { database });
  const now = Date.now();
  const insert = `
    INSERT INTO kavach_users (id, email, email_verified, name, image, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`;
  const row = [UNKNOWN_ID, 'jane@example.com', false, 'Mallory', null, now, now];
  if (database.canQuery === 'write') {
    await app.query(insert, row);
    return { ...app, visitor: () => app.browser() };
  }
  // A file can be written while nobody has it open.
  await app.kavach.close();
  const file = new sqlite.Database(app.database.url);
  file.exec('PRAGMA locking_mode = EXCLUSIVE');
  file.run(insert, row.map((value) => (value === false ? 0 : value)));
  file.close();
  const kavach = await app.open();
  const base = `${BASE_URL}/api/kavach`;
  return { ...app, kavach, visitor: () => new Client(kavach.handler, { base }) };
}
