// Every provider of the catalogue, by the facts that were collected about it and against a stand-in
// that is as strict as the provider.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';

import { oauth } from '../auth.js';
import { rejects } from './support/app.js';
import {
  baseUrlOf,
  fromCreate,
  fromFactory,
  fromObject,
  hasCreate,
  ids,
  openInstance,
  profilesOf,
  startCatalogue,
} from './support/catalogue.js';
import { assertError } from './support/client.js';
import { factsOf, knownIds } from './support/stand-in/facts.js';
import { startStandIn } from './support/stand-in/server.js';

const SECRET = 'client-secret-of-the-test';
const SAMPLES = {
  auth0: { domain: 'example.eu.auth0.com' },
  okta: { domain: 'example.okta.com' },
  cognito: {
    domain: 'login.example.com',
    region: 'eu-west-1',
    userPoolId: 'eu-west-1_AbCdEfGhI',
  },
};
const sample = (id) => ({ clientId: 'client-id', clientSecret: SECRET, ...SAMPLES[id] });
const created = ids.filter(hasCreate);
const [janes, others] = [0, 1].map((at) => (id) => profilesOf(id)[at]);
/** The same with a token that is due at once. */
const due = (profile) => ({ ...profile, token: { ...profile.token, expires_in: 0 } });

test('the catalogue is what the facts are about', () => {
  const known = knownIds().filter((id) => id !== 'generic-oidc');
  assert.deepEqual(ids.toSorted(), known.toSorted());
  assert.equal(ids.length, 39);
  assert.equal(created.length, 12);
});

