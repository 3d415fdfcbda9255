// attacks.md 16-18: an id_token that is forged, for somebody else, or contradicted.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app.js';
import { assertNobody } from './support/attack-app.js';
import { startTrap } from './support/attack-provider.js';
import { assertError } from './support/client.js';
import { AUTHORIZE, startIssuerApp } from './support/misbehaving-app.js';
import { ACCEPTED, REFUSED } from './support/misbehaving-claims.js';
import {
  CRITICAL, ELLIPTIC, MALFORMED, OTHER_ALGORITHMS, SHARED, SOUND, SYMMETRIC, UNSIGNED, otherKeys,
} from './support/misbehaving-signatures.js';
import { HONEST, KEYS, signed } from './support/misbehaving-tokens.js';

const MB = 1 << 20;
const PUBLISHED = [...Object.values(KEYS).map(({ jwk }) => jwk), SHARED];
const announcing = (...algorithms) => ({
  keys: PUBLISHED, document: { id_token_signing_alg_values_supported: algorithms },
});

// Every file of cases has an instance of its own; after each case an honest sign-in works on it.
describe('an id_token', { concurrency: 2 }, () => {
  test('[16] without a signature is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256'));
    for (const [name, idToken] of Object.entries(UNSIGNED)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn();
      });
    }
  });

  test('[16] signed with what everybody knows, or our secret, is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256'));
    for (const [name, idToken] of Object.entries(SYMMETRIC)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn();
      });
    }
  });

  test('[16] of alg none or HS256 is refused even where it is announced', async (t) => {
    const announced = announcing('RS256', 'none', 'HS256', 'HS384', 'HS512');
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announced);
    for (const [name, idToken] of Object.entries({ ...UNSIGNED, ...SYMMETRIC })) {
      await t.test(`[16] ${name}, announced, is refused`, () => assertRefused({ idToken }));
    }
    await assertSignsIn();
  });

  test('[16] of an algorithm that is not announced, or too odd, is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256'));
    for (const [name, idToken] of Object.entries(OTHER_ALGORITHMS)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn();
      });
    }
  });

  test('[16] of an algorithm that is announced is accepted when it is sound', async (t) => {
    const { assertSignsIn } = await startIssuerApp(t, announcing(...Object.keys(SOUND)));
    for (const [alg, idToken] of Object.entries(SOUND)) {
      await t.test(`[16] ${alg} is accepted`, () => assertSignsIn({ idToken }));
    }
  });

  test('[16] that forges a signature on a curve is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256', 'ES256'));
    for (const [name, idToken] of Object.entries(ELLIPTIC)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn({ idToken: SOUND.ES256 });
      });
    }
  });

  test('[16] signed with a key of somebody else is refused, and nothing fetched', async (t) => {
    const trap = await startTrap(t);
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256'));
    for (const [name, idToken] of Object.entries(otherKeys(`${trap.url}/keys`))) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn();
      });
    }
    assert.deepEqual(trap.reached, []);
  });

  test('[16] with a critical header that nobody understands is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256'));
    for (const [name, idToken] of Object.entries(CRITICAL)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn();
      });
    }
  });

  test('[16] that is none is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t, announcing('RS256'));
    for (const [name, idToken] of Object.entries(MALFORMED)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused({ idToken });
        await assertSignsIn();
      });
    }
  });

  test('[16] that is missing, null or of 1 MB is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t);
    const answers = {
      'a sign-in without an id_token': { answer: (body) => delete body.id_token },
      'an id_token that is null': {
        answer: (body) => {
          body.id_token = null;
        },
      },
      'an id_token of 1 MB': {
        claims: (payload) => {
          payload.padding = 'x'.repeat(MB);
        },
      },
    };
    for (const [name, fault] of Object.entries(answers)) {
      await t.test(`[16] ${name} is refused`, async () => {
        await assertRefused(fault);
        await assertSignsIn();
      });
    }
  });

  test('[17] with claims that are wrong or missing is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t);
    for (const [name, claims] of Object.entries(REFUSED)) {
      await t.test(`[17] ${name} is refused`, async () => {
        await assertRefused({ claims });
        await assertSignsIn();
      });
    }
  });

  test('[17] with claims that are only odd is accepted', async (t) => {
    const { assertSignsIn } = await startIssuerApp(t);
    for (const [name, claims] of Object.entries(ACCEPTED)) {
      await t.test(`[17] ${name} is accepted`, () => assertSignsIn({ claims }));
    }
  });

  test('[17] whose at_hash is that of its access token is accepted', async (t) => {
    const { assertSignsIn } = await startIssuerApp(t);
    await assertSignsIn({
      idToken: ({ header, payload, accessToken }) => {
        // The left half, in base64url (OpenID Connect Core 3.1.3.6).
        const half = createHash('sha256').update(accessToken).digest().subarray(0, 16);
        const claims = { ...payload, at_hash: half.toString('base64url') };
        return signed(header, claims, HONEST.privateKey);
      },
    });
  });

  test('[17] of another sign-in, or with its nonce, is refused', async (t) => {
    const { app, issuer, attempt, ...provider } = await startIssuerApp(t);
    let stolen;
    await provider.assertSignsIn({
      idToken: ({ token }) => {
        stolen = token;
        return token;
      },
    });
    assert.match(stolen, /^eyJ/);
    await provider.assertRefused({ idToken: () => stolen });

    // Two sign-ins of one browser: neither takes the id_token of the other.
    const by = app.browser();
    const { headers } = await by.getJson(AUTHORIZE);
    const nonce = new URL(headers.get('location')).searchParams.get('nonce');
    assert.match(nonce, /^[\w-]{22,}$/);
    const claims = (payload) => {
      assert.notEqual(payload.nonce, nonce);
      payload.nonce = nonce;
    };
    await assertError(await attempt(by, { claims }), 502, 'provider_error');
    await assertNobody(by);
    const back = await issuer.approve(headers.get('location'));
    assert.equal((await by.getJson(back)).headers.get('location'), `${BASE_URL}/`);
  });

  test('[17] that does not show the recent sign-in that was asked for is refused', async (t) => {
    const { assertRefused, assertSignsIn } = await startIssuerApp(t);
    const signedInAt = (change) => ({
      query: '?max_age=300',
      claims: (payload) => {
        payload.auth_time = change(Math.floor(Date.now() / 1000));
      },
    });
    for (const [name, change] of Object.entries({
      'missing': () => undefined,
      'an hour ago': (now) => now - 3_600,
      'text': String,
      'null': () => null,
    })) {
      await t.test(`[17] an auth_time that is ${name} is refused`, async () => {
        await assertRefused(signedInAt(change));
        await assertSignsIn(signedInAt((now) => now));
      });
    }
    await assertSignsIn();
  });

  test('[18] whose sub is not that of the user info is refused', async (t) => {
    const { issuer, assertRefused, assertSignsIn } = await startIssuerApp(t);
    const subs = {
      'another': () => 'somebody else',
      'one in capitals': (sub) => sub.toUpperCase(),
      'one with a blank': (sub) => `${sub} `,
      'one with more behind': (sub) => `${sub}0`,
      'an empty one': () => '',
      'a number': () => 7,
      'null': () => null,
      'a list': (sub) => [sub],
      'none': () => undefined,
    };
    for (const [name, change] of Object.entries(subs)) {
      await t.test(`[18] ${name} is refused`, async () => {
        const asked = issuer.count('userinfo');
        await assertRefused({ userinfo: (body) => ({ ...body, sub: change(body.sub) }) });
        assert.equal(issuer.count('userinfo'), asked + 1);
        await assertSignsIn();
      });
    }
    await t.test('[18] a user info that is no object is refused', async () => {
      await assertRefused({ userinfo: (body) => [body] });
      await assertSignsIn();
    });
  });

  test('[18] and a user info that agree are believed', async (t) => {
    const { issuer, assertSignsIn } = await startIssuerApp(t);
    const user = await assertSignsIn({ userinfo: (body) => body });
    assert.equal(issuer.count('userinfo'), 1);
    assert.deepEqual([user.name, user.emailVerified], ['Jane Example', true]);
  });
});
