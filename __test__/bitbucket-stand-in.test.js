import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  answers,
  approve,
  startBitbucket,
  users,
} from '../testing/server.js';

const CALLBACK = 'http://localhost:3000/add-on';
const MAIN = '../testing/main.js';
const consumer = { key: 'key', secret: 'secret', callbackUrl: CALLBACK };

let bitbucket;
let clock;
before(async () => {
  bitbucket = await startBitbucket({ consumer, autoApprove: true, now: () => clock });
});
after(() => bitbucket.close());
beforeEach(() => {
  clock = 1_700_000_000_000;
  bitbucket.reset();
  bitbucket.setConsumer(consumer);
  bitbucket.variant = 'current';
});

describe('the authorization request', () => {
  test('shows a sign-in page, then a consent page, then redirects with a code', async () => {
    const signIn = await visit(authorizationUrl());
    assert.equal(signIn.status, 200);
    const page = await signIn.text();
    assert.match(page, /stand-in for Bitbucket Cloud/);
    for (const key of Object.keys(users)) assert.ok(page.includes(`name="user" value="${key}"`));

    const signedIn = await submit(authorizationUrl(), { user: 'jane' });
    assert.equal(signedIn.status, 303);
    const [cookie] = signedIn.headers.get('set-cookie').split(';');
    const consent = await visit(authorizationUrl(), { cookie });
    assert.match(await consent.text(), /Grant access[^]*Cancel[^]*Logged in as <bdi>Jane Example/);

    const granted = await submit(authorizationUrl(), { decision: 'grant' }, { cookie });
    assert.equal(granted.status, 302);
    const location = new URL(granted.headers.get('location'));
    assert.equal(location.origin + location.pathname, CALLBACK);
    assert.equal(location.searchParams.get('state'), 'a state & more');
    assert.match(location.searchParams.get('code'), /^standin-code-/);
  });

  test('asks a signed-in user for consent only, and lets them switch', async () => {
    const signedIn = await submit(authorizationUrl(), { user: 'kavya' });
    const [cookie] = signedIn.headers.get('set-cookie').split(';');
    assert.match(await (await visit(authorizationUrl(), { cookie })).text(), /कव्या 北京/);

    const switched = await submit(authorizationUrl(), { decision: 'switch' }, { cookie });
    assert.match(switched.headers.get('set-cookie'), /Max-Age=0/);
    assert.match(await (await visit(switched.headers.get('location'))).text(), /name="user"/);
  });

  test('sends the browser back with access_denied on Cancel', async () => {
    const location = new URL(await approve(authorizationUrl(), { user: 'jane', deny: true }));
    assert.deepEqual([...location.searchParams.keys()], ['error', 'error_description', 'state']);
    assert.equal(location.searchParams.get('error'), 'access_denied');
  });

  test('grants nothing to a form without the sign-in cookie', async () => {
    const response = await submit(authorizationUrl(), { decision: 'grant' });
    assert.equal(response.status, 303);
    assert.match(response.headers.get('location'), /^\?/);
  });

  test('allows the callback URL, an extension of it, or none', async () => {
    for (const allowed of [undefined, CALLBACK, `${CALLBACK}/function`, `${CALLBACK}?x=1`]) {
      const location = await signInAtOnce({ redirect_uri: allowed });
      assert.ok(location.href.startsWith(allowed ?? CALLBACK), allowed);
      assert.ok(location.searchParams.has('code'));
    }
  });

  test('shows a page, not a redirect, when the redirect_uri breaks the prefix rule', async () => {
    const foreign = [
      'http://localhost:3001/add-on',
      'https://localhost:3000/add-on',
      'http://localhost:3000/',
      'http://localhost:3000/add-on-evil',
      'http://localhost:3000/add-on/../evil',
      'http://localhost:3000/add-on/%2e%2e/evil',
      'http://localhost:3000/add-on/\n../../evil',
      'http://localhost:3000/add-on#fragment',
      'http://localhost:3000@evil.example/add-on',
      'http://localhost:3000.evil.example/add-on',
      '//evil.example',
      'not a url',
      'x'.repeat(5000),
    ];
    for (const redirect_uri of foreign) {
      const response = await visit(authorizationUrl({ redirect_uri }));
      assert.equal(response.status, 400, redirect_uri);
      assert.equal(response.headers.get('location'), null);
      const page = await response.text();
      assert.match(page, /Invalid redirect_uri/);
      assert.match(
        page,
        /This integration is misconfigured\. Contact the vendor for assistance\./,
      );
    }
  });

  test('does not let a host be extended where the callback URL has no path', async () => {
    bitbucket.setConsumer({ ...consumer, callbackUrl: 'https://ours.example' });
    for (const redirect_uri of ['https://ours.example.evil', 'https://ours.example@evil.example']) {
      assert.equal((await visit(authorizationUrl({ redirect_uri }))).status, 400);
    }
    const redirect_uri = 'https://ours.example/callback';
    assert.equal((await visit(authorizationUrl({ redirect_uri }))).status, 200);
  });

  test('shows a page for an unknown or missing client_id and one without a callback', async () => {
    for (const client_id of ['nobody', undefined, '__proto__']) {
      const response = await visit(authorizationUrl({ client_id }));
      assert.equal(response.status, 400);
      assert.match(await response.text(), /Invalid client_id/);
    }
    bitbucket.setConsumer({ ...consumer, callbackUrl: undefined });
    const response = await visit(authorizationUrl());
    assert.match(await response.text(), /No callback uri defined for the OAuth client\./);
  });

  test('redirects with the error when the request is wrong in other ways', async () => {
    const cases = [
      [{ response_type: undefined }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ scope: 'openid email profile account' }, 'invalid_scope'],
      [{ scope: 'account,email' }, 'invalid_scope'],
    ];
    for (const [change, error] of cases) {
      const { searchParams } = await signInAtOnce(change);
      assert.equal(searchParams.get('error'), error);
      assert.ok(searchParams.get('error_description'));
      assert.equal(searchParams.get('state'), 'a state & more');
      assert.equal(searchParams.get('code'), null);
    }
    const twice = new URL(`${authorizationUrl()}&state=again`);
    const location = new URL(await approve(twice, { user: 'jane' }));
    assert.equal(location.searchParams.get('error'), 'invalid_request');
  });

  test('ignores PKCE, and sends no state when none came', async () => {
    const location = await signInAtOnce({ state: undefined, code_challenge: 'x' });
    assert.deepEqual([...location.searchParams.keys()], ['code']);
  });

  test('has a shortcut that only works when the server allows it', async () => {
    const unknown = await visit(authorizationUrl({ stand_in_user: 'constructor' }));
    assert.equal(unknown.status, 400);
    const careful = await startBitbucket({ consumer });
    const url = authorizationUrl({ stand_in_user: 'jane' });
    const response = await visit(url.replace(bitbucket.url, careful.url));
    assert.equal(response.status, 200);
    await careful.close();
  });

  test('escapes what it shows', async () => {
    bitbucket.setConsumer({ ...consumer, name: '<script>alert("1")</script>' });
    const page = await (await visit(authorizationUrl())).text();
    assert.ok(!page.includes('<script'));
  });
});

