// `denyPrivateNetworks`: for endpoints that an application takes from its tenants.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { bitbucketProvider } from 'kavachos/auth';

import { startBitbucket } from '../testing/server.js';

const REDIRECT_URI = 'https://your-app.com/callback';
let bitbucket;

before(async () => {
  const consumer = { key: 'id', secret: 'secret', callbackUrl: REDIRECT_URI };
  bitbucket = await startBitbucket({ consumer });
});
after(() => bitbucket.close());

/** The stand-in under another name for this machine. */
function endpoints(host) {
  const named = Object.entries(bitbucket.endpoints).map(([option, endpoint]) => {
    const url = new URL(endpoint);
    url.hostname = host;
    return [option, url.href];
  });
  return Object.fromEntries(named);
}

async function refusal(provider) {
  const calls = [
    provider.exchangeCode('code', 'v'.repeat(43), REDIRECT_URI),
    provider.getUserInfo('token'),
  ];
  const settled = await Promise.allSettled(calls);
  return settled.map(({ reason }) => reason?.code);
}

for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1']) {
  test(`an endpoint at ${host} is not called when private networks are denied`, async () => {
    bitbucket.reset();
    const provider = bitbucketProvider('id', 'secret', {
      ...endpoints(host),
      denyPrivateNetworks: true,
    });
    assert.deepEqual(await refusal(provider), ['provider_error', 'provider_error']);
    assert.equal(bitbucket.count(), 0);
  });
}

test('the same endpoints are called when nothing is denied', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    bitbucket.reset();
    const provider = bitbucketProvider('id', 'secret', endpoints(host));
    // The code and the token are invented, so the stand-in refuses them: but it was asked.
    assert.deepEqual(await refusal(provider), ['provider_error', 'provider_error']);
    assert.ok(bitbucket.count() >= 2);
  }
});

test('the option is a switch', () => {
  assert.throws(() => bitbucketProvider('id', 'secret', { denyPrivateNetworks: 'yes' }), {
    code: 'config_invalid',
    message: /denyPrivateNetworks/,
  });
});
