// attacks.md 14, 15, 19 and 20: an OpenID provider that somebody has taken over, or that is mixed
// up with another. What its id_tokens can hold is in attacks-id-token.test.js.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BASE_URL } from './support/app.js';
import { assertNobody } from './support/attack-app.js';
import { inParallel } from './support/attack-hostile.js';
import { startTrap } from './support/attack-provider.js';
import { assertError } from './support/client.js';
import { startIssuerApp } from './support/misbehaving-app.js';
import { ADDRESSED, FOREIGN, INCOMPLETE, answers } from './support/misbehaving-documents.js';
import { sends } from './support/misbehaving-issuer.js';
import { ATTACKER, HONEST, signed } from './support/misbehaving-tokens.js';

const MB = 1 << 20;
const EVIL = 'https://evil.example';
const ANNOUNCED = { document: { authorization_response_iss_parameter_supported: true } };

describe('the issuer that a callback names', { concurrency: 2 }, () => {
  /** What is wrong whether or not the metadata announces the parameter (RFC 9207 2.4). */
  const wrong = (url) => ({
    'of another issuer': (query) => query.set('iss', EVIL),
    'with a slash more': (query) => query.set('iss', `${url}/`),
    'with a path more': (query) => query.set('iss', `${url}/x`),
    'in capitals': (query) => query.set('iss', url.toUpperCase()),
    'by another name of the host': (query) => {
      query.set('iss', url.replace('127.0.0.1', 'localhost'));
    },
    'encoded twice': (query) => query.set('iss', encodeURIComponent(url)),
    'with a blank behind': (query) => query.set('iss', `${url} `),
    'of 100 kB': (query) => query.set('iss', url.padEnd(100_000, '/')),
  });

  for (const [when, options] of Object.entries({ announced: ANNOUNCED, unannounced: {} })) {
    test(`[14] ${when}, is refused when it is wrong, and the code stays here`, async (t) => {
      const { issuer, assertRefused, assertSignsIn } = await startIssuerApp(t, options);
      const right = { back: (query) => query.set('iss', issuer.url) };
      for (const [name, back] of Object.entries(wrong(issuer.url))) {
        await t.test(`[14] an iss ${name} is refused`, async () => {
          const exchanges = issuer.count('token');
          await assertRefused({ back });
          assert.equal(issuer.count('token'), exchanges, 'the code was sent to nobody');
          await assertSignsIn(right);
        });
      }
    });
  }

  test('[14] is refused when it is missing though announced', async (t) => {
    const { issuer, assertRefused, assertSignsIn } = await startIssuerApp(t, ANNOUNCED);
    await assertRefused();
    // A parameter without a value counts as left out (RFC 6749 3.1).
    await assertRefused({ back: (query) => query.set('iss', '') });
    await assertRefused({ back: (query) => query.set('ISS', issuer.url) });
    await assertRefused({ back: (query) => query.set('iss[]', issuer.url) });
    assert.equal(issuer.count('token'), 0);
    await assertSignsIn({ back: (query) => query.set('iss', issuer.url) });
  });

  test('[14] need not be there when it is not announced', async (t) => {
    const { assertSignsIn } = await startIssuerApp(t);
    await assertSignsIn();
  });

  test('[14] is refused when it is given twice', async (t) => {
    const { app, issuer, attempt, assertSignsIn } = await startIssuerApp(t, ANNOUNCED);
    const { url } = issuer;
    for (const pair of [[url, url], [EVIL, url], [url, EVIL]]) {
      const by = app.browser();
      const back = (query) => pair.forEach((iss) => query.append('iss', iss));
      const { status } = await attempt(by, { back });
      // As a parameter given twice, or as an issuer that is none.
      assert.ok([400, 502].includes(status), `${status} for ${pair}`);
      await assertNobody(by);
      await app.assertRows({ users: 0, oauth_accounts: 0, sessions: 0 });
    }
    assert.equal(issuer.count('token'), 0);
    await assertSignsIn({ back: (query) => query.set('iss', url) });
  });

  test('[14] is checked on an error as well', async (t) => {
    const { app, issuer, assertSignsIn } = await startIssuerApp(t, ANNOUNCED);
    const failed = async (edit) => {
      const by = app.browser();
      const start = new URL(await by.authorize({}, 'issuer'));
      const back = new URL(start.searchParams.get('redirect_uri'));
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('state', start.searchParams.get('state'));
      edit(back.searchParams);
      const response = await by.getJson(back.href);
      await assertNobody(by);
      return response;
    };
    const edits = [...Object.values(wrong(issuer.url)), (query) => query.delete('iss')];
    for (const edit of edits) await assertError(await failed(edit), 502, 'provider_error');
    const right = await failed((query) => query.set('iss', issuer.url));
    await assertError(right, 403, 'access_denied');
    await assertSignsIn({ back: (query) => query.set('iss', issuer.url) });
  });
});

