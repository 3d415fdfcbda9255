// Providers that the library does not know: described by options, or made of the application's own
// functions, which may do anything but get somebody in who should not be.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { oauth } from '../auth.js';
import { rejects } from './support/app.js';
import { FAILS, NO_IDS, NO_OBJECTS, NO_TOKENS, NO_URLS } from './support/misbehaving-callbacks.js';
import {
  ACCESS_TOKEN, CALLBACK, PROFILE, REFRESH_TOKEN, custom, own, startWith,
} from './support/misbehaving-own.js';
import { CLIENT } from './support/misbehaving-issuer.js';

/** A function that does each of these in turn, and what is honest at last. */
function inTurn(cases, honest) {
  const left = [...cases];
  return (...args) => (left.shift() ?? honest)(...args);
}

describe('a provider that is described by options', () => {
  test('reads the profile with getUserProfile, at once or later', async (t) => {
    const read = (data) => ({
      id: `account-${data.sub}`, email: data.email, emailVerified: true, name: 'Read',
    });
    const { assertSignsIn, kavach, client } = await startWith(t, (issuer) => [
      custom(issuer, { getUserProfile: read }),
      custom(issuer, { id: 'later', getUserProfile: async (data) => read(data) }),
    ]);
    for (const id of ['custom', 'later']) {
      const { user } = await assertSignsIn(id);
      assert.equal(user.name, 'Read');
      assert.match(user.email, /^jane\d@example\.com$/);
      assert.equal(user.emailVerified, true);
      const [account] = await kavach.auth.getOAuthConnections(user.id);
      assert.match(account.providerAccountId, /^account-subject-\d$/);
    }
    const { providers } = await (await client.getJson('/auth/oauth/providers')).json();
    assert.deepEqual(providers, [
      { id: 'custom', name: 'Custom' }, { id: 'later', name: 'Custom' },
    ]);
  });

  test('reads the claims of OpenID without getUserProfile', async (t) => {
    const { assertSignsIn, kavach } = await startWith(t, (issuer) => [custom(issuer)]);
    const { user } = await assertSignsIn('custom');
    assert.deepEqual([user.name, user.emailVerified], ['Jane Example', true]);
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.match(account.providerAccountId, /^subject-\d$/);
  });

  test('takes an address for verified only when it is told so', async (t) => {
    for (const emailVerified of [undefined, false, null, 1, 'true', {}]) {
      const { assertSignsIn } = await startWith(t, (issuer) => [
        custom(issuer, { getUserProfile: () => ({ ...PROFILE, emailVerified }) }),
      ]);
      const { user } = await assertSignsIn('custom');
      assert.equal(user.emailVerified, false, inspect(emailVerified));
    }
  });

  test('may be an issuer, whose id_tokens are then verified', async (t) => {
    const { assertSignsIn, assertRefused } = await startWith(t, ({ url }) => [
      { id: 'corp', issuer: url, clientId: CLIENT.id, clientSecret: CLIENT.secret },
    ]);
    await assertRefused('corp', { claims: (payload) => delete payload.nonce });
    const { user } = await assertSignsIn('corp');
    assert.equal(user.name, 'Jane Example');
  });

  for (const [name, callback] of Object.entries({ ...FAILS, ...NO_OBJECTS })) {
    test(`ends the sign-in when getUserProfile ${said(name, callback)}`, async (t) => {
      const getUserProfile = inTurn([callback], () => PROFILE);
      const { assertRefused, assertSignsIn } = await startWith(t, (issuer) => [
        custom(issuer, { getUserProfile }),
      ]);
      assertReason(await assertRefused('custom'), callback);
      await assertSignsIn('custom');
    });
  }

  test('ends the sign-in when getUserProfile names no account', async (t) => {
    const getUserProfile = inTurn(
      Object.values(NO_IDS).map((change) => () => change(PROFILE)), () => PROFILE,
    );
    const { assertRefused, assertSignsIn } = await startWith(t, (issuer) => [
      custom(issuer, { getUserProfile }),
    ]);
    for (const name of Object.keys(NO_IDS)) await t.test(name, () => assertRefused('custom'));
    await assertSignsIn('custom');
  });
});