describe('approve()', () => {
  test('walks the pages and returns the final redirect', async () => {
    const location = new URL(await approve(authorizationUrl(), { user: 'jane' }));
    assert.ok(location.searchParams.has('code'));
    assert.equal(bitbucket.count('authorize'), 4);
  });

  test('throws with the text of the page when there is no redirect', async () => {
    await assert.rejects(
      approve(authorizationUrl({ redirect_uri: 'http://evil.example/' }), { user: 'jane' }),
      /\(400\).*Invalid redirect_uri This integration is misconfigured/,
    );
    await assert.rejects(approve(authorizationUrl(), { user: 'nobody' }), /Unknown user/);
  });
});

describe('the token request', () => {
  test('answers with the recorded fields in the recorded order', async () => {
    const response = await redeem(await newCode({ scope: 'email' }));
    assert.equal(response.status, 200);
    const body = await response.json();
    assert.deepEqual(Object.entries(body).filter(([key]) => !key.endsWith('_token')), [
      // Asking for less does not narrow the token.
      ['scopes', 'account email'],
      ['expires_in', 7200],
      ['token_type', 'bearer'],
      ['state', 'authorization_code'],
    ]);
    assert.deepEqual(Object.keys(body).slice(0, 2), ['scopes', 'access_token']);
    assert.match(body.access_token, /=$/);
    assert.ok(body.refresh_token);
  });

  test('takes the credentials by Basic, plain or form-encoded, or in the body', async () => {
    const odd = { key: 'odd key+', secret: 'a b:c%&+ü' };
    bitbucket.setConsumer({ ...consumer, ...odd });
    const code = () => newCode({ client_id: odd.key });
    const encode = (text) => encodeURIComponent(text).replaceAll('%20', '+');
    const inBody = { client_id: odd.key, client_secret: odd.secret };
    const ways = [
      [{}, basic(odd.key, odd.secret)],
      [{}, basic(encode(odd.key), encode(odd.secret))],
      [{ client_id: odd.key }, basic(odd.key, odd.secret)],
      [inBody, ''],
    ];
    for (const [fields, authorization] of ways) {
      assert.equal((await redeem(await code(), fields, authorization)).status, 200);
    }
    const both = await redeem(await code(), inBody, basic(odd.key, odd.secret));
    assert.equal(both.status, 400);
    assert.equal((await both.json()).error, 'invalid_request');
  });

  test('refuses wrong or missing credentials as unauthorized_client', async () => {
    const wrong = [
      basic('key', 'wrong'),
      basic('nobody', 'secret'),
      basic('__proto__', ''),
      'Basic',
      'Basic %%%',
      'Bearer x',
      '',
    ];
    for (const authorization of wrong) {
      await assertError(
        await redeem(await newCode(), {}, authorization),
        '{"error_description": "Invalid OAuth client credentials", "error": "unauthorized_client"}',
      );
    }
  });

  test('reads form bodies only', async () => {
    const body = JSON.stringify({
      grant_type: 'authorization_code',
      code: await newCode(),
      client_id: 'key',
      client_secret: 'secret',
    });
    const none = '{"error_description": "Unsupported grant type: None", "error": "invalid_grant"}';
    const headers = { 'content-type': 'application/json' };
    const { tokenUrl } = bitbucket.endpoints;
    await assertError(await fetch(tokenUrl, { method: 'POST', body, headers }), none);
    const inQuery = await fetch(`${tokenUrl}?grant_type=refresh_token`, { method: 'POST' });
    await assertError(inQuery, none);
    assert.equal((await fetch(tokenUrl)).status, 405);
  });

  test('refuses other grants, repeated parameters and consumers without a callback', async () => {
    await assertError(
      await exchange({ grant_type: 'client_credentials' }),
      '{"error_description": "Cannot use client_credentials with a consumer marked as ' +
        '\\"public\\". Calls for auto generated consumers should use urn:bitbucket:oauth2:jwt ' +
        'instead.", "error": "invalid_grant"}',
    );
    await assertError(
      await exchange({ grant_type: 'password' }),
      '{"error_description": "Unsupported grant type: password", "error": "invalid_grant"}',
    );
    const repeated = new URLSearchParams('code=1&code=2');
    assert.equal((await (await exchange(repeated)).json()).error, 'invalid_request');

    const code = await newCode();
    bitbucket.setConsumer({ ...consumer, callbackUrl: undefined });
    await assertError(
      await redeem(code),
      '{"error_description": "No callback uri defined for the OAuth client.", ' +
        '"error": "invalid_request"}',
    );
  });

  test('takes a code once, in time, from its client, with its redirect_uri', async () => {
    const invalid =
      '{"error_description": "The specified code is not valid.", "error": "invalid_grant"}';
    const used = await newCode();
    assert.equal((await redeem(used)).status, 200);
    await assertError(await redeem(used), invalid);
    await assertError(await redeem('made up'), invalid);
    await assertError(await exchange({ grant_type: 'authorization_code' }), invalid);

    const late = await newCode();
    clock += 60_000;
    await assertError(await redeem(late), invalid);

    bitbucket.setConsumer({ ...consumer, key: 'other' });
    await assertError(await redeem(await newCode(), {}, basic('other', 'secret')), invalid);

    const sent = { redirect_uri: `${CALLBACK}/function` };
    assert.equal((await redeem(await newCode(sent), sent)).status, 200);
    await assertError(await redeem(await newCode(sent), {}), invalid);
    await assertError(await redeem(await newCode(sent), { redirect_uri: CALLBACK }), invalid);
    await assertError(await redeem(await newCode(), sent), invalid);
    assert.equal((await redeem(await newCode(), { redirect_uri: CALLBACK })).status, 200);
  });

  test('gives a code to one of many parallel attempts', async () => {
    const code = await newCode();
    const attempts = await Promise.all(Array.from({ length: 20 }, () => redeem(code)));
    assert.equal(attempts.filter(({ status }) => status === 200).length, 1);
  });
});

