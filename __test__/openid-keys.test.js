// The provider's keys: every algorithm, and new keys while the application runs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertErrorPage } from './support/client.js';
import { startOpenId } from './support/openid-app.js';
import { newKeySet } from './support/openid-keys.js';

describe('the signature of the id_token', () => {
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
    test(`may be ${alg}`, async (t) => {
      const client = { id_token_signed_response_alg: alg };
      const { issuer, jane } = await startOpenId(t, { client });
      await jane.signIn();
      assert.equal((await jane.session()).user.email, 'jane@example.com');
      assert.deepEqual(issuer.backChannel().sort(), ['discovery', 'jwks', 'token', 'userinfo']);
    });
  }

  test('is found among several keys of one kind', async (t) => {
    const jwks = { keys: [...newKeySet().keys, ...newKeySet().keys] };
    const { jane } = await startOpenId(t, { issuer: { jwks } });
    await jane.signIn();
    assert.ok(await jane.session());
  });

  test('may not be one that is made with the client secret', async (t) => {
    const { jane } = await startOpenId(t, {
      client: { id_token_signed_response_alg: 'HS256' },
      issuer: { enabledJWA: { idTokenSigningAlgValues: ['HS256', 'RS256'] } },
    });
    assertErrorPage(await jane.signIn(), 'provider_error');
    assert.equal(await jane.session(), null);
  });
});

describe('a provider that changes its keys', () => {
  test('is followed at the next sign-in, with one look at them', async (t) => {
    const { issuer, jane, person } = await startOpenId(t);
    await jane.signIn();
    issuer.rotateKeys();
    issuer.forget();
    const other = person();
    await other.signIn();
    assert.equal((await other.session()).user.id, (await jane.session()).user.id);
    assert.deepEqual(issuer.backChannel().sort(), ['jwks', 'token', 'userinfo']);

    issuer.forget();
    await person().signIn();
    assert.deepEqual(issuer.backChannel(), ['token', 'userinfo']);
  });

  test('is looked at once by many who come at the same time', async (t) => {
    const { issuer, jane, person } = await startOpenId(t);
    await jane.signIn();
    issuer.rotateKeys();
    issuer.forget();
    const people = await Promise.all(Array.from({ length: 8 }, async () => {
      const who = person();
      await who.signIn();
      return who;
    }));
    for (const who of people) assert.ok(await who.session());
    assert.equal(issuer.sent('jwks').length, 1);
  });
});
