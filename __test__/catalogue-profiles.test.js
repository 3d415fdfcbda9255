// Who a provider says the user is, and what we make of it: each fixture through a whole sign-in.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ids, profilesOf, startCatalogue, startProvider } from './support/catalogue.js';

for (const id of ids) {
  describe(`profiles of ${id}`, () => {
    let standIn;
    before(async () => {
      standIn = await startProvider(id);
    });
    after(() => standIn.close());

    for (const { case: name, profile, ...answers } of profilesOf(id)) {
      const isRefused = profile === 'refused';
      test(`${name}${isRefused ? ' is refused' : ''}`, async (t) => {
        const { signIn, stored, calls, client } = await startCatalogue(t, id, { standIn });
        const { user, error, location } = await signIn(answers);
        if (isRefused) {
          assert.equal(error, 'provider_error');
          assert.equal(user, null);
          assert.equal(client.token, undefined);
          return;
        }
        assert.ok(user, location.search);
        assert.deepEqual(await stored(user.id), profile);
        assert.ok(calls().length <= 3, String(calls()));
      });
    }
  });
}

// Its stand-in, like Roblox, keeps the claim from ordinary applications.
test('an address that Roblox gives after all counts, by its flag', async (t) => {
  const [{ profile, ...answers }] = profilesOf('roblox');
  for (const flag of [true, false, undefined]) {
    const { signIn, stored, standIn } = await startCatalogue(t, 'roblox');
    standIn.forgeIdToken = ({ claims, header }) => ({
      claims: { ...claims, email: 'Jane@Example.com', email_verified: flag },
      header,
    });
    const { user, location } = await signIn(answers);
    assert.ok(user, location.search);
    const expected = { ...profile, email: 'jane@example.com', emailVerified: flag === true };
    assert.deepEqual(await stored(user.id), expected);
  }
});

test('the fixtures tell of a user, of another, and of nobody, for every provider', () => {
  for (const id of ids) {
    const cases = profilesOf(id);
    const names = cases.map((item) => item.case);
    assert.equal(new Set(names).size, names.length, `${id}: each case has a name of its own`);
    assert.notEqual(cases[0].profile.id, cases[1].profile.id, id);
    assert.ok(cases.some(({ profile }) => profile === 'refused'), id);
    for (const { case: name, profile } of cases) {
      if (profile === 'refused') continue;
      assert.deepEqual(Object.keys(profile), KEYS, `${id}: ${name}`);
      assert.ok(profile.email !== null || profile.emailVerified === false, `${id}: ${name}`);
    }
  }
});

const KEYS = ['id', 'email', 'emailVerified', 'name', 'image'];