describe('the refresh', () => {
  test('keeps the same refresh token today', async () => {
    const first = await newTokens();
    const second = await (await refresh(first.refresh_token)).json();
    assert.equal(second.refresh_token, first.refresh_token);
    assert.notEqual(second.access_token, first.access_token);
    assert.equal(second.state, 'refresh_token');
    assert.equal(second.scopes, 'account email');
  });

  test('refuses a token that is unknown, missing, or of another client', async () => {
    const invalid = '{"error_description": "Invalid refresh_token", "error": "invalid_request"}';
    await assertError(await refresh('made up'), invalid);
    await assertError(await exchange({ grant_type: 'refresh_token' }), invalid);
    bitbucket.setConsumer({ ...consumer, key: 'other' });
    const { refresh_token } = await newTokens();
    await assertError(await refresh(refresh_token, basic('other', 'secret')), invalid);
  });

  test('rotates in the announced variant, and the used token dies after ten minutes', async () => {
    bitbucket.variant = 'announced';
    const invalid = '{"error_description": "Invalid refresh_token", "error": "invalid_grant"}';
    const first = await newTokens();
    assert.equal(first.scope, 'account email');
    assert.equal(first.scopes, undefined);
    assert.equal(first.access_token.length, 3000);

    const second = await (await refresh(first.refresh_token)).json();
    assert.notEqual(second.refresh_token, first.refresh_token);
    clock += 599_000;
    assert.equal((await refresh(first.refresh_token)).status, 200);
    clock += 1_000;
    await assertError(await refresh(first.refresh_token), invalid);
    assert.equal((await refresh(second.refresh_token)).status, 200);
  });

  test('lets an unused token die after three months in the announced variant', async () => {
    bitbucket.variant = 'announced';
    const { refresh_token } = await newTokens();
    clock += 90 * 24 * 3600 * 1000;
    assert.equal((await refresh(refresh_token)).status, 400);
  });
});

