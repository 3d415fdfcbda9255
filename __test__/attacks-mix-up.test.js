// Attacks 7 and 27 of the list as they need several providers: the answer of one at the callback of
// another, and the address that one of them gives out without having asked whose it is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app.js';
import { assertNobody } from './support/attack-app.js';
import { assertError, assertErrorPage } from './support/client.js';
import { custom, own, startWith } from './support/misbehaving-own.js';
import { ID, startOpenId } from './support/openid-app.js';

const CALLBACK = '/auth/oauth/callback';
const ADDRESS = 'jane@example.com';

describe('two providers', () => {
  for (const responseMode of ['query', 'form_post']) {
    test(`[7] the state of one at the callback of another, by ${responseMode}`, async (t) => {
      const { issuer, jane } = await startOpenId(t, { spare: true, provider: { responseMode } });
      const back = await jane.walk(await jane.authorize());
      const flow = jane.flowCookies();

      for (let i = 0; i < 2; i += 1) {
        assertErrorPage(await jane.arrive(elsewhere(back)), 'state_invalid');
        assert.deepEqual(jane.flowCookies(), flow, 'the flow is not burnt');
        await assertNobody(jane);
      }
      assert.deepEqual(issuer.sent('token'), [], 'the code is sent to nobody');

      const response = await jane.arrive(back);
      assert.equal(response.headers.get('location'), `${BASE_URL}/`);
      assert.equal((await jane.session()).user.email, ADDRESS);
    });
  }

  test('[7] as JSON the refusal has its code, and POST is no way round', async (t) => {
    const { jane } = await startOpenId(t, { spare: true });
    const { url } = elsewhere(await jane.walk(await jane.authorize()));
    await assertError(await jane.getJson(url), 400, 'state_invalid');
    const form = Object.fromEntries(new URL(url).searchParams);
    const posted = { method: 'POST', url: url.split('?')[0], form };
    assertErrorPage(await jane.arrive(posted), 'state_invalid');
    await assertNobody(jane);
  });

  test('[7] the code of one under the state of another signs nobody in', async (t) => {
    const { jane, kavach } = await startOpenId(t, { spare: true });
    const mine = await jane.walk(await jane.authorize({}, 'spare'));
    const stolen = await jane.walk(await jane.authorize());
    const mixed = new URL(mine.url);
    mixed.searchParams.set('code', new URL(stolen.url).searchParams.get('code'));
    assertErrorPage(await jane.arrive({ method: 'GET', url: mixed.href }), 'provider_error');
    await assertNobody(jane);
    assert.equal(await kavach.users.findByEmail(ADDRESS), null);
  });

  /** The same answer, at the callback of the other provider. */
  function elsewhere({ url, ...request }) {
    assert.ok(url.includes(`${CALLBACK}/${ID}`), url);
    return { ...request, url: url.replace(`${CALLBACK}/${ID}`, `${CALLBACK}/spare`) };
  }
});

describe('an address that a provider has not verified', () => {
  const victim = { id: 'jane', email: ADDRESS, emailVerified: true, name: 'Jane Example' };
  const honest = () => own({ getUserInfo: () => victim });

  /** What a provider may say of an address without saying that it is verified. */
  const claims = {
    'flag false': { email_verified: false },
    'no flag': {},
    'flag null': { email_verified: null },
    'flag 1': { email_verified: 1 },
    'flag "yes"': { email_verified: 'yes' },
    'flag under another name': { verified: true, emailVerified: true },
    'in other capitals': { email: ' JANE@Example.COM ', email_verified: false },
  };

  for (const [name, claim] of Object.entries(claims)) {
    test(`[27] leads to no local user: ${name}, in the user info`, async (t) => {
      await refuses(t, {
        provider: 'custom',
        providers: (issuer) => [honest(), custom(issuer)],
        fault: { userinfo: () => ({ sub: 'mallory', email: ADDRESS, ...claim }) },
      });
    });
  }

  for (const emailVerified of [false, undefined, null, 1, 'true']) {
    const flag = JSON.stringify(emailVerified) ?? 'no flag';
    test(`[27] leads to no local user: ${flag}, by a function of ours`, async (t) => {
      const mallory = { id: 'mallory', email: ADDRESS, emailVerified };
      await refuses(t, {
        provider: 'mallory',
        providers: () => [honest(), own({ id: 'mallory', getUserInfo: () => mallory })],
      });
    });
  }

  test('[27] is not made a verified one by mapProfile', async (t) => {
    const mapProfile = () => ({ email: ADDRESS, emailVerified: true, id: 'jane' });
    await refuses(t, {
      provider: 'custom',
      providers: (issuer) => [honest(), custom(issuer, { mapProfile })],
      fault: { userinfo: () => ({ sub: 'mallory', email: ADDRESS, email_verified: false }) },
    });
  });

  test('[27] may be linked by the user whose it is, and changes nothing about them', async (t) => {
    const app = await startWith(t, (issuer) => [honest(), custom(issuer)]);
    const { by: jane, user } = await app.assertSignsIn('own');
    const response = await jane.post('/auth/oauth/link', { provider: 'custom' });
    const { url } = await response.json();
    const fault = { userinfo: () => ({ sub: 'other', email: ADDRESS, email_verified: false }) };
    await jane.get(await app.back(url, 'custom', fault));
    assert.deepEqual(await providersOf(app, user), ['custom', 'own']);
    assert.deepEqual(await app.kavach.users.get(user.id), withDates(user));
  });

  /** Jane is there with the address verified; somebody comes with the same one unverified. */
  async function refuses(t, { provider, providers, fault }) {
    const app = await startWith(t, providers);
    const { user } = await app.assertSignsIn('own');
    const mallory = app.browser();
    await assertError(await app.signIn(provider, mallory, fault), 409, 'account_not_linked');
    await assertNobody(mallory);
    assert.deepEqual(await providersOf(app, user), ['own']);
    assert.deepEqual(await app.kavach.users.get(user.id), withDates(user));
    await app.assertRows({ users: 1, oauth_accounts: 1, sessions: 1 });
  }

  async function providersOf({ kavach }, { id }) {
    const accounts = await kavach.auth.getOAuthConnections(id);
    return accounts.map((account) => account.provider).toSorted();
  }

  /** As the library gives a user whom HTTP gave. */
  function withDates({ createdAt, updatedAt, ...user }) {
    return { ...user, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
  }
});
