// One provider of the catalogue in an application: its strict stand-in, an instance that signs in
// with it, and a browser.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';

import { approve, startBitbucket } from '../../testing/server.js';
import * as auth from '../../auth.js';
import { createKavach } from '../../index.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';
import { startStandIn } from './stand-in/server.js';

/** The ids of the catalogue: each has a file of profiles. */
export const ids = readdirSync(profilesAt('')).map((file) => file.replace('.json', ''));

/** What a provider may say about a user, and who the user is then: see the fixtures. */
export function profilesOf(id) {
  return JSON.parse(readFileSync(profilesAt(`${id}.json`), 'utf8'));
}

/** By `<id>Provider(clientId, clientSecret, options)`, with the domain first where there is one. */
export function fromFactory(id, { clientId, clientSecret, ...rest }) {
  const factory = factories[`${id}Provider`];
  if (id === 'apple') {
    const { teamId: _, keyId: __, privateKey: ___, ...options } = rest;
    return factory(clientId, clientSecret, options);
  }
  if (!LED_BY_DOMAIN.has(id)) return factory(clientId, clientSecret, rest);
  const { domain, ...options } = rest;
  return factory(domain, clientId, clientSecret, options);
}

/** By `create<Name>Provider({ clientId, ... })`, for some. */
export function fromCreate(id, { clientSecret, ...rest }) {
  const create = factories[`create${CREATED[id]}Provider`];
  // With its key the library signs Apple's secret itself.
  return create(rest.privateKey ? rest : { ...rest, clientSecret });
}

export function hasCreate(id) {
  return Object.hasOwn(CREATED, id);
}

/** As the plain object that `oauth` takes. */
export function fromObject(id, { clientSecret, ...rest }) {
  const given = clientSecret !== undefined && !rest.privateKey;
  return { id, ...rest, ...(given && { clientSecret }) };
}

/** Apple answers by a POST from its own site: the cookies that come along want https. */
export function baseUrlOf(id) {
  return id === 'apple' ? 'https://app.example' : BASE_URL;
}

/** An instance in memory with one provider, and its browsers. */
export async function openInstance(t, id, provider) {
  const baseUrl = baseUrlOf(id);
  const kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: SECRET,
    baseUrl,
    rateLimit: { enabled: false },
    plugins: [auth.oauth({ providers: [provider] })],
  });
  t.after(() => kavach.close());
  const browser = () => new Client(kavach.handler, { base: `${baseUrl}/api/kavach` });
  return { kavach, browser, client: browser() };
}

export function startProvider(id) {
  return id === 'bitbucket' ? bitbucket() : startStandIn({ id });
}

/**
 * - `standIn`: one that runs already, and goes on running
 * - `build`: `fromFactory`, `fromCreate` or `fromObject`
 * - `provider`: options over those that the stand-in needs
 */
export async function startCatalogue(t, id, { standIn, build = fromFactory, provider } = {}) {
  const there = standIn ?? (await startProvider(id));
  if (!standIn) t.after(() => there.close());
  const options = { ...there.credentials, ...there.endpoints, ...provider };
  const app = await openInstance(t, id, build(id, options));
  const { kavach, client } = app;

  /** Comes back from the provider; resolves to who is signed in, or the code of the error page. */
  async function finish(callback, by = client) {
    const response = await comeBack(by, callback);
    assert.equal(response.status, 302, await response.clone().text());
    const location = new URL(response.headers.get('location'), baseUrlOf(id));
    const error = location.searchParams.get('error') ?? undefined;
    const user = (await by.session())?.user ?? null;
    return { response, location, user, ...(error && { error }) };
  }

  /** The whole walk as the user whom `profile` describes; `deny` says no at the provider. */
  async function signIn(profile = profilesOf(id)[0], { by = client, deny = false } = {}) {
    there.profile = profile;
    return finish(await there.approve(await by.authorize({}, id), { deny }), by);
  }

  /** Links an account to the signed-in user. */
  async function link(profile, by = client) {
    there.profile = profile;
    const response = await by.post('/auth/oauth/link', { provider: id });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return finish(await there.approve(JSON.parse(text).url), by);
  }

  /** The user as the database has it, in the form of the fixtures; the latest account is theirs. */
  async function stored(userId) {
    const { email, emailVerified, name, image } = await kavach.users.get(userId);
    const accounts = await kavach.auth.getOAuthConnections(userId);
    return { id: accounts.at(-1).providerAccountId, email, emailVerified, name, image };
  }

  /** The calls that the latest sign-in made, in no order; what is cached is left out. */
  function calls() {
    const made = there.requests.map(({ endpoint }) => endpoint);
    const since = made.lastIndexOf('authorize') + 1;
    return made.slice(since).filter((endpoint) => CALLS.has(endpoint)).toSorted();
  }

  /** The provider knows no refresh token any more, until what this returns is called. */
  function refuseRefreshes() {
    if (there.revokeAll) {
      there.revokeAll();
      return () => {};
    }
    there.grants.readRefreshToken = () => undefined;
    return () => delete there.grants.readRefreshToken;
  }

  return { ...app, standIn: there, signIn, link, stored, calls, refuseRefreshes };
}

