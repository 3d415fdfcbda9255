// Attacks 37, 38 and 46 of the list: sessions that are planted, that outlive their end, or that
// tell more than that there is none.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { approve, users } from '../testing/server.js';
import { toNodeHandler } from '../node.js';
import { BASE_URL, isShared } from './support/app.js';
import { BASE, serve, startTarget } from './support/attack-app.js';
import { raw, request } from './support/attack-http.js';
import { Client, setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const COOKIE = '__Host-kavach_session';
const UNKNOWN = `kvs_${'x'.repeat(43)}`;
const LINK = '/auth/oauth/link';
const BODY = { provider: 'bitbucket' };

async function signedIn(t, options) {
  const app = await startTarget(t, options);
  await app.client.signIn('jane');
  return { ...app, ...(await app.client.session()), token: app.client.token };
}

/** What others change is known at once only by asking; cache-processes.test.js is about the cache. */
const UNCACHED = { auth: { session: { cache: { enabled: false } } } };

/** Another instance on the same database, as another process has it. */
async function elsewhere(app, database, options = UNCACHED) {
  if (!isShared(database)) return { kavach: app.kavach, browser: app.browser };
  const kavach = await app.open({ kavach: { rateLimit: { enabled: false }, ...options } });
  return { kavach, browser: () => new Client(kavach.handler, { base: BASE }) };
}

for (const database of databases()) {
  describe(`sessions under attack on ${database.name}`, { skip: database.skip }, () => {
    test('[37] a session cookie that was there before sign-in is not adopted', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, token: attackers, user: attacker } = app;
      const { token: revoked, session } = await kavach.auth.session.create(attacker.id);
      await kavach.auth.session.revoke(session.id);
      const planted = {
        'of the attacker': attackers, unknown: UNKNOWN, revoked, empty: '', malformed: 'kvs_x',
      };
      for (const [name, value] of Object.entries(planted)) {
        const victim = app.browser();
        victim.cookies.set(COOKIE, value);
        const response = await victim.signIn('kavya');
        const set = setCookies(response).filter((cookie) => cookie.name === COOKIE);
        assert.equal(set.length, 1, name);
        assert.match(set[0].value, /^kvs_[\w-]{43}$/);
        assert.notEqual(set[0].value, value, name);
        const { user } = await victim.session();
        assert.equal(user.email, 'kavya@example.com');
        const before = await kavach.auth.session.validate(value || UNKNOWN);
        assert.equal(before?.user.id, name === 'of the attacker' ? attacker.id : undefined, name);
      }
    });

    test('[37] every sign-in has a token of its own, also of who is signed in', async (t) => {
      const app = await signedIn(t, { database });
      const seen = new Set([app.token]);
      const ids = new Set([app.session.id]);
      for (let i = 0; i < 4; i += 1) {
        await app.client.signIn('jane');
        seen.add(app.client.token);
        ids.add((await app.client.session()).session.id);
      }
      assert.deepEqual([seen.size, ids.size], [5, 5]);
    });

    test('[37] a token in the URL, or a body, or another header, is none', async (t) => {
      const app = await signedIn(t, { database });
      const { token } = app;
      const stranger = app.browser();
      for (const path of [
        `?token=${token}`, `?access_token=${token}`, `?${COOKIE}=${token}`, `?session=${token}`,
        `#${token}`, `?kavach_session=${token}`,
      ]) {
        assert.equal((await stranger.getJson(`/auth/session${path}`)).status, 401, path);
      }
      for (const headers of [
        { 'x-session-token': token }, { 'x-kavach-session': token }, { token },
        { 'x-authorization': `Bearer ${token}` }, { 'proxy-authorization': `Bearer ${token}` },
        { 'set-cookie': `${COOKIE}=${token}` }, { cookie2: `${COOKIE}=${token}` },
      ]) {
        assert.equal((await stranger.getJson('/auth/session', headers)).status, 401);
      }
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const posted = await stranger.post('/auth/sessions/revoke', `access_token=${token}`, form);
      assert.equal(posted.status, 401);
    });

    test('[37] linking gives the session a new token, and the old one is dead', async (t) => {
      const app = await signedIn(t, { database });
      const { kavach, client, token, user, session } = app;
      const other = await elsewhere(app, database);
      const response = await client.link('kavya');
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      const set = setCookies(response).filter((cookie) => cookie.name === COOKIE);
      assert.equal(set.length, 1);
      const { attributes } = set[0];
      for (const name of ['secure', 'httponly']) assert.ok(attributes.has(name), name);
      assert.deepEqual([attributes.get('path'), attributes.get('samesite')], ['/', 'Lax']);
      assert.match(client.token, /^kvs_[\w-]{43}$/);
      assert.notEqual(client.token, token);
      for (const instance of [kavach, other.kavach]) {
        assert.equal(await instance.auth.session.validate(token), null);
        const found = await instance.auth.session.validate(client.token);
        assert.deepEqual([found.user.id, found.session.id], [user.id, session.id]);
        assert.equal(found.session.createdAt.getTime(), Date.parse(session.createdAt));
      }
      // The thief of the old cookie is out, on every path.
      const thief = other.browser();
      thief.cookies.set(COOKIE, token);
      assert.equal(await thief.session(), null);
      assert.equal((await thief.post(LINK, BODY)).status, 401);
      assert.equal((await kavach.auth.session.list(user.id)).length, 1);
      await app.assertRows({ users: 1, oauth_accounts: 2, sessions: 1 });
    });

    test('[37] a linking that is refused leaves the token as it is', async (t) => {
      const app = await signedIn(t, { database });
      await app.browser().signIn('kavya');
      await app.client.link('kavya');
      app.bitbucket.fail('token', { status: 500 });
      await app.client.link('capital');
      assert.equal(app.client.token, app.token);
      assert.equal((await app.client.session()).session.id, app.session.id);
    });

    test('[37] two linkings at once leave one token that works', async (t) => {
      const app = await signedIn(t, { database });
      const backs = [];
      for (const user of ['kavya', 'capital']) {
        const { url } = await (await app.client.post(LINK, BODY)).json();
        backs.push(await approve(url, { user }));
      }
      const twin = app.browser();
      twin.cookies = new Map(app.client.cookies);
      await Promise.all([app.client.getJson(backs[0]), twin.getJson(backs[1])]);
      const alive = [];
      for (const client of [app.client, twin]) {
        const found = await client.session();
        if (found) alive.push([client.token, found.session.id]);
      }
      assert.ok(alive.length >= 1, 'the user is not signed out');
      assert.equal(new Set(alive.map(([token]) => token)).size, 1);
      assert.equal(alive[0][1], app.session.id);
      assert.equal(await app.kavach.auth.session.validate(app.token), null);
      await app.assertRows({ sessions: 1 });
    });

    test('[38] whatever ends a session ends it at once, here and elsewhere', async (t) => {
      const app = await signedIn(t, { database, kavach: UNCACHED });
      const { kavach, user } = app;
      const other = await elsewhere(app, database);
      const endings = {
        'sign-out': (browser) => browser.post('/auth/sign-out'),
        revoke: (browser, id) => kavach.auth.session.revoke(id),
        revokeAll: () => kavach.auth.session.revokeAll(user.id),
        'revoke over HTTP': (browser, id) => app.client.post('/auth/sessions/revoke', { id }),
        'revoke others': () => app.client.post('/auth/sessions/revoke', { others: true }),
        disable: () => kavach.users.disable(user.id),
        delete: () => kavach.users.delete(user.id),
      };
      for (const [name, end] of Object.entries(endings)) {
        if (!(await app.client.session())) await app.client.signIn('jane');
        const browser = other.browser();
        await browser.signIn('jane');
        const { session } = await browser.session();
        const { token } = browser;
        assert.ok(await kavach.auth.session.validate(token));
        await end(browser, session.id);
        browser.cookies.set(COOKIE, token);
        for (const instance of [other.kavach, kavach]) {
          assert.equal(await instance.auth.session.validate(token), null, name);
          assert.equal(await instance.auth.getSession({ cookie: `${COOKIE}=${token}` }), null);
        }
        for (const path of ['/auth/session', '/auth/sessions', '/auth/oauth/accounts']) {
          assert.equal((await browser.getJson(path)).status, 401, `${path} after ${name}`);
        }
        assert.equal((await browser.post(LINK, BODY)).status, 401, name);
        await kavach.users.enable(user.id);
        assert.equal(await other.browser().session(), null);
        assert.equal(await kavach.auth.session.validate(token), null, `${name}, later`);
      }
      // The same person later is a new user: nothing of the old one comes back.
      await app.client.signIn('jane');
      const again = (await app.client.session()).user;
      assert.notEqual(again.id, user.id);
      const [account] = await kavach.auth.getOAuthConnections(again.id);
      assert.equal(account.providerAccountId, users.jane.uuid);
    });

    test('[46] unknown, revoked and expired tokens get one answer, byte for byte', async (t) => {
      const brief = { auth: { session: { expiresIn: 1, updateAge: 60 } } };
      const app = await signedIn(t, { database, kavach: brief });
      const { kavach, user } = app;
      const make = () => kavach.auth.session.create(user.id);
      const [expired, revoked, orphan, disabled] = [
        await make(), await make(), await ofAnother(app, 'kavya'), await ofAnother(app, 'capital'),
      ];
      await kavach.auth.session.revoke(revoked.session.id);
      await kavach.users.delete(orphan.session.userId);
      await kavach.users.disable(disabled.session.userId);
      await sleep(1050);
      const tokens = {
        unknown: UNKNOWN, expired: expired.token, revoked: revoked.token, orphan: orphan.token,
        disabled: disabled.token, 'of one letter less': expired.token.slice(0, -1), empty: '',
      };
      const routes = [
        ['GET', '/auth/session'], ['GET', '/auth/sessions'], ['GET', '/auth/oauth/accounts'],
        ['POST', LINK], ['POST', '/auth/oauth/unlink'], ['POST', '/auth/sessions/revoke'],
        ['POST', '/auth/sign-out'], ['GET', '/auth/oauth/callback/bitbucket?state=x&code=y'],
      ];
      await app.untouched(async () => {
        for (const [method, path] of routes) {
          for (const credential of [cookie, bearer]) {
            const answers = [];
            for (const token of Object.values(tokens)) {
              const body = method === 'POST' ? JSON.stringify(BODY) : '';
              const bytes = request(method, `/api/kavach${path}`, credential(token), body);
              const { status, head, body: text } = await raw(app.port, bytes);
              assert.equal(status, STATUS[path] ?? 401, path);
              answers.push(`${head.replace(/^date: .*$/im, '')}\n\n${text}`);
            }
            assert.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n---\n'));
          }
        }
      });
      for (const [name, token] of Object.entries(tokens)) {
        assert.equal(await kavach.auth.session.validate(token), null, name);
        const headers = { authorization: `Bearer ${token}` };
        assert.equal(await kavach.auth.getSession(headers), null, name);
        assert.equal(await kavach.auth.resolveUser(headers), null, name);
      }
    });

    test('[46] a session id that is unknown and one of another user get one answer', async (t) => {
      const app = await signedIn(t, { database });
      const other = app.browser();
      await other.signIn('kavya');
      const ids = [app.session.id, '01890000-0000-7000-8000-000000000000', 'x', ''];
      const answers = [];
      for (const id of ids) {
        const response = await other.post('/auth/sessions/revoke', { id });
        answers.push(`${response.status} ${await response.text()}`);
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      assert.ok(await app.client.session());
    });

    test('a session used by many at once is extended, once, and lives on', async (t) => {
      const life = { auth: { session: { expiresIn: 3, updateAge: 1 } } };
      const app = await signedIn(t, { database, kavach: life });
      const other = await elsewhere(app, database, life);
      await sleep(1050);
      const found = await Promise.all(Array.from({ length: 20 }, (_, i) => {
        const { kavach } = i % 2 ? other : app;
        return kavach.auth.session.validate(app.token);
      }));
      for (const signed of found) assert.ok(signed);
      const ends = new Set(found.map(({ session }) => session.expiresAt.getTime()));
      assert.equal(ends.size, 1, 'by one of them, and all know of it');
      assert.ok(Math.max(...ends) >= Date.parse(app.session.expiresAt) + 1000);
      const [listed] = await app.kavach.auth.session.list(app.user.id);
      const again = await app.kavach.auth.session.validate(app.token);
      assert.deepEqual(again.session.expiresAt, listed.expiresAt, 'not again within updateAge');
      assert.equal(listed.createdAt.getTime(), Date.parse(app.session.createdAt));
    });
  });
}

