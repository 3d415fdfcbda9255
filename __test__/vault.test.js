// Provider tokens: sealed at rest, refreshed when due, once.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { CONSUMER, SECRET, isShared, rejects, startApp } from './support/app.js';
import { databases } from './support/database-matrix.js';

const UNKNOWN_ID = '01890000-0000-7000-8000-000000000000';
const NEW_SECRET = 'the next secret, which is just as long as it was';

/** Signs Jane in with a token that, by the provider's word, lives for so long: 0 is due at once. */
async function signedIn(t, { lifetime = 7200, ...options } = {}) {
  const app = await startApp(t, options);
  announce(app.bitbucket, lifetime);
  await app.client.signIn('jane');
  const { user } = await app.client.session();
  const token = (of = app.kavach) => of.auth.getAccessToken(user.id, 'bitbucket');
  return { ...app, user, token };
}

/** What `expires_in` says from now on. */
function announce(bitbucket, seconds) {
  Object.defineProperty(bitbucket.grants, 'accessTokenTtl', { value: seconds, configurable: true });
}

function refreshes({ requests }) {
  return requests
    .filter(({ path }) => path === '/site/oauth2/access_token')
    .map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    .filter(({ grant_type }) => grant_type === 'refresh_token');
}

async function works(bitbucket, { accessToken }) {
  const response = await fetch(`${bitbucket.url}/2.0/user`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return response.ok;
}

for (const database of databases()) {
  describe(`the vault on ${database.name}`, { skip: database.skip }, () => {
    test('gives the token of the sign-in while it lives, without a refresh', async (t) => {
      const { bitbucket, token } = await signedIn(t, { database });
      const first = await token();
      assert.ok(await works(bitbucket, first));
      assert.deepEqual(await token(), first);
      assert.deepEqual(Object.keys(first), ['accessToken', 'expiresAt', 'scopes']);
      assert.deepEqual(refreshes(bitbucket), []);
    });

    for (const variant of ['current', 'announced']) {
      test(`refreshes a token that is due, with the ${variant} answer`, async (t) => {
        const standIn = { variant, refreshGrace: 0 };
        const { bitbucket, kavach, user, token } = await signedIn(t, {
          database, bitbucket: standIn, lifetime: 0,
        });
        const seen = new Set();
        // Each refresh uses what the one before gave: with rotation, the old one is dead.
        for (let i = 0; i < 4; i += 1) {
          const fresh = await token();
          assert.ok(await works(bitbucket, fresh));
          assert.deepEqual(fresh.scopes, ['account', 'email']);
          seen.add(fresh.accessToken);
        }
        assert.equal(seen.size, 4);
        const used = refreshes(bitbucket).map(({ refresh_token }) => refresh_token);
        assert.equal(new Set(used).size, variant === 'announced' ? 4 : 1);
        announce(bitbucket, 7200);
        const last = await token();
        assert.deepEqual(await token(), last);
        assert.equal(refreshes(bitbucket).length, 5);
        assert.equal((await kavach.auth.getOAuthConnections(user.id)).length, 1);
      });
    }

    test('of many who ask at once, over two instances, one refreshes', async (t) => {
      const { bitbucket, kavach, open, token } = await signedIn(t, {
        database, bitbucket: { variant: 'announced', refreshGrace: 0 }, lifetime: 0,
      });
      announce(bitbucket, 7200);
      const other = isShared(database) ? await open() : kavach;
      const tokens = await Promise.all(
        Array.from({ length: 20 }, (_, i) => token(i % 2 ? other : kavach)),
      );
      assert.equal(refreshes(bitbucket).length, 1);
      assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1);
      assert.ok(await works(bitbucket, tokens[0]));
    });

    test('one refreshes also where tokens live for less than a minute', async (t) => {
      const { bitbucket, token } = await signedIn(t, { database, lifetime: 0 });
      announce(bitbucket, 50);
      await Promise.all(Array.from({ length: 20 }, () => token()));
      assert.equal(refreshes(bitbucket).length, 1);
    });

    test('a refused refresh wants the user again, and signing in mends it', async (t) => {
      for (const variant of ['current', 'announced']) {
        const { bitbucket, client, token, assertRows } = await signedIn(t, {
          database, bitbucket: { variant }, lifetime: 0,
        });
        bitbucket.revokeAll('jane');
        const error = await rejects(token(), 'reauthorization_required');
        assert.equal(error.status, 409);
        await rejects(token(), 'reauthorization_required');
        await assertRows({ users: 1, oauth_accounts: 1, sessions: 1 });
        await client.signIn('jane');
        assert.ok(await works(bitbucket, await token()));
      }
    });

    test('a provider that fails is a provider_error, and the next try works', async (t) => {
      const { bitbucket, token } = await signedIn(t, { database, lifetime: 0 });
      for (const fault of ['html', 'cut', 'huge', { status: 500 }, { json: { access_token: 7 } }]) {
        bitbucket.fail('token', fault);
        await rejects(token(), 'provider_error');
        assert.ok(await works(bitbucket, await token()));
      }
      // The client's secret was changed at the provider: no fault of the user's.
      bitbucket.setConsumer({ ...CONSUMER, secret: 'another' });
      await rejects(token(), 'provider_error');
      bitbucket.setConsumer(CONSUMER);
      assert.ok(await works(bitbucket, await token()));
    });

    test('the refresh token stays when a refresh brings no new one', async (t) => {
      const { bitbucket, token } = await signedIn(t, { database, lifetime: 0 });
      const answer = { access_token: 'short', token_type: 'bearer', expires_in: 0 };
      bitbucket.fail('token', { json: answer });
      assert.equal((await token()).accessToken, 'short');
      assert.ok(await works(bitbucket, await token()));
      const [first, second] = refreshes(bitbucket).map(({ refresh_token }) => refresh_token);
      assert.equal(first, second);
    });

    test('without a refresh token the access token serves until its end', async (t) => {
      const { bitbucket, client, kavach, assertRows } = await startApp(t, { database });
      for (const [expires_in, code] of [[30], [0, 'reauthorization_required'], [undefined]]) {
        const access_token = bitbucket.grants.issueAccessToken(
          { consumer: CONSUMER.key, user: 'jane', scopes: ['account', 'email'] }, 128,
        );
        bitbucket.fail('token', { json: { access_token, token_type: 'bearer', expires_in } });
        await client.signIn('jane');
        const { user } = await client.session();
        const asked = kavach.auth.getAccessToken(user.id, 'bitbucket');
        if (code) await rejects(asked, code);
        else assert.equal((await asked).accessToken, access_token);
      }
      await assertRows({ users: 1, oauth_accounts: 1 });
      assert.deepEqual(refreshes(bitbucket), []);
    });

    test('is empty with storeTokens off, and says so', async (t) => {
      const app = await signedIn(t, { database, oauth: { storeTokens: false } });
      await rejects(app.token(), 'tokens_not_stored');
      if (!isShared(database)) return;
      const [row] = await app.query('SELECT tokens FROM kavach_oauth_accounts');
      assert.equal(row.tokens, null);
      const storing = await app.open({ oauth: { storeTokens: true } });
      await rejects(app.token(storing), 'tokens_not_stored');
      await app.browser(undefined, storing).signIn('jane');
      assert.ok(await works(app.bitbucket, await app.token(storing)));
      // Turned off again, the next sign-in forgets what was kept.
      await app.client.signIn('jane');
      await rejects(app.token(), 'tokens_not_stored');
    });

    test('knows no token of an unknown user or provider', async (t) => {
      const { kavach, user } = await signedIn(t, { database });
      const { getAccessToken } = kavach.auth;
      await rejects(getAccessToken(UNKNOWN_ID, 'bitbucket'), 'account_not_found');
      for (const provider of ['github', '', '__proto__', 'constructor', 'BITBUCKET']) {
        await rejects(getAccessToken(user.id, provider), 'provider_unknown');
      }
      await rejects(getAccessToken(user.id), 'argument_invalid');
      await rejects(getAccessToken(undefined, 'bitbucket'), 'argument_invalid');
    });

    if (!isShared(database)) return;
    test('opens and re-seals what an older secret sealed', async (t) => {
      const { token, open, query } = await signedIn(t, { database });
      const sealed = async () => {
        const [row] = await query('SELECT tokens FROM kavach_oauth_accounts');
        return row.tokens;
      };
      const before = await sealed();
      const fresh = await token();
      assert.equal(await sealed(), before, 'the same secret: nothing to do');

      const alone = await open({ kavach: { secret: NEW_SECRET } });
      const error = await rejects(token(alone), 'reauthorization_required');
      assert.ok(!JSON.stringify([error.message, String(error.cause)]).includes(before));
      const both = await open({ kavach: { secret: [NEW_SECRET, SECRET] } });
      assert.deepEqual(await token(both), fresh);
      assert.notEqual(await sealed(), before);
      assert.deepEqual(await token(alone), fresh);
      await rejects(token(), 'reauthorization_required');
    });

    test('shows no token in the database, whatever refreshed it', async (t) => {
      const { token, query, bitbucket } = await signedIn(t, {
        database, bitbucket: { variant: 'announced' }, lifetime: 0,
      });
      const { accessToken } = await token();
      assert.equal(accessToken.length, 3000);
      const [row] = await query('SELECT * FROM kavach_oauth_accounts');
      const dump = JSON.stringify(row) + Buffer.from(row.tokens, 'base64url').toString('latin1');
      const { refresh_token } = refreshes(bitbucket)[0];
      for (const secret of [accessToken, refresh_token, 'standin', 'access_token', 'not-a-real']) {
        assert.ok(!dump.includes(secret), secret);
      }
    });

    if (database.canQuery !== 'write') return;
    test("opens no account's tokens for another", async (t) => {
      const { token, query, browser } = await signedIn(t, { database });
      await browser().signIn('kavya');
      const [jane, kavya] = await query(
        'SELECT id, tokens FROM kavach_oauth_accounts ORDER BY created_at',
      );
      const swap = 'UPDATE kavach_oauth_accounts SET tokens = ? WHERE id = ?';
      for (const tokens of [
        kavya.tokens, '', 'x', jane.tokens.slice(0, -2), `${jane.tokens}AA`, '{"access_token":"x"}',
      ]) {
        await query(swap, [tokens, jane.id]);
        await rejects(token(), 'reauthorization_required');
      }
      await query(swap, [jane.tokens, jane.id]);
      assert.equal((await token()).accessToken.length, 128);
    });

    test('waits for another process that refreshes, and takes over when it has died', async (t) => {
      const { token, query, bitbucket } = await signedIn(t, { database, lifetime: 0 });
      const until = Date.now() + 700;
      await query('UPDATE kavach_oauth_accounts SET lease_until = ?', [until]);
      const fresh = await token();
      assert.ok(Date.now() >= until);
      assert.ok(await works(bitbucket, fresh));
      assert.equal(refreshes(bitbucket).length, 1);
    });
  });
}