describe('a provider that is made of functions', () => {
  test('is asked for what a sign-in needs, with what it needs for that', async (t) => {
    const calls = [];
    const record = (name, answer) => (...args) => {
      calls.push([name, ...args]);
      return answer(...args);
    };
    const honest = own();
    const { assertSignsIn, kavach } = await startWith(t, [
      own({
        scopes: ['read'],
        getAuthorizationUrl: record('getAuthorizationUrl', async (...args) => {
          return honest.getAuthorizationUrl(...args);
        }),
        exchangeCode: record('exchangeCode', async () => honest.exchangeCode()),
        getUserInfo: record('getUserInfo', async () => PROFILE),
      }),
    ]);
    const { user } = await assertSignsIn('own');
    const { id, ...shown } = PROFILE;
    assert.deepEqual(user, { ...user, ...shown });
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.equal(account.providerAccountId, id);
    const [[, state, codeVerifier]] = calls;
    assert.match(state, /^[\w-]{43,}$/);
    assert.match(codeVerifier, /^[\w.~-]{43,128}$/);
    assert.deepEqual(calls, [
      ['getAuthorizationUrl', state, codeVerifier, `${CALLBACK}/own`],
      ['exchangeCode', 'a-code', codeVerifier, `${CALLBACK}/own`],
      ['getUserInfo', ACCESS_TOKEN],
    ]);
  });

  const honest = own();
  const functions = {
    getAuthorizationUrl: { ...FAILS, ...NO_OBJECTS, ...NO_URLS },
    exchangeCode: { ...FAILS, ...NO_OBJECTS, ...NO_TOKENS },
    getUserInfo: {
      ...FAILS,
      ...NO_OBJECTS,
      ...Object.fromEntries(Object.entries(NO_IDS).map(([name, change]) => {
        return [name, () => change(PROFILE)];
      })),
    },
  };
  for (const [callee, cases] of Object.entries(functions)) {
    test(`ends the sign-in when ${callee} fails or gives nonsense`, async (t) => {
      const misbehaving = inTurn(Object.values(cases), honest[callee]);
      const { assertRefused, assertSignsIn } = await startWith(t, [own({ [callee]: misbehaving })]);
      for (const [name, callback] of Object.entries(cases)) {
        await t.test(`${callee}: ${name}`, async () => {
          assertReason(await assertRefused('own'), callback);
        });
      }
      await assertSignsIn('own');
    });
  }

  test('may be an object of a class', async (t) => {
    class Directory {
      id = 'own';

      name = 'Our directory';

      #profile = PROFILE;

      getAuthorizationUrl(...args) {
        return honest.getAuthorizationUrl(...args);
      }

      exchangeCode() {
        return honest.exchangeCode();
      }

      getUserInfo() {
        return this.#profile;
      }
    }
    const { assertSignsIn } = await startWith(t, [new Directory()]);
    assert.equal((await assertSignsIn('own')).user.name, PROFILE.name);
  });

  test('whose functions repeat a secret in an error: it is taken out', async (t) => {
    let secrets = [ACCESS_TOKEN, REFRESH_TOKEN];
    const exchangeCode = inTurn([
      (code, codeVerifier, redirectUri) => {
        secrets = [...secrets, codeVerifier];
        throw new Error(`no: ${code} ${codeVerifier} ${redirectUri}`);
      },
    ], honest.exchangeCode);
    const getUserInfo = inTurn([
      (accessToken) => {
        throw new Error(`GET /me with Bearer ${accessToken} failed`);
      },
    ], () => PROFILE);
    const { assertRefused, assertSignsIn } = await startWith(t, [
      own({ exchangeCode, getUserInfo }),
    ]);
    const reasons = [await assertRefused('own'), await assertRefused('own')];
    for (const reason of reasons) {
      for (const secret of secrets) assert.ok(!reason.includes(secret), reason);
    }
    assert.match(reasons[1], /GET \/me with Bearer/);
    await assertSignsIn('own');
  });

  test('has its tokens revoked at unlinking, whatever comes of it', async (t) => {
    const revoked = [];
    const revokeToken = async (token) => {
      revoked.push(token);
      throw new Error('down');
    };
    const { assertSignsIn, back } = await startWith(t, [
      own({ revokeToken }), own({ id: 'second' }),
    ]);
    const { by } = await assertSignsIn('own');
    const { url } = await (await by.post('/auth/oauth/link', { provider: 'second' })).json();
    assert.equal((await by.getJson(await back(url, 'second'))).status, 302);
    const answer = await by.post('/auth/oauth/unlink', { provider: 'own' });
    assert.deepEqual(await answer.json(), { success: true });
    for (let i = 0; i < 100 && revoked.length === 0; i += 1) await sleep(10);
    assert.deepEqual(revoked, [REFRESH_TOKEN]);
  });
});

