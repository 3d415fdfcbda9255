// Who Bitbucket says the user is, and what we make of it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { approve, users } from '../testing/server.js';
import { BASE_URL, startApp } from './support/app.js';
import { assertError, assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const EXPECTED = {
  jane: { email: 'jane@example.com', name: 'Jane Example' },
  noemail: { email: null, name: 'Noor Empty' },
  unconfirmed: { email: null, name: 'Uma Pending' },
  pages: { email: 'paula@example.com', name: 'Paula Pages' },
  kavya: { email: 'kavya@example.com', name: 'कव्या 北京' },
  capital: { email: 'capital.case+tag@example.com', name: 'Capital Case' },
  closed: { email: 'clara@example.com', name: 'Clara Closed' },
};

const UUID = '{10000000-0000-4000-8000-000000000000}';
const EMAIL = { email: 'odd@example.com', is_primary: true, is_confirmed: true };
/** A stand-in with one odd user, called `odd`. */
const odd = (fields, emails = [EMAIL]) => ({
  users: { odd: { display_name: 'Odd', uuid: UUID, ...fields, emails } },
});

for (const database of databases()) {
  describe(`profiles on ${database.name}`, { skip: database.skip }, () => {
    test('every kind of user comes through as itself, each its own', async (t) => {
      const app = await startApp(t, { database });
      for (const [key, { email, name }] of Object.entries(EXPECTED)) {
        await app.client.signIn(key);
        const { user } = await app.client.session();
        assert.deepEqual(
          { email: user.email, verified: user.emailVerified, name: user.name },
          { email, verified: email !== null, name },
          key,
        );
        assert.equal(user.image, `${app.bitbucket.url}/avatar/${key}.svg`);
        const [account] = await app.kavach.auth.getOAuthConnections(user.id);
        assert.equal(account.providerAccountId, users[key].uuid);
      }
      await app.assertRows({ users: 7, oauth_accounts: 7 });
    });

    test('a team is nobody to sign in as', async (t) => {
      const app = await startApp(t, { database });
      assertErrorPage(await app.client.signIn('team'), 'provider_error');
      await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
    });

    test('a refused list of addresses is a sign-in without e-mail', async (t) => {
      const app = await startApp(t, { database });
      app.bitbucket.fail('emails', {
        status: 403,
        body: { type: 'error', error: { message: 'Your credentials lack one or more scopes.' } },
      });
      const response = await app.client.signIn('jane');
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      const { user } = await app.client.session();
      assert.equal(user.email, null);
      assert.equal(user.emailVerified, false);
    });

    test('who has no e-mail is still one user, beside others without one', async (t) => {
      const app = await startApp(t, { database });
      for (const key of ['noemail', 'unconfirmed', 'noemail', 'unconfirmed']) {
        await app.client.signIn(key);
      }
      await app.assertRows({ users: 2, oauth_accounts: 2, sessions: 4 });
    });

    test('a changed name, nickname or address leaves the user who it is', async (t) => {
      const app = await startApp(t, { database });
      const { jane, kavya } = app.bitbucket.users;
      await app.client.signIn('jane');
      const { user } = await app.client.session();
      Object.assign(jane, { username: 'kavya', nickname: 'ünïcode', display_name: 'Kavya' });
      jane.emails = [{ email: 'new@example.com', is_primary: true, is_confirmed: true }];
      Object.assign(kavya, { username: 'jexample', nickname: 'Jane', account_id: jane.account_id });
      await app.client.signIn('jane');
      assert.equal((await app.client.session()).user.id, user.id);
      await app.client.signIn('kavya');
      assert.notEqual((await app.client.session()).user.id, user.id);
      await app.assertRows({ users: 2, oauth_accounts: 2 });
    });

    test('long and odd values are kept or left out, and nobody is cut in two', async (t) => {
      const letters = '𝒦'.repeat(2000);
      const app = await startApp(t, {
        database,
        bitbucket: odd({
          display_name: letters,
          location: 'x'.repeat(200_000),
          links: { avatar: { href: `https://a.example/${'x'.repeat(5000)}` } },
        }),
      });
      const response = await app.client.signIn('odd');
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      const { user } = await app.client.session();
      assert.ok(letters.startsWith(user.name) && user.name.length >= 100, user.name);
      assert.equal(user.image, null);
      await app.client.signIn('odd');
      assert.equal((await app.client.session()).user.id, user.id);
    });
  });
}

describe('an account id', () => {
  const refused = {
    'that is missing': undefined,
    'that is null': null,
    'that is empty': '',
    'that is a number': 7,
    'that is true': true,
    'that is an object': { $ne: null },
    'that is a list': [UUID],
    'that holds a NUL': '{a\0b}',
    'that holds a line break': '{a\nb}',
    'that ends in a blank': `${UUID} `,
    'of 300 characters': 'a'.repeat(300),
    'of 900 kB': 'a'.repeat(900_000),
  };
  for (const [name, uuid] of Object.entries(refused)) {
    test(`${name} is refused`, async (t) => {
      const { client } = await startApp(t, { bitbucket: odd({ uuid }) });
      assertErrorPage(await client.signIn('odd'), 'provider_error');
      assert.equal(await client.session(), null);
    });
  }

  for (const database of databases()) {
    test(`is compared to the letter on ${database.name}`, { skip: database.skip }, async (t) => {
      // Case, accents and blanks at the end fall together in lax databases.
      const ids = ['{abc}', '{ABC}', '{äbc}', '{a\u0308bc}', '{ａbc}', '{ß}', '{ss}', '__proto__'];
      const cast = ids.map((uuid, i) => [`u${i}`, { uuid, display_name: uuid, emails: [] }]);
      const app = await startApp(t, {
        database,
        bitbucket: { users: Object.fromEntries(cast) },
      });
      for (const [key, { uuid }] of cast) {
        await app.client.signIn(key);
        const { user } = await app.client.session();
        const [account] = await app.kavach.auth.getOAuthConnections(user.id);
        assert.equal(account.providerAccountId, uuid);
      }
      await app.assertRows({ users: ids.length, oauth_accounts: ids.length });
    });
  }
});

describe('the rest of a profile', () => {
  const cases = {
    'without a display name falls back to the nickname': [
      { display_name: undefined, nickname: 'Nick' }, [EMAIL], { name: 'Nick' },
    ],
    'with a name of blanks falls back to the nickname': [
      { display_name: '  ', nickname: 'Nick' }, [EMAIL], { name: 'Nick' },
    ],
    'with a name that is no text has another': [
      { display_name: ['x'], nickname: 7, username: 'user' }, [EMAIL], { name: 'user' },
    ],
    'with no name at all has none': [
      { display_name: null, nickname: null, username: null }, [EMAIL], { name: null },
    ],
    'with control characters in the name loses them': [
      { display_name: 'Jane\0\r\n Example' }, [EMAIL], { name: 'Jane Example' },
    ],
    'with a script as picture has none': [
      { links: { avatar: { href: 'javascript:alert(1)' } } }, [EMAIL], { image: null },
    ],
    'with links of the wrong kind has no picture': [{ links: 7 }, [EMAIL], { image: null }],
    'with an address that is none has none': [
      {}, [{ ...EMAIL, email: 'not an address' }], { email: null, emailVerified: false },
    ],
    'with an address that is no text has none': [
      {}, [{ ...EMAIL, email: { a: 1 } }], { email: null, emailVerified: false },
    ],
    'with an address that is confirmed but not primary has none': [
      {}, [{ ...EMAIL, is_primary: false }], { email: null, emailVerified: false },
    ],
    'with flags that are only truthy has no address': [
      {}, [{ ...EMAIL, is_confirmed: 'true' }, { ...EMAIL, is_primary: 1 }],
      { email: null, emailVerified: false },
    ],
  };
  for (const [name, [fields, emails, expected]] of Object.entries(cases)) {
    test(name, async (t) => {
      const { client } = await startApp(t, { bitbucket: odd(fields, emails) });
      const response = await client.signIn('odd');
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      const { user } = await client.session();
      assert.deepEqual({ ...user, ...expected }, user);
    });
  }
});

test('entries that are no addresses do not hide the one that is', async (t) => {
  const { client, bitbucket } = await startApp(t, { bitbucket: odd({}) });
  bitbucket.fail('emails', { json: { values: [null, 7, 'x', [], {}, EMAIL] } });
  await client.signIn('odd');
  assert.equal((await client.session()).user.email, EMAIL.email);
});

test('a consumer that lacks a scope is told by its name', async (t) => {
  const { client } = await startApp(t, { bitbucket: { consumer: { scopes: ['account'] } } });
  const back = await approve(await client.authorize(), { user: 'jane' });
  const message = await assertError(await client.getJson(back), 502, 'provider_error');
  assert.match(message, /invalid_scope/);
});

describe('pages of addresses', () => {
  test('are followed to the last', async (t) => {
    const emails = Array.from({ length: 250 }, (_, i) => ({
      email: `odd+${i}@example.com`, is_primary: i === 249, is_confirmed: true,
    }));
    const { client, bitbucket } = await startApp(t, { bitbucket: odd({}, emails) });
    await client.signIn('odd');
    assert.equal((await client.session()).user.email, 'odd+249@example.com');
    assert.ok(bitbucket.count('emails') >= 3);
  });

  test('are not followed to another host, port or path, nor round in circles', async (t) => {
    const reached = [];
    const elsewhere = createServer((req, res) => {
      reached.push(req.headers.authorization);
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"values": []}');
    });
    await new Promise((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    t.after(() => elsewhere.close());
    const { port } = elsewhere.address();

    const { client, bitbucket } = await startApp(t);
    const own = new URL(bitbucket.url);
    for (const next of [
      `http://127.0.0.1:${port}/2.0/user/emails`, `http://localhost:${own.port}/2.0/user/emails`,
      `http://127.0.0.1:${own.port}@127.0.0.1:${port}/2.0/user/emails`, `${own}2.0/repositories`,
      `//127.0.0.1:${port}/2.0/user/emails`, 'file:///etc/passwd', 'not a URL', 7, {},
    ]) {
      bitbucket.reset();
      bitbucket.next = next;
      // No address on the first page: only then is another one looked for.
      const back = await approve(await client.authorize(), { user: 'unconfirmed' });
      await client.get(back);
      assert.equal((await client.session())?.user.email, null, String(next));
      assert.equal(bitbucket.count('emails'), 1);
    }
    assert.deepEqual(reached, []);

    bitbucket.reset();
    bitbucket.next = `${bitbucket.url}/2.0/user/emails?page=1`;
    await client.signIn('unconfirmed');
    assert.ok(bitbucket.count('emails') <= 20, 'there is an end');
  });
});