for (const id of ids) {
  describe(id, () => {
    const facts = factsOf(id);

    test('is the same provider however it is configured', async (t) => {
      const provider = fromFactory(id, sample(id));
      const urls = [await authorizationUrl(t, id, provider)];
      if (created.includes(id)) {
        const other = fromCreate(id, sample(id));
        assert.deepEqual({ ...other }, { ...provider });
        urls.push(await authorizationUrl(t, id, other));
      }
      urls.push(await authorizationUrl(t, id, fromObject(id, sample(id))));
      const [first, ...rest] = urls.map(withoutRandom);
      for (const url of rest) assert.deepEqual(url, first);
    });

    test('has the endpoints and scopes of the facts', () => {
      const { authorizationUrl, tokenUrl, userInfoUrl, scopes, ...provider } = fromFactory(
        id, sample(id),
      );
      assert.equal(provider.id, id);
      assert.deepEqual({ authorizationUrl, tokenUrl, userInfoUrl }, endpoints(id));
      assert.deepEqual(scopes, facts.recommended_scopes);
    });

    test('is asked with the parameters of the facts', async (t) => {
      const url = await authorizationUrl(t, id, fromFactory(id, sample(id)));
      const { state, nonce, code_challenge: challenge, ...rest } = paramsOf(url);
      const { code_challenge_method: method, ...params } = rest;
      assert.equal(`${url.origin}${url.pathname}`, endpoints(id).authorizationUrl);
      assert.equal(url.hash, id === 'wechat' ? '#wechat_redirect' : '');
      assert.deepEqual(params, {
        response_type: 'code',
        [facts.renamed_parameters.client_id?.split(' ')[0] ?? 'client_id']: 'client-id',
        redirect_uri: `${baseUrlOf(id)}/api/kavach/auth/oauth/callback/${id}`,
        ...(facts.recommended_scopes.length > 0 && {
          scope: facts.recommended_scopes.join(facts.scope_separator),
        }),
        ...extraParams(facts),
      });
      assert.match(state, /^[\w-]{43,}$/);
      assert.equal(method, takesPkce(facts) ? 'S256' : undefined);
      if (takesPkce(facts)) assert.match(challenge, /^[\w-]{43}$/);
      else assert.equal(challenge, undefined);
      // LinkedIn does not give it back, so it may be left out there.
      if (id !== 'linkedin') assert.equal(nonce !== undefined, facts.kind === 'oidc');
    });

    test('shows no secret, however it is printed', async () => {
      const provider = fromFactory(id, sample(id));
      const verifier = randomBytes(32).toString('base64url');
      const url = await provider.getAuthorizationUrl('s', verifier, 'https://app.example/back');
      for (const value of [provider, [provider], oauth({ providers: [provider] }), { provider }]) {
        const prints = [
          inspect(value, { showHidden: true, depth: 9, getters: true }),
          JSON.stringify(value),
          String(value),
        ];
        for (const print of prints) assert.ok(!print.includes(SECRET), print);
      }
      assert.ok(!url.includes(SECRET) && !url.includes(verifier));
      if (!takesPkce(facts)) return;
      const hash = createHash('sha256').update(verifier).digest('base64url');
      assert.equal(new URL(url).searchParams.get('code_challenge'), hash);
    });

    for (const build of [fromFactory, ...(created.includes(id) ? [fromCreate] : []), fromObject]) {
      test(`signs a user in, with no call too many, configured ${build.name}`, async (t) => {
        const { signIn, stored, calls } = await startCatalogue(t, id, { build });
        const jane = janes(id);
        const { user, location } = await signIn(jane);
        assert.ok(user, location.search);
        assert.equal(location.pathname, '/');
        assert.deepEqual(await stored(user.id), jane.profile);
        assert.deepEqual(calls(), callsFor(jane));

        // The second time it is the same user, and keys and metadata are known.
        const again = await signIn(jane);
        assert.equal(again.user.id, user.id);
      });
    }

    test('keeps the access token', async (t) => {
      const { signIn, kavach, standIn } = await startCatalogue(t, id);
      const { user } = await signIn(janes(id));
      const made = standIn.requests.length;
      const token = await kavach.auth.getAccessToken(user.id, id);
      assert.match(token.accessToken, /\S/);
      assert.ok(token.expiresAt === null || token.expiresAt > new Date());
      const isText = /expires_in (is|as) a string/i.test(facts.token_response_quirks);
      if (isText) assert.ok(token.expiresAt instanceof Date, 'a lifetime as text counts too');
      assert.equal(standIn.requests.length, made, 'a token that lives is not refreshed');
    });

    if (/^(no|only)\b/.test(facts.refresh_tokens)) {
      test('wants the user again when the access token is due', async (t) => {
        const { signIn, kavach } = await startCatalogue(t, id);
        const { user } = await signIn(due(janes(id)));
        await rejects(kavach.auth.getAccessToken(user.id, id), 'reauthorization_required');
      });
    } else {
      test('refreshes an access token that is due, time after time', async (t) => {
        const { signIn, kavach } = await startCatalogue(t, id, { provider: OFFLINE[id] });
        const { user } = await signIn(due(janes(id)));
        const seen = new Set();
        // Each refresh uses what the one before gave: with rotation the old one is dead.
        for (let i = 0; i < 3; i += 1) {
          const { accessToken } = await kavach.auth.getAccessToken(user.id, id);
          seen.add(accessToken);
        }
        assert.equal(seen.size, 3);
      });

      test('wants the user again when a refresh is refused', async (t) => {
        const app = await startCatalogue(t, id, { provider: OFFLINE[id] });
        const { signIn, kavach } = app;
        const { user } = await signIn(due(janes(id)));
        const restore = app.refuseRefreshes();
        await rejects(kavach.auth.getAccessToken(user.id, id), 'reauthorization_required');
        restore();
        const again = await signIn(due(janes(id)));
        assert.equal(again.user.id, user.id);
        await kavach.auth.getAccessToken(user.id, id);
      });
    }

    test('links a second account and unlinks it, at the provider too', async (t) => {
      const app = await startCatalogue(t, id);
      const { client, kavach, signIn, link, stored, standIn } = app;
      const { user } = await signIn(janes(id));
      const linked = await link(others(id));
      assert.equal(linked.error, undefined);
      assert.equal(linked.user.id, user.id);
      assert.equal((await stored(user.id)).id, others(id).profile.id);

      const [first, second] = await kavach.auth.getOAuthConnections(user.id);
      const response = await client.post('/auth/oauth/unlink', {
        provider: id, accountId: second.id,
      });
      assert.equal(response.status, 200, await response.clone().text());
      const left = await kavach.auth.getOAuthConnections(user.id);
      assert.deepEqual(left.map((account) => account.id), [first.id]);

      if (facts.revocation_endpoint === null) {
        assert.equal(await revocation(standIn, 50), undefined, 'there is nobody to tell');
      } else {
        const request = await revocation(standIn, 3000);
        assert.ok(request, 'the provider is told');
        assert.equal(request.refused, undefined);
        await kavach.auth.getAccessToken(user.id, id);
      }
    });

    // VK's clients are public.
    if (id !== 'vk') {
      test('refuses with a wrong client secret', async (t) => {
        const app = await startCatalogue(t, id, { provider: { clientSecret: 'another' } });
        await assertNobody(await app.signIn(janes(id)), 'provider_error');
        assert.deepEqual(app.calls(), ['token']);
      });
    }

    test('takes no for an answer', async (t) => {
      const { signIn, client, calls } = await startCatalogue(t, id);
      await assertNobody(await signIn(janes(id), { deny: true }), 'access_denied');
      assert.deepEqual(calls(), []);
      await assertError(await client.getJson('/auth/session'), 401, 'unauthenticated');
      assert.ok((await signIn(janes(id))).user);
    });
  });
}