describe('the tokens of a provider that is made of functions', () => {
  const soon = () => new Date(Date.now() + 30_000);
  const later = () => new Date(Date.now() + 3_600_000);
  const past = () => new Date(Date.now() - 1_000);

  async function startAged(t, functions, expiresAt = past) {
    const exchangeCode = () => ({
      accessToken: ACCESS_TOKEN,
      refreshToken: REFRESH_TOKEN,
      expiresAt: expiresAt(),
      scopes: ['read'],
    });
    const app = await startWith(t, [own({ exchangeCode, ...functions })]);
    const { user } = await app.assertSignsIn('own');
    const get = (options) => app.kavach.auth.getAccessToken(user.id, 'own', options);
    return { ...app, get };
  }

  test('are refreshed by refreshTokens when they are due, once', async (t) => {
    const asked = [];
    const { get } = await startAged(t, {
      refreshTokens: async (refreshToken) => {
        asked.push(refreshToken);
        await sleep(50);
        return { accessToken: `fresh-${asked.length}`, expiresAt: later() };
      },
    });
    const all = await Promise.all(Array.from({ length: 10 }, () => get()));
    assert.deepEqual(new Set(all.map(({ accessToken }) => accessToken)), new Set(['fresh-1']));
    assert.ok(all[0].expiresAt > soon());
    assert.deepEqual(asked, [REFRESH_TOKEN]);
    // No new refresh token came, so the old one goes on (RFC 6749 6).
    await sleep(1_100);
    assert.equal((await get({ minValidity: 7_200 })).accessToken, 'fresh-2');
    assert.deepEqual(asked, [REFRESH_TOKEN, REFRESH_TOKEN]);
    // One that was given just now is as good as it gets.
    assert.equal((await get({ minValidity: 7_200 })).accessToken, 'fresh-2');
  });

  test('are given as they are while they last', async (t) => {
    const { get } = await startAged(t, {}, soon);
    const { accessToken, scopes } = await get({ minValidity: 0 });
    assert.deepEqual([accessToken, scopes], [ACCESS_TOKEN, ['read']]);
  });

  test('ask for a new sign-in when there is no refreshTokens', async (t) => {
    const { get } = await startAged(t, {});
    await rejects(get(), 'reauthorization_required');
  });

  test('survive a refreshTokens that fails or gives nonsense', async (t) => {
    const quoting = (refreshToken) => {
      throw new Error(`no: ${refreshToken}`);
    };
    const cases = { ...FAILS, ...NO_OBJECTS, ...NO_TOKENS, 'quotes the token': quoting };
    const fresh = () => ({ accessToken: 'fresh', expiresAt: later() });
    const { get } = await startAged(t, { refreshTokens: inTurn(Object.values(cases), fresh) });
    for (const [name, callback] of Object.entries(cases)) {
      await t.test(`refreshTokens: ${name}`, async () => {
        const error = await rejects(get(), 'provider_error');
        assert.ok(error.cause instanceof Error);
        assertReason(error.cause.message, callback);
        assert.ok(!inspect(error).includes(REFRESH_TOKEN), inspect(error));
      });
    }
    assert.equal((await get()).accessToken, 'fresh');
  });
});

