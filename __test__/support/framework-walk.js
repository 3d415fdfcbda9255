// What every application of examples/ has in common, walked through over real HTTP with the cookies
// of one browser: signed out, signed in, linked, signed out again, and what goes wrong meanwhile.

import assert from 'node:assert/strict';

import { approve } from '../../testing/server.js';
import { overHttp } from './attack-http.js';
import { Client, assertError, assertErrorPage } from './client.js';

const DASHBOARD = '/dashboard';
const SIGN_IN = '/auth/oauth/authorize/bitbucket';

/**
 * A browser of its own at an application of `startExample`.
 *
 * - `basePath`: where the routes are, in place of `/api/kavach`
 * - `headers`: what a proxy in between adds to each request
 * - `send`: takes a `Request` to the application, in place of HTTP/1.1 to its port
 */
export function visitor(app, options = {}) {
  const { basePath = '/api/kavach', headers = {}, send = overHttp(app.port) } = options;
  return new Client(
    (request) => {
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      return send(request);
    },
    { base: `${app.url}${basePath}` },
  );
}

/**
 * The whole walk, step by step as subtests of `t`.
 *
 * - `ip`: the client address that the session must show; `null` where the framework hides it
 * - `basePath`, `headers`, `send`: as for `visitor`
 */
export async function walk(t, app, { ip = '127.0.0.1', ...options } = {}) {
  const basePath = options.basePath ?? '/api/kavach';
  const client = visitor(app, options);
  await t.test('signed out, the home page offers the sign-in', () =>
    offersSignIn(client, basePath));
  await t.test('signed out, the dashboard leads to the sign-in', () =>
    leadsToSignIn(client, basePath));
  await t.test('who cancels at the provider learns why, and is not signed in', () =>
    cancelled(client, basePath));
  await t.test('a sign-in ends at the dashboard', () => signInAt(client, 'jane'));
  await t.test('the session says who and from where', () => sessionShown(client, ip));
  await t.test('an account is linked and unlinked, by JSON bodies', () => linkAndUnlink(client));
  await t.test('a POST from a foreign page is refused', () => foreignPost(client));
  await t.test('sign-out takes a JSON body, and is final', async () => {
    await signOut(client);
    await leadsToSignIn(client, basePath);
  });
  await t.test('sign-out needs no body', () => signOutWithoutBody(client));
  await t.test('a failed sign-in ends at the error page', () => errorPage(client, basePath));
  await t.test('a provider that is not set up is an error', () => wrongProvider(client));
  await t.test('what is not there is not found', () => notFound(client));
}

/** The home page has a link to the sign-in. */
export async function offersSignIn(client, basePath = '/api/kavach') {
  const response = await client.get(`${client.origin}/`);
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.ok(text.includes(`${basePath}${SIGN_IN}`), text);
}

/** The dashboard redirects to the sign-in, which comes back to it; resolves to that address. */
export async function leadsToSignIn(client, basePath = '/api/kavach') {
  const response = await client.get(`${client.origin}${DASHBOARD}`);
  assert.ok([302, 303, 307].includes(response.status), `${response.status}`);
  const location = new URL(response.headers.get('location'), client.origin);
  assert.equal(location.origin, client.origin);
  assert.equal(location.pathname, `${basePath}${SIGN_IN}`);
  assert.equal(location.searchParams.get('redirectTo'), DASHBOARD);
  return location.href;
}

/** From the dashboard to the provider and back, as a signed-in user. */
export async function signInAt(client, user, name = 'Jane Example') {
  const refused = await client.get(`${client.origin}${DASHBOARD}`);
  const start = new URL(refused.headers.get('location'), client.origin);
  const authorize = await client.get(start.href);
  assert.equal(authorize.status, 302, await authorize.clone().text());
  const callback = await client.get(await approve(authorize.headers.get('location'), { user }));
  assert.equal(callback.status, 302);
  const landing = new URL(callback.headers.get('location'), client.origin);
  assert.equal(landing.href, `${client.origin}${DASHBOARD}`);
  // The session's cookie and the end of the flow's came in one answer, each by itself.
  assert.match(client.token ?? '', /^kvs_/);
  assert.deepEqual(client.flowCookies(), []);
  const page = await client.get(landing.href);
  const text = await page.text();
  assert.equal(page.status, 200, text);
  assert.ok(text.includes(name), text);
}