describe('the API', () => {
  test('gives the user in the recorded shape, in its order', async () => {
    const uuid = '%7B0f3c1f2e-6a77-4d0e-9a57-2f1f0b6f9d11%7D';
    const { url } = bitbucket;
    const body = await (await get('userInfoUrl', await newTokens())).text();
    assert.equal(
      body,
      JSON.stringify({
        display_name: 'Jane Example',
        links: {
          self: { href: `${url}/2.0/users/${uuid}` },
          avatar: { href: `${url}/avatar/jane.svg` },
          repositories: { href: `${url}/2.0/repositories/${uuid}` },
          snippets: { href: `${url}/2.0/snippets/${uuid}` },
          html: { href: `${url}/${uuid}/` },
          hooks: { href: `${url}/2.0/workspaces/${uuid}/hooks` },
        },
        created_on: '2023-03-17T03:27:21.528051+00:00',
        type: 'user',
        uuid: '{0f3c1f2e-6a77-4d0e-9a57-2f1f0b6f9d11}',
        has_2fa_enabled: null,
        username: 'jexample',
        is_staff: false,
        account_id: '712020:3b7b7c1e-5a1f-4f2c-8b3a-9d2f6c5e1a00',
        nickname: 'Jane',
        account_status: 'active',
        location: null,
      }),
    );
  });

  test('gives every user of the cast their oddity', async () => {
    const of = async (user) => (await get('userInfoUrl', await newTokens({ user }))).json();
    assert.equal((await of('kavya')).display_name, 'कव्या 北京');
    assert.equal((await of('closed')).account_status, 'closed');
    const team = await of('team');
    assert.equal(team.type, 'team');
    assert.ok(!('account_id' in team));
    for (const user of Object.keys(users)) assert.match((await of(user)).uuid, /^\{[0-9a-f-]+\}$/);

    const emailsOf = async (user) => {
      return (await (await get('emailsUrl', await newTokens({ user }))).json()).values;
    };
    assert.deepEqual(await emailsOf('noemail'), []);
    assert.equal((await emailsOf('unconfirmed'))[0].is_confirmed, false);
    assert.equal((await emailsOf('capital'))[0].email, 'Capital.Case+tag@Example.COM');
  });

  test('serves the avatar that it links to', async () => {
    const { links } = await (await get('userInfoUrl', await newTokens({ user: 'kavya' }))).json();
    const avatar = await fetch(links.avatar.href);
    assert.equal(avatar.headers.get('content-type'), 'image/svg+xml');
    assert.match(await avatar.text(), /क北/);
  });

  test('gives the addresses with confirmation, page and size', async () => {
    const email = (email, flag) => ({
      type: 'email',
      email,
      is_primary: flag,
      is_confirmed: flag,
      links: { self: { href: `${bitbucket.endpoints.emailsUrl}/${email}` } },
    });
    const body = await (await get('emailsUrl', await newTokens())).json();
    assert.deepEqual(body, {
      pagelen: 10,
      values: [email('jane@example.com', true), email('jane@old.example', false)],
      page: 1,
      size: 2,
    });
  });

  test('pages through the addresses with absolute links', async () => {
    const tokens = await newTokens({ user: 'pages' });
    const first = await (await get('emailsUrl', tokens)).json();
    assert.equal(first.values.length, 10);
    assert.ok(first.values.every(({ is_primary: isPrimary }) => !isPrimary));
    assert.equal(first.next, `${bitbucket.endpoints.emailsUrl}?pagelen=10&page=2`);
    assert.ok(!('previous' in first));

    const second = await (await get(first.next, tokens)).json();
    assert.ok(second.values.some((email) => email.is_primary && email.is_confirmed));
    assert.ok(!('next' in second));
    assert.equal(second.previous, `${bitbucket.endpoints.emailsUrl}?pagelen=10&page=1`);

    const all = await (await get(`${bitbucket.endpoints.emailsUrl}?pagelen=100`, tokens)).json();
    assert.equal(all.values.length, 14);
    for (const query of ['pagelen=0', 'pagelen=101', 'pagelen=x', 'page=3', 'page=-1', 'page=']) {
      const response = await get(`${bitbucket.endpoints.emailsUrl}?${query}`, tokens);
      assert.equal(response.status, 400, query);
    }
  });

  test('names whatever next page a test wants', async () => {
    bitbucket.next = 'https://evil.example/2.0/user/emails?page=2';
    const body = await (await get('emailsUrl', await newTokens())).json();
    assert.equal(body.next, bitbucket.next);
  });

  test('tells an expired token from an invalid one', async () => {
    const expired =
      '{"type": "error", "error": {"message": "Access token expired. Use your refresh token to ' +
      'obtain a new access token."}}';
    const invalid =
      '{"type": "error", "error": {"message": "Token is invalid, expired, or not supported for ' +
      'this endpoint."}}';
    const tokens = await newTokens();
    clock += 7_200_000;
    await assertError(await get('userInfoUrl', tokens), expired, 401);

    const fresh = await newTokens();
    bitbucket.expireTokens();
    await assertError(await get('emailsUrl', fresh), expired, 401);
    assert.equal((await refresh(fresh.refresh_token)).status, 200);

    const cut = { access_token: tokens.access_token.slice(0, 100) };
    await assertError(await get('userInfoUrl', cut), invalid, 401);
    for (const authorization of ['Bearer', 'Bearer %', 'Basic eDp4', '', undefined]) {
      const headers = authorization === undefined ? {} : { authorization };
      const response = await fetch(bitbucket.endpoints.userInfoUrl, { headers });
      await assertError(response, invalid, 401);
    }
  });

  test('names the scopes when the consumer lacks one', async () => {
    const privileges = (granted, required) => {
      return (
        '{"type": "error", "error": {"message": "Your credentials lack one or more required ' +
        `privilege scopes.", "detail": {"granted": ["${granted}"], "required": ["${required}"]}}}`
      );
    };
    bitbucket.setConsumer({ ...consumer, scopes: ['account'] });
    const withoutEmail = await newTokens();
    assert.equal((await get('userInfoUrl', withoutEmail)).status, 200);
    await assertError(await get('emailsUrl', withoutEmail), privileges('account', 'email'), 403);

    bitbucket.setConsumer({ ...consumer, scopes: ['team'] });
    await assertError(
      await get('userInfoUrl', await newTokens()),
      privileges('team', 'account'),
      403,
    );
  });

  test('accepts a token in the query today, in the header only once announced', async () => {
    const url = async () => {
      const query = new URLSearchParams({ access_token: (await newTokens()).access_token });
      return `${bitbucket.endpoints.userInfoUrl}?${query}`;
    };
    assert.equal((await fetch(await url())).status, 200);
    assert.equal((await get(await url(), await newTokens())).status, 400);
    bitbucket.variant = 'announced';
    assert.equal((await fetch(await url())).status, 401);
    assert.equal((await get('userInfoUrl', await newTokens())).status, 200);
  });

  test('kills codes and tokens when the user removes the authorization', async () => {
    const [tokens, others] = [await newTokens(), await newTokens({ user: 'kavya' })];
    const code = await newCode();
    bitbucket.revokeAll('jane');
    assert.equal((await get('userInfoUrl', tokens)).status, 401);
    assert.equal((await refresh(tokens.refresh_token)).status, 400);
    assert.equal((await redeem(code)).status, 400);
    assert.equal((await get('userInfoUrl', others)).status, 200);
    assert.throws(() => bitbucket.revokeAll('nobody'), TypeError);
  });

  test('answers unknown and removed paths as recorded', async () => {
    const notFound = await fetch(`${bitbucket.url}/2.0/nothing`);
    assert.equal(notFound.status, 404);
    assert.match(await notFound.text(), /^\{"type": "error", "error": \{"message": "Resource not/);
    assert.equal((await fetch(`${bitbucket.url}/2.0/workspaces`)).status, 410);
    assert.equal((await fetch(bitbucket.url)).status, 404);
    assert.equal((await fetch(`${bitbucket.url}/avatar/%ff.svg`)).status, 404);
  });

  test('lets a test bring its own users', async () => {
    const own = await startBitbucket({
      consumer,
      autoApprove: true,
      users: { odd: { uuid: 7, emails: [] } },
    });
    own.users.odd.display_name = 'Changed while running';
    const url = authorizationUrl({ stand_in_user: 'odd' }).replace(bitbucket.url, own.url);
    const code = new URL((await visit(url)).headers.get('location')).searchParams.get('code');
    const { access_token } = await (await redeem(code, {}, BASIC, own)).json();
    const body = await (await get(own.endpoints.userInfoUrl, { access_token })).json();
    assert.equal(body.uuid, 7);
    assert.equal(body.display_name, 'Changed while running');
    await own.close();
  });
});

describe('faults', () => {
  const ask = (init) => fetch(bitbucket.endpoints.tokenUrl, { redirect: 'manual', ...init });

  test('happen the asked number of times, in the asked order, on one endpoint', async () => {
    bitbucket.fail('token', { status: 500, body: { broken: true }, headers: { 'x-odd': '1' } }, 2);
    bitbucket.fail('token', { json: { access_token: 7 } });
    assert.equal((await fetch(bitbucket.endpoints.userInfoUrl)).status, 401);
    const first = await ask();
    assert.equal(first.status, 500);
    assert.equal(first.headers.get('x-odd'), '1');
    assert.deepEqual(await first.json(), { broken: true });
    assert.equal((await ask()).status, 500);
    assert.deepEqual(await (await ask()).json(), { access_token: 7 });
    assert.equal((await ask()).status, 405);
  });

  test('include the recorded rate limit and outage', async () => {
    for (const recorded of [answers.rateLimited, answers.rateLimitedText]) {
      bitbucket.fail('token', recorded);
      const response = await ask();
      assert.equal(response.status, 429);
      assert.equal(response.headers.get('x-ratelimit-limit'), '60, 60;w=3600');
      assert.equal(response.headers.get('x-ratelimit-reset'), '745');
      assert.match(await response.text(), /Rate limit for this resource has been exceeded/);
    }
    bitbucket.fail('token', answers.unavailable);
    const response = await ask();
    assert.equal(response.status, 503);
    assert.match(response.headers.get('content-type'), /^text\/html/);
  });

  test('can be a page, a redirect, or 10 MB', async () => {
    bitbucket.fail('token', 'html');
    assert.match(await (await ask()).text(), /^<!doctype html>/);
    bitbucket.fail('token', { redirect: 'http://127.0.0.1:1/', status: 307 });
    const response = await ask();
    assert.equal(response.status, 307);
    assert.equal(response.headers.get('location'), 'http://127.0.0.1:1/');
    bitbucket.fail('token', 'huge');
    assert.ok((await (await ask()).text()).length > 10 * 1024 * 1024);
  });

  test('can hang, drip, or cut the connection', async () => {
    bitbucket.fail('token', 'hang');
    await assert.rejects(ask({ signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
    bitbucket.fail('token', 'drip');
    const dripping = await ask({ signal: AbortSignal.timeout(1300) });
    const reader = dripping.body.getReader();
    assert.equal((await reader.read()).value.length, 1);
    assert.equal((await reader.read()).value.length, 1);
    await assert.rejects(reader.read(), { name: 'TimeoutError' });
    bitbucket.fail('token', 'cut');
    const cut = await ask();
    assert.equal(cut.status, 200);
    await assert.rejects(cut.text());
  });

  test('are refused when nobody could perform them', () => {
    assert.throws(() => bitbucket.fail('nothing', 'hang'), TypeError);
    assert.throws(() => bitbucket.fail('token', 'explode'), TypeError);
    assert.throws(() => bitbucket.fail('token', { status: 99 }), TypeError);
    assert.throws(() => bitbucket.fail('token', null), TypeError);
    assert.throws(() => bitbucket.fail('token', 'hang', 0), TypeError);
  });
});

describe('the server', () => {
  test('keeps what it was asked, at most a thousand, and counts the rest', async () => {
    await redeem('nothing', { redirect_uri: CALLBACK });
    const [request] = bitbucket.requests;
    assert.equal(request.method, 'POST');
    assert.equal(request.path, '/site/oauth2/access_token');
    assert.equal(request.headers.authorization, BASIC);
    assert.equal(new URLSearchParams(request.body).get('redirect_uri'), CALLBACK);
    await visit(authorizationUrl());
    assert.equal(bitbucket.requests[1].query.state, 'a state & more');

    for (let i = 0; i < 1010; i += 1) await (await fetch(bitbucket.endpoints.userInfoUrl)).text();
    assert.equal(bitbucket.requests.length, 1000);
    assert.equal(bitbucket.count('user'), 1010);
    assert.equal(bitbucket.count(), 1012);
    bitbucket.reset();
    assert.equal(bitbucket.requests.length, 0);
    assert.equal(bitbucket.count('user'), 0);
  });

  test('survives weird input', async () => {
    const raw = [
      'GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET http://x:99999/%%% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'GET /2.0/user HTTP/1.1\r\nHost: x\r\nCookie: =;;%ff\r\nConnection: close\r\n\r\n',
      'GET /site/oauth2/authorize?client_id=key&response_type=code&%E0%A4%A HTTP/1.1\r\n' +
        'Host: x\r\nCookie: bitbucket_stand_in_user=%E0\r\nConnection: close\r\n\r\n',
      'nonsense\r\n\r\n',
    ];
    for (const text of raw) {
      assert.match(await sendRaw(text), /^HTTP\/1\.1 [24]\d\d /, text);
    }
    const half = 'POST /site/oauth2/access_token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na';
    await sendRaw(half, { hangUp: true });
    const large = await fetch(bitbucket.endpoints.tokenUrl, {
      method: 'POST',
      body: 'x'.repeat(100_000),
    });
    assert.equal(large.status, 413);
    const form = await submit(authorizationUrl(), { decision: 'toString' });
    assert.equal(form.status, 400);
    const plain = await fetch(authorizationUrl(), { method: 'POST', body: 'user=jane' });
    assert.equal(plain.status, 415);
    assert.equal((await fetch(authorizationUrl(), { method: 'PUT' })).status, 405);
    assert.equal((await redeem(await newCode())).status, 200);
  });

  test('closes at once, whatever hangs', async () => {
    const own = await startBitbucket({ consumer });
    own.fail('user', 'hang');
    const hanging = assert.rejects(fetch(own.endpoints.userInfoUrl));
    while (own.count('user') === 0) await new Promise(setImmediate);
    await own.close();
    await own.close();
    await hanging;
  });

  test('refuses options that make no sense', async () => {
    const wrong = [
      {},
      { consumer: { ...consumer, secret: '' } },
      { consumer: { ...consumer, callbackUrl: 'javascript:alert(1)' } },
      { consumer: { ...consumer, callbackUrl: `${CALLBACK}#x` } },
      { consumer: { ...consumer, scopes: 'account' } },
      { consumer, variant: 'next' },
      { consumer, codeTtl: -1 },
      { consumer, users: { broken: {} } },
    ];
    for (const options of wrong) await assert.rejects(startBitbucket(options), TypeError);
  });

  test('runs from the command line and prints its URL', async () => {
    const script = fileURLToPath(new URL(MAIN, import.meta.url));
    const child = spawn(process.execPath, [script, '--port', '0', '--callback', CALLBACK]);
    const [output] = await once(child.stdout, 'data');
    const [, url] = /^Bitbucket stand-in: (http:\S+)$/m.exec(output);
    assert.equal((await fetch(`${url}/2.0/user`)).status, 401);
    child.kill();
    assert.deepEqual(await once(child, 'exit'), [0, null]);

    const [code] = await once(spawn(process.execPath, [script]), 'exit');
    assert.equal(code, 2);
  });
});

function authorizationUrl(change = {}) {
  const url = new URL(bitbucket.endpoints.authorizationUrl);
  const params = { client_id: 'key', response_type: 'code', state: 'a state & more', ...change };
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

function visit(url, headers = {}) {
  return fetch(new URL(url, authorizationUrl()), { headers, redirect: 'manual' });
}

function submit(url, fields, headers = {}) {
  const body = new URLSearchParams(fields);
  return fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
}

async function signInAtOnce({ user = 'jane', ...change } = {}) {
  const response = await visit(authorizationUrl({ ...change, stand_in_user: user }));
  return new URL(response.headers.get('location'));
}

async function newCode(change) {
  return (await signInAtOnce(change)).searchParams.get('code');
}

async function newTokens(change) {
  return (await redeem(await newCode(change))).json();
}

function basic(key, secret) {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

const BASIC = basic('key', 'secret');

function exchange(fields, authorization = BASIC, server = bitbucket) {
  return submit(server.endpoints.tokenUrl, fields, authorization ? { authorization } : {});
}

function redeem(code, fields, ...rest) {
  return exchange({ grant_type: 'authorization_code', code, ...fields }, ...rest);
}

function refresh(token, authorization) {
  return exchange({ grant_type: 'refresh_token', refresh_token: token }, authorization);
}

function get(endpoint, { access_token: token }) {
  const url = bitbucket.endpoints[endpoint] ?? endpoint;
  return fetch(url, { headers: { authorization: `Bearer ${token}` } });
}

async function assertError(response, body, status = 400) {
  assert.equal(await response.text(), body);
  assert.equal(response.status, status);
  assert.match(response.headers.get('content-type'), /^application\/json/);
}

async function sendRaw(text, { hangUp = false } = {}) {
  const { hostname, port } = new URL(bitbucket.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  if (hangUp) {
    await once(socket, 'connect');
    socket.destroy();
    return '';
  }
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}