describe('mapProfile', () => {
  const startMapped = (t, mapProfile) => startWith(t, ({ url }) => [
    { id: 'corp', issuer: url, clientId: CLIENT.id, clientSecret: CLIENT.secret, mapProfile },
  ]);
  const employed = {
    claims: (payload) => Object.assign(payload, { department: 'Sales', level: 7 }),
  };

  test('keeps what it adds, shows its name and picture, and changes nobody', async (t) => {
    const asked = [];
    const { assertSignsIn, kavach } = await startMapped(t, (profile, defaults) => {
      asked.push([profile, defaults]);
      return {
        id: 'somebody-else',
        email: 'evil@evil.example',
        emailVerified: true,
        name: `${defaults.name} (${profile.department})`,
        image: 'https://own.example/jane.png',
        department: profile.department,
        nested: { level: profile.level, list: [null, true, 'ü'] },
      };
    });
    const { by, user } = await assertSignsIn('corp', employed);
    const [[profile, defaults]] = asked;
    assert.deepEqual([profile.department, profile.email], ['Sales', user.email]);
    assert.deepEqual(defaults, {
      email: user.email, emailVerified: true, name: 'Jane Example', image: null,
    });
    assert.match(user.email, /^jane\d@example\.com$/);
    assert.equal(user.name, 'Jane Example (Sales)');
    assert.equal(user.image, 'https://own.example/jane.png');
    const extra = { department: 'Sales', nested: { level: 7, list: [null, true, 'ü'] } };
    assert.deepEqual(user.extra, extra);
    assert.deepEqual((await kavach.users.get(user.id)).extra, extra);
    assert.deepEqual((await kavach.auth.session.validate(by.token)).user.extra, extra);
    const [account] = await kavach.auth.getOAuthConnections(user.id);
    assert.match(account.providerAccountId, /^subject-\d$/);
    assert.equal(await kavach.users.findByEmail('evil@evil.example'), null);
  });

  test('cannot make an address verified', async (t) => {
    const { assertSignsIn } = await startMapped(t, () => ({ emailVerified: true }));
    const { user } = await assertSignsIn('corp', {
      claims: (payload) => {
        payload.email_verified = false;
      },
    });
    assert.equal(user.emailVerified, false);
  });

  test('may be asynchronous, and may add nothing', async (t) => {
    const { assertSignsIn, kavach } = await startMapped(t, async () => ({}));
    const { user } = await assertSignsIn('corp', employed);
    assert.deepEqual([user.name, user.extra], ['Jane Example', null]);
    assert.equal((await kavach.users.get(user.id)).extra, null);
  });

  test('changes nothing of a user who is known already', async (t) => {
    let level = 0;
    const { assertSignsIn, assertRows } = await startMapped(t, () => {
      level += 1;
      return { name: `Level ${level}`, level };
    });
    const jane = {
      claims: (payload) => Object.assign(payload, { sub: 'jane', email: 'jane@example.com' }),
    };
    const { user: first } = await assertSignsIn('corp', jane);
    const { user: again } = await assertSignsIn('corp', jane);
    assert.equal(again.id, first.id);
    assert.deepEqual([again.name, again.extra], ['Level 1', { level: 1 }]);
    await assertRows({ users: 1, oauth_accounts: 1 });
  });

  test('may add 16 KiB and no more', async (t) => {
    const sized = (bytes) => () => ({ note: 'n'.repeat(bytes - '{"note":""}'.length) });
    const mapProfile = inTurn(
      [sized(16_385), () => ({ note: 'ü'.repeat(9_000) }), sized(5 << 20)], sized(16_384),
    );
    const { assertRefused, assertSignsIn } = await startMapped(t, mapProfile);
    for (const size of ['a byte more', 'fewer characters', '5 MB']) {
      await t.test(size, () => assertRefused('corp'));
    }
    const { user } = await assertSignsIn('corp');
    assert.equal(user.extra.note.length, 16_373);
  });

  test('ends the sign-in when it fails or gives nonsense', async (t) => {
    // What has no fields of its own adds nothing, as an empty object does.
    const empty = ['an empty object', 'a map', 'an object of a class with getters'];
    const cases = Object.entries({ ...FAILS, ...NO_OBJECTS }).filter(([name]) => {
      return !empty.includes(name) && !/nothing of its own|__proto__/.test(name);
    });
    const bigint = ['a big number in a field', () => ({ level: 7n })];
    const all = [...cases, bigint];
    const mapProfile = inTurn(all.map(([, callback]) => callback), () => ({ level: 7 }));
    const { assertRefused, assertSignsIn } = await startMapped(t, mapProfile);
    for (const [name, callback] of all) {
      await t.test(`mapProfile: ${name}`, async () => {
        assertReason(await assertRefused('corp'), callback);
      });
    }
    assert.deepEqual((await assertSignsIn('corp')).user.extra, { level: 7 });
  });

  test('takes nothing from the prototype chain and puts nothing there', async (t) => {
    const gives = [
      () => Object.create({ admin: true }),
      () => JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
    ];
    for (const mapProfile of gives) {
      const { assertSignsIn } = await startMapped(t, mapProfile);
      const { user } = await assertSignsIn('corp');
      assert.equal(user.extra?.admin, undefined);
      assert.equal({}.admin, undefined);
    }
  });

  test('works beside getUserProfile, on what the provider said', async (t) => {
    const mapProfile = (profile) => ({ raw: profile.sub ?? null });
    const { assertSignsIn } = await startWith(t, (issuer) => [
      custom(issuer, { getUserProfile: () => PROFILE, mapProfile }),
    ]);
    const { user } = await assertSignsIn('custom');
    assert.match(user.extra.raw, /^subject-\d$/);
    assert.equal(user.name, PROFILE.name);
  });

  test('works for a provider that is made of functions', async (t) => {
    const { assertSignsIn } = await startWith(t, [
      own({
        getUserInfo: () => ({ ...PROFILE, raw: { team: 'blue' } }),
        mapProfile: (profile) => ({ team: profile.team }),
      }),
    ]);
    assert.deepEqual((await assertSignsIn('own')).user.extra, { team: 'blue' });
  });
});