/**
 * Back from the provider as a browser comes back: a POST from another site carries no cookie that
 * is `SameSite=Lax` (RFC 6265bis 5.7.3), so what needs the session has to come round again.
 */
async function comeBack(by, { method, url, form }) {
  if (method === 'GET') return by.get(url);
  const lax = [...by.cookies].filter(([name]) => !by.flowCookies().includes(name));
  for (const [name] of lax) by.cookies.delete(name);
  const response = await by.post(url, String(new URLSearchParams(form)), {
    accept: 'text/html,*/*;q=0.8',
    'content-type': 'application/x-www-form-urlencoded',
    origin: 'https://appleid.apple.com',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  });
  for (const [name, value] of lax) if (!by.cookies.has(name)) by.cookies.set(name, value);
  const location = new URL(response.headers.get('location') ?? url, url);
  const isAgain = location.pathname === new URL(url).pathname && response.status === 303;
  return isAgain ? by.get(location.href) : response;
}

/** Bitbucket's stand-in is older than the others: it has users of its own and names of its own. */
async function bitbucket() {
  const server = await startBitbucket({ consumer: CONSUMER });
  return {
    endpoints: server.endpoints,
    credentials: { clientId: CONSUMER.key, clientSecret: CONSUMER.secret },
    set profile({ userInfo, emails, token }) {
      server.reset();
      server.fail('user', { json: userInfo }, Infinity);
      server.fail('emails', { json: emails }, Infinity);
      const value = token?.expires_in ?? 7200;
      Object.defineProperty(server.grants, 'accessTokenTtl', { value, configurable: true });
    },
    get requests() {
      return server.requests.map((request) => ({
        ...request,
        endpoint: BITBUCKET_PATHS[request.path],
        form: Object.fromEntries(new URLSearchParams(request.body)),
      }));
    },
    async approve(url, { deny } = {}) {
      return { method: 'GET', url: await approve(url, { user: 'jane', deny }) };
    },
    revokeAll: () => server.revokeAll('jane'),
    close: () => server.close(),
  };
}

function profilesAt(file) {
  return new URL(`../fixtures/profiles/${file}`, import.meta.url);
}

const BITBUCKET_PATHS = {
  '/site/oauth2/authorize': 'authorize',
  '/site/oauth2/access_token': 'token',
  '/2.0/user': 'userinfo',
  '/2.0/user/emails': 'emails',
};
const CALLS = new Set(['token', 'userinfo', 'emails', 'refresh', 'revoke']);
const factories = { ...auth };
const LED_BY_DOMAIN = new Set(['auth0', 'okta', 'cognito']);
const CREATED = {
  google: 'Google',
  github: 'Github',
  gitlab: 'Gitlab',
  microsoft: 'Microsoft',
  apple: 'Apple',
  discord: 'Discord',
  slack: 'Slack',
  linkedin: 'LinkedIn',
  twitter: 'Twitter',
  notion: 'Notion',
  reddit: 'Reddit',
  twitch: 'Twitch',
};