// A document is kept once it is good, so each case has an instance of its own. A failure is kept
// for a moment as well, so most of the time goes by waiting.
describe('a discovery document', { concurrency: 16 }, () => {
  const refusedBeforeTheBrowserLeaves = async (t, misbehave) => {
    const { issuer, assertRefused, assertRecovers } = await startIssuerApp(t);
    const good = await (await fetch(`${issuer.url}/.well-known/openid-configuration`)).json();
    misbehave(issuer, good);
    await assertRefused();
    assert.deepEqual([issuer.count('authorize'), issuer.count('token')], [0, 0]);
    await assertRecovers();
  };

  for (const [name, change] of Object.entries(FOREIGN)) {
    test(`[15] whose issuer differs by ${name} is refused`, async (t) => {
      await refusedBeforeTheBrowserLeaves(t, (issuer) => issuer.change('discovery', change));
    });
  }

  for (const [name, change] of Object.entries({ ...ADDRESSED, ...INCOMPLETE })) {
    test(`[15] with ${name} is refused`, async (t) => {
      await refusedBeforeTheBrowserLeaves(t, (issuer) => issuer.change('discovery', change));
    });
  }

  for (const name of Object.keys(answers({}))) {
    test(`[15] that is ${name} is refused`, async (t) => {
      await refusedBeforeTheBrowserLeaves(t, (issuer, good) => {
        issuer.replace('discovery', answers(good)[name]);
      });
    });
  }

  test('[15] cannot make sign-out lead to a script', async (t) => {
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'http://evil.example/']) {
      const { app, attempt } = await startIssuerApp(t, {
        document: { end_session_endpoint: address },
      });
      const by = app.browser();
      const response = await attempt(by);
      if (response.status !== 302) {
        await assertError(response, 502, 'provider_error');
        continue;
      }
      const answer = await by.post('/auth/sign-out', { provider: 'issuer', redirectTo: '/' });
      assert.equal(answer.status, 200);
      assert.doesNotMatch(await answer.text(), /javascript:|data:|evil/);
    }
  });
});

describe('the keys of an issuer', { concurrency: 8 }, () => {
  for (const name of Object.keys(answers({}))) {
    test(`[16] that come as ${name} are refused`, async (t) => {
      const { issuer, assertRefused, assertRecovers } = await startIssuerApp(t);
      issuer.replace('jwks', answers({ keys: [HONEST.jwk] })[name]);
      await assertRefused();
      await assertRecovers();
    });
  }

  test('[16] of 10 MB are refused', async (t) => {
    const { issuer, assertRefused, assertRecovers } = await startIssuerApp(t);
    const body = JSON.stringify({ keys: [HONEST.jwk], padding: 'x'.repeat(10 * MB) });
    issuer.replace('jwks', sends(body));
    await assertRefused();
    await assertRecovers();
  });

  for (const [name, keys] of Object.entries({
    'an object': { honest: HONEST.jwk }, 'null': null, 'an empty list': [], 'text': 'keys',
  })) {
    test(`[16] that are ${name} are refused`, async (t) => {
      const { issuer, assertRefused, assertRecovers } = await startIssuerApp(t);
      issuer.change('jwks', () => ({ keys }));
      await assertRefused();
      await assertRecovers();
    });
  }

  test('[16] may be a thousand', async (t) => {
    const keys = Array.from({ length: 999 }, (_, i) => ({ ...ATTACKER.jwk, kid: `key-${i}` }));
    const { issuer, assertRefused, assertSignsIn } = await startIssuerApp(t, { keys });
    await assertSignsIn();
    await assertRefused({
      idToken: ({ header, payload }) => signed(header, payload, ATTACKER.privateKey),
    });
    assert.ok(issuer.count('jwks') <= 2);
  });

  test('[16] may come as what they are (RFC 7517 8.5.2)', async (t) => {
    const { issuer, assertSignsIn } = await startIssuerApp(t);
    const body = JSON.stringify({ keys: [HONEST.jwk] });
    issuer.replace('jwks', sends(body, { type: 'application/jwk-set+json' }));
    await assertSignsIn();
  });

  test('[16] may lie among some that nobody knows (RFC 7517 5)', async (t) => {
    const keys = [
      { kty: 'FUTURE', kid: 'x' }, { kty: 'RSA', kid: 'no modulus', e: 'AQAB' }, {},
      { kty: 'EC', kid: 'curve', crv: 'secp256k1', x: 'AA', y: 'AA' }, { kty: 'RSA', n: '!', e: 7 },
      { kty: 'EC', kid: 'nowhere', crv: 'P-256', x: 'AA', y: 'AA' }, { kty: 7 },
    ];
    const { assertSignsIn } = await startIssuerApp(t, { keys });
    await assertSignsIn();
  });
});