test('a function that hangs is given up after ten seconds', async (t) => {
  const hang = () => new Promise(() => {});
  const hanging = [
    ...['getAuthorizationUrl', 'exchangeCode', 'getUserInfo'].map((callee) => {
      return ['own', () => [own({ [callee]: inTurn([hang], own()[callee]) })]];
    }),
    ['custom', (issuer) => [
      custom(issuer, { getUserProfile: inTurn([hang], () => PROFILE) }),
    ]],
    ['custom', (issuer) => [custom(issuer, { mapProfile: inTurn([hang], () => ({})) })]],
  ];
  await Promise.all(hanging.map(async ([id, providers]) => {
    const { assertRefused, assertSignsIn } = await startWith(t, providers);
    const started = Date.now();
    await assertRefused(id);
    const took = Date.now() - started;
    // The limit is ten seconds; a busy machine adds to it.
    assert.ok(took > 9_000 && took < 25_000, `${took} ms`);
    await assertSignsIn(id);
  }));
});

test('what describes a provider and what makes one do not go together', () => {
  const issuer = { url: 'https://custom.example' };
  for (const mixed of [
    custom(issuer, { getUserInfo: () => PROFILE }),
    own({ clientId: 'x', clientSecret: 'y' }),
    own({ getUserProfile: () => PROFILE }),
  ]) {
    assert.throws(() => oauth({ providers: [mixed] }), { code: 'config_invalid' });
  }
});

function said(name, callback) {
  return Object.values(FAILS).includes(callback) ? name : `gives ${name}`;
}

/** What a function said itself is passed on as the reason. */
function assertReason(reason, callback) {
  const { throws: thrown, rejects: rejected } = FAILS;
  if (callback === thrown || callback === rejected) assert.match(reason, /the directory is down/);
}