test('a shorter maxAge counts for the sessions that were there before', async (t) => {
  const database = databases().find((candidate) => !candidate.skip && isShared(candidate));
  const app = await signedIn(t, { database });
  const strict = await app.open({ kavach: { auth: { session: { maxAge: 1 } } } });
  await sleep(1050);
  assert.equal(await strict.auth.session.validate(app.token), null);
  assert.deepEqual(await strict.auth.session.list(app.user.id), []);
  const port = await serve(t, createServer(toNodeHandler(strict)));
  const bytes = request('GET', '/api/kavach/auth/session', cookie(app.token));
  assert.equal((await raw(port, bytes)).status, 401);
});

const STATUS = { '/auth/sign-out': 200, '/auth/oauth/callback/bitbucket?state=x&code=y': 400 };

const CONTEXT = [
  ['Host', 'your-app.com'], ['Origin', BASE_URL], ['Accept', 'application/json'],
  ['Content-Type', 'application/json'],
];
const cookie = (token) => [...CONTEXT, ['Cookie', `${COOKIE}=${token}`]];
const bearer = (token) => [...CONTEXT, ['Authorization', `Bearer ${token}`]];

async function ofAnother(app, name) {
  const browser = app.browser();
  await browser.signIn(name);
  const { user } = await browser.session();
  return app.kavach.auth.session.create(user.id);
}