describe('a storm', () => {
  const kidOf = (kid, key) => ({ header, payload }) => {
    return signed({ ...header, kid: kid() }, payload, key.privateKey);
  };

  async function storm(t, idToken) {
    const { app, issuer, attempt, assertSignsIn } = await startIssuerApp(t);
    await assertSignsIn();
    const started = Date.now();
    const flows = Array.from({ length: 100 }, (_, i) => i);
    await inParallel(flows, async (i) => {
      const by = app.browser();
      await assertError(await attempt(by, { idToken }), 502, 'provider_error');
      await assertNobody(by);
      // Whoever has a good token gets in meanwhile.
      if (i % 10 === 0) {
        const honest = await attempt(app.browser());
        assert.equal(honest.headers.get('location'), `${BASE_URL}/`);
      }
    });
    await assertSignsIn();
    const refetches = 1 + Math.ceil((Date.now() - started) / 5_000);
    assert.ok(issuer.count('jwks') <= 1 + refetches, `${issuer.count('jwks')} requests for keys`);
    assert.equal(issuer.count('discovery'), 1);
    await app.assertRows({ users: 10, oauth_accounts: 10, sessions: 10 });
  }

  test('[19] of unknown kids leaves the keys alone but for a refetch', async (t) => {
    await storm(t, kidOf(randomUUID, ATTACKER));
  });

  test('[19] of unknown kids under good signatures does so too', async (t) => {
    await storm(t, kidOf(randomUUID, HONEST));
  });

  test('[19] of bad signatures under the known kid does so too', async (t) => {
    await storm(t, kidOf(() => HONEST.kid, ATTACKER));
  });

  test('[19] is told from a new key of the issuer, which is found', async (t) => {
    const { issuer, assertSignsIn, attempt, app } = await startIssuerApp(t);
    await assertSignsIn();
    issuer.change('jwks', (body) => ({ keys: [...body.keys, ATTACKER.jwk] }));
    const idToken = kidOf(() => ATTACKER.kid, ATTACKER);
    const deadline = Date.now() + 6_500;
    while ((await attempt(app.browser(), { idToken })).status !== 302) {
      assert.ok(Date.now() < deadline, 'a new key is not found');
      await sleep(250);
    }
    assert.ok(issuer.count('jwks') <= 3);
  });
});

describe('a redirect', { concurrency: true }, () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`[20] of status ${status} is followed from no endpoint of an issuer`, async (t) => {
      const trap = await startTrap(t);
      const targets = [
        () => `${trap.url}/steal`,
        () => trap.url.replace('127.0.0.1', 'localhost'),
        ({ url }) => `${url}/elsewhere`,
      ];
      // Each on its own instance, since what was fetched once is not asked for again.
      for (const kind of ['discovery', 'jwks', 'token', 'userinfo']) {
        for (const target of targets) {
          const { issuer, assertRefused, assertRecovers } = await startIssuerApp(t);
          issuer.replace(kind, sends('{}', { status, location: target(issuer) }));
          await assertRefused(kind === 'userinfo' ? { userinfo: (body) => body } : {});
          assert.ok(issuer.count(kind) > 0, `${kind} was asked`);
          await assertRecovers();
          assert.ok(issuer.requests.every(({ path }) => !path.includes('elsewhere')), kind);
        }
      }
      assert.deepEqual(trap.reached, []);
    });
  }
});
