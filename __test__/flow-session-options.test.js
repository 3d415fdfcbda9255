// What `auth.session` changes about the cookie and about time.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { rejects, startApp } from './support/app.js';
import { setCookies } from './support/client.js';

async function sessionCookie(t, session, baseUrl = 'https://your-app.com') {
  const app = await startApp(t, { kavach: { baseUrl, auth: { session } } });
  const response = await app.client.signIn('jane');
  const [cookie, ...others] = setCookies(response).filter(({ value }) => value.startsWith('kvs_'));
  assert.deepEqual(others, []);
  assert.equal((await app.client.session()).user.name, 'Jane Example');
  return { name: cookie.name, ...Object.fromEntries(cookie.attributes) };
}

describe('the session cookie', () => {
  const usual = { httponly: '', samesite: 'Lax', path: '/', 'max-age': String(90 * 86_400) };

  test('is locked to the host on https, and lives as long as a session can', async (t) => {
    const cookie = await sessionCookie(t);
    assert.deepEqual(cookie, { name: '__Host-kavach_session', ...usual, secure: '' });
  });

  test('has another name and is not Secure on localhost', async (t) => {
    const cookie = await sessionCookie(t, undefined, 'http://localhost:3000');
    assert.deepEqual(cookie, { name: 'kavach_session', ...usual });
  });

  test('is shared with subdomains when a domain is given', async (t) => {
    for (const domain of ['your-app.com', '.Your-App.com']) {
      const cookie = await sessionCookie(t, { domain }, 'https://login.your-app.com');
      assert.deepEqual(cookie, {
        name: 'kavach_session', ...usual, secure: '', domain: 'your-app.com',
      });
    }
  });

  test('is called as cookieName says', async (t) => {
    const cookie = await sessionCookie(t, { cookieName: 'my-session' });
    assert.deepEqual(cookie, { name: 'my-session', ...usual, secure: '' });
    for (const cookieName of ['__Host-mine', '__Secure-mine']) {
      const { name } = await sessionCookie(t, { cookieName });
      assert.equal(name, cookieName);
    }
  });

  test('takes SameSite and maxAge from the options', async (t) => {
    const { samesite } = await sessionCookie(t, { sameSite: 'strict' });
    assert.equal(samesite, 'Strict');
    const none = await sessionCookie(t, { sameSite: 'none', maxAge: 3600 });
    assert.deepEqual([none.samesite, none.secure, none['max-age']], ['None', '', '3600']);
  });

  test('is not to be had insecure', async (t) => {
    const refused = [
      [{ sameSite: 'none' }, 'http://localhost:3000'], [{ sameSite: 'Lax' }],
      [{ domain: 'evil.example' }], [{ domain: 'com' }], [{ domain: 'app.com' }],
      [{ domain: 'x.your-app.com' }], [{ cookieName: 'a b' }], [{ cookieName: 'a;b' }],
      [{ cookieName: '__Host-x', domain: 'your-app.com' }], [{ cookieName: '' }],
      [{ cookieName: '__Host-x' }, 'http://localhost:3000'],
      [{ cookieName: '__Secure-x' }, 'http://localhost:3000'],
    ];
    for (const [session, baseUrl = 'https://your-app.com'] of refused) {
      const error = await rejects(
        startApp(t, { kavach: { baseUrl, auth: { session } } }),
        'config_invalid',
      );
      assert.ok(error.message.includes(`auth.session.${Object.keys(session)[0]}`), error.message);
    }
  });
});

describe('the time of a session', () => {
  test('is fresh for freshAge, however much it is used', async (t) => {
    const { client, kavach } = await startApp(t, {
      kavach: { auth: { session: { freshAge: 1, updateAge: 0 } } },
    });
    await client.signIn('jane');
    const first = await client.session();
    assert.equal(first.session.fresh, true);
    await sleep(1100);
    const later = await client.session();
    assert.equal(later.session.fresh, false);
    const [listed] = await kavach.auth.session.list(later.user.id);
    assert.equal(listed.fresh, false);
  });

  test('is never fresh when freshAge is 0', async (t) => {
    const { client, kavach } = await startApp(t, {
      kavach: { auth: { session: { freshAge: 0 } } },
    });
    await client.signIn('jane');
    const { user, session } = await client.session();
    assert.equal(session.fresh, false);
    assert.equal((await kavach.auth.session.create(user.id)).session.fresh, false);
  });

  test('is not moved more than once in updateAge', async (t) => {
    const { client } = await startApp(t);
    await client.signIn('jane');
    const { session } = await client.session();
    await sleep(20);
    assert.equal((await client.session()).session.expiresAt, session.expiresAt);
  });

  test('ends at maxAge when that is sooner than expiresIn', async (t) => {
    const { client } = await startApp(t, { kavach: { auth: { session: { maxAge: 60 } } } });
    await client.signIn('jane');
    const { session } = await client.session();
    assert.equal(Date.parse(session.expiresAt) - Date.parse(session.createdAt), 60_000);
  });

  test('may be longer than the usual maxAge when expiresIn says so', async (t) => {
    const expiresIn = 120 * 86_400;
    const { client } = await startApp(t, { kavach: { auth: { session: { expiresIn } } } });
    await client.signIn('jane');
    const { session } = await client.session();
    assert.equal(Date.parse(session.expiresAt) - Date.parse(session.createdAt), expiresIn * 1000);
  });
});