/** The session endpoint and the home page name the user. */
export async function sessionShown(client, ip) {
  const { user, session } = await client.session();
  assert.equal(user.email, 'jane@example.com');
  if (ip !== null) assert.equal(session.ipAddress, ip);
  const home = await (await client.get(`${client.origin}/`)).text();
  assert.ok(home.includes('Jane Example'), home);
}

/** A second account, by two POSTs with a JSON body each. */
export async function linkAndUnlink(client) {
  const linked = await client.link('noemail', { provider: 'bitbucket', redirectTo: DASHBOARD });
  assert.equal(linked.status, 302);
  const list = async () => (await (await client.getJson('/auth/oauth/accounts')).json()).accounts;
  const accounts = await list();
  assert.equal(accounts.length, 2);
  const { id: accountId } = accounts.at(-1);
  const unlinked = await client.post('/auth/oauth/unlink', { provider: 'bitbucket', accountId });
  assert.deepEqual(await unlinked.json(), { success: true });
  assert.equal((await list()).length, 1);
}

/** Neither a form nor a script of another site signs the user out. */
export async function foreignPost(client) {
  const origin = 'https://elsewhere.example';
  const form = { origin, 'content-type': 'application/x-www-form-urlencoded' };
  for (const [body, headers] of [['{}', { origin }], ['a=b', form]]) {
    const response = await client.post('/auth/sign-out', body, headers);
    assert.ok(response.status >= 400 && response.status < 500, `${response.status}`);
  }
  assert.ok(await client.session());
}

/** The session is gone, also for somebody who kept the cookie. */
export async function signOut(client) {
  const { cookies } = client;
  const kept = new Map(cookies);
  const response = await client.post('/auth/sign-out', {});
  assert.deepEqual(await response.json(), { success: true });
  assert.equal(client.token, undefined);
  client.cookies = kept;
  assert.equal(await client.session(), null);
  client.cookies = cookies;
}

/** As `fetch(url, { method: 'POST' })` of a page sends it. */
export async function signOutWithoutBody(client) {
  await signInAt(client, 'jane');
  const response = await client.post('/auth/sign-out', undefined);
  assert.deepEqual(await response.json(), { success: true });
  assert.equal(await client.session(), null);
}

/** *Cancel* leads to the error page. */
export async function cancelled(client, basePath = '/api/kavach') {
  const back = await approve(await client.authorize(), { user: 'jane', deny: true });
  assertErrorPage(await client.get(back), 'access_denied', `${basePath}/auth/error`);
  assert.equal(await client.session(), null);
}

/** A callback that nobody asked for leads to a page that a person can read. */
export async function errorPage(client, basePath = '/api/kavach') {
  const failed = await client.get('/auth/oauth/callback/bitbucket?state=unknown&code=unknown');
  assertErrorPage(failed, 'state_invalid', `${basePath}/auth/error`);
  const page = await client.get(new URL(failed.headers.get('location'), client.origin).href);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.match(await page.text(), /<h1/);
}

/** Answered by the library, not by the framework. */
export async function wrongProvider(client) {
  const response = await client.getJson('/auth/oauth/authorize/nobody');
  await assertError(response, 404, 'provider_unknown');
}

/** Whoever answers, the library or the framework, says 404. */
export async function notFound(client) {
  for (const path of ['/auth/nothing', '/nothing']) {
    assert.equal((await client.getJson(path)).status, 404, path);
  }
}