test('the tokens of a token endpoint of one\'s own are given back nowhere else', async (t) => {
  const standIn = await startStandIn({ id: 'google' });
  t.after(() => standIn.close());
  const { tokenUrl, userInfoUrl } = standIn.urls;
  const provider = { tokenUrl, userInfoUrl };
  const app = await startCatalogue(t, 'google', { standIn, provider });
  const { user } = await app.signIn(janes('google'));
  await app.link(others('google'));
  const [, second] = await app.kavach.auth.getOAuthConnections(user.id);
  const body = { provider: 'google', accountId: second.id };
  assert.equal((await app.client.post('/auth/oauth/unlink', body)).status, 200);
  assert.equal(await revocation(standIn, 300), undefined);
});

function assertNobody({ user, error }, code) {
  assert.equal(error, code);
  assert.equal(user, null);
}

/** Where the browser is sent by an instance with this provider, at its own endpoints. */
async function authorizationUrl(t, id, provider) {
  const { client } = await openInstance(t, id, provider);
  return new URL(await client.authorize({}, id));
}

function paramsOf(url) {
  const names = [...url.searchParams.keys()];
  assert.equal(new Set(names).size, names.length, 'each parameter once (RFC 6749 3.1)');
  return Object.fromEntries(url.searchParams);
}

function withoutRandom(url) {
  const { state: _, nonce: __, code_challenge: ___, ...params } = paramsOf(url);
  return { at: `${url.origin}${url.pathname}${url.hash}`, params };
}

/** The endpoints of the facts, with what the sample says for their placeholders. */
function endpoints(id) {
  const values = { ...PLACEHOLDERS, ...sample(id) };
  const fill = (text) =>
    text && /^\S+/.exec(text)[0].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const facts = factsOf(id);
  return {
    authorizationUrl: fill(facts.authorization_endpoint),
    tokenUrl: fill(facts.token_endpoint),
    userInfoUrl: USER_INFO_BESIDE[id] ?? fill(facts.userinfo_endpoint),
  };
}

/** Where the token answer says as much, and the facts name this among the disagreements. */
const USER_INFO_BESIDE = { notion: 'https://api.notion.com/v1/users/me' };

/** What the facts want in the authorization request besides the usual. */
function extraParams({ authorization_extra_params: params }) {
  const isChoice = /optional|recommended|required/;
  const own = Object.entries(params).filter(([, text]) => !isChoice.test(text));
  return Object.fromEntries(own.map(([name, text]) => [name, /^[\w.]+/.exec(text)[0]]));
}

/** Wherever it does no harm. At TikTok the challenge is hexadecimal, at Notion unheard of. */
function takesPkce({ id, pkce }) {
  return pkce !== 'rejected' && id !== 'tiktok' && id !== 'notion';
}

/** The calls that a sign-in needs: the profile is made of what they answer. */
function callsFor({ userInfo, emails }) {
  return [...(emails ? ['emails'] : []), 'token', ...(userInfo ? ['userinfo'] : [])];
}

/** The request that revokes a token; it is made in the background. */
async function revocation(standIn, milliseconds) {
  const find = () => standIn.requests.find(({ endpoint }) => endpoint === 'revoke');
  const end = Date.now() + milliseconds;
  while (!find() && Date.now() < end) await wait(10);
  return find();
}

const PLACEHOLDERS = {
  base: 'https://gitlab.com',
  login: 'https://login.salesforce.com',
  tenant: 'common',
  authServer: 'default',
};

/** What has to be asked for besides the defaults to get a refresh token. */
const OFFLINE = {
  twitter: { scopes: ['offline.access'] },
  coinbase: { scopes: ['offline_access'] },
  salesforce: { scopes: ['refresh_token'] },
  vercel: { scopes: ['offline_access'] },
  railway: { scopes: ['offline_access'], prompt: 'consent' },
  auth0: { scopes: ['offline_access'] },
  okta: { scopes: ['offline_access'] },
};
