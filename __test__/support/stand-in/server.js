/**
 * A stand-in for any provider of the catalogue but Bitbucket, which has one of its own: one
 * provider on a loopback port, as strict as the real one, according to the facts.
 */
import { createServer } from 'node:http';

import { performer } from '../../../testing/faults.js';
import { credentialsOf, endpointsOf, urlsOf } from './addresses.js';
import { emails, userInfo } from './api.js';
import { decide } from './authorize.js';
import { Grants } from './grants.js';
import { formPostPage, methodNotAllowed, plainText, readBody, redirect, send } from './http.js';
import { discovery, jwks, newKey, sharedKey } from './openid.js';
import { defaultProfile } from './profiles.js';
import { describeProvider } from './provider.js';
import { describeRequest, splitTarget } from './request.js';
import { revoke } from './revoke.js';
import { token } from './token.js';

/**
 * @typedef {'authorize' | 'token' | 'refresh' | 'userinfo' | 'emails' | 'revoke' | 'discovery'
 *   | 'jwks' | 'other'} Endpoint
 *
 * @typedef {object} Options
 * @property {string} id of the catalogue
 * @property {object} [client] over the usual one: `clientId`, `clientSecret`, `redirectUris`
 *   (without them any redirect URI is registered), for Apple `teamId` and `keyId`
 * @property {import('./profiles.js').Profile} [profile] of who signs in
 * @property {Record<string, import('./profiles.js').Profile>} [users] more people, by name
 * @property {Partial<Record<Endpoint, unknown>>} [faults] see `fail`
 * @property {Record<string, unknown>} [metadata] over the usual members of the discovery document
 * @property {() => number} [now] the clock, in milliseconds
 *
 * @param {Options} options
 * @returns {Promise<StandIn>} once it listens
 */
export async function startStandIn(options) {
  const standIn = new StandIn(options);
  await standIn.listen();
  return standIn;
}

export class StandIn {
  /** Without a trailing slash. @type {string} */
  url;
  /** As the id_tokens name it; Microsoft's holds a literal `{tenantid}`. @type {string} */
  issuer;
  /** Every URL, whether or not discovery tells it. @type {Record<string, string>} */
  urls;
  /** Options for our factory that lead it here. @type {Record<string, string>} */
  endpoints;
  /** Everything else that our factory needs. @type {Record<string, string>} */
  credentials;
  /** Oldest first. */
  requests = [];
  /** Settable: `({ claims, header }) => ({ claims, header })`, to make a bad id_token. */
  forgeIdToken = null;

  #server = createServer((req, res) => this.#serve(req, res));
  #routes = new Map();
  #faults = new Map();
  #closed;

  constructor({ id, client, profile, users = {}, faults = {}, metadata = {}, now = Date.now }) {
    this.client = { ...CLIENT, ...client };
    this.provider = describeProvider(id, this.client.clientId);
    /** Who signs in next; what was granted before keeps the profile of its moment. */
    this.profile = profile ?? defaultProfile(id);
    this.users = users;
    this.metadata = metadata;
    this.now = now;
    this.grants = new Grants(now);
    this.keys = [sharedKey(this.provider.idToken.alg)];
    for (const [endpoint, behaviours] of Object.entries(faults)) {
      for (const behaviour of [behaviours].flat()) this.fail(endpoint, behaviour);
    }
    // Longer than any client's own idle time, so that a pooled connection is never cut under it.
    this.#server.keepAliveTimeout = 65_000;
  }

  async listen() {
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
    this.issuer = this.url + (this.provider.issuerPath ?? '');
    this.urls = urlsOf(this);
    this.endpoints = endpointsOf(this);
    this.credentials = await credentialsOf(this);
    const { refreshPath, paths } = this.provider;
    const { discoveryAlias, ...usual } = paths;
    this.#routes = new Map(
      [
        ...Object.entries(usual),
        ['discovery', discoveryAlias],
        ['refresh', refreshPath],
      ]
        .filter(([, path]) => path !== undefined)
        .map(([endpoint, path]) => [path, endpoint]),
    );
  }

  /**
   * Plays the browser, and the user who says yes, at an authorization URL of ours.
   *
   * @param {string | URL} authorizationUrl
   * @param {{ user?: string, deny?: boolean }} [person] `user`: one of `users`
   * @returns {import('./authorize.js').Callback} the request that the browser makes next
   * @throws when the real provider would not like the URL; where it would tell the client so, the
   *   error's `callback` is that answer
   */
  approve(authorizationUrl, { user, deny } = {}) {
    const url = new URL(authorizationUrl);
    const { name, paths, canonical, fragment = '' } = this.provider;
    if (url.origin !== this.url || canonical(url.pathname) !== paths.authorize) {
      throw new Error(`${url.origin}${url.pathname} is not where ${name} signs people in`);
    }
    const request = describeRequest('GET', url.pathname, url.search, {}, '');
    this.#record(request, 'authorize');
    const { problem, callback } =
      url.hash === fragment
        ? decide(this, url.search, { profile: this.#person(user), deny })
        : { problem: `the URL must end in ${fragment || 'no fragment'}` };
    if (problem) {
      request.refused = problem;
      throw Object.assign(new Error(`${name} refuses the authorization: ${problem}`), { callback });
    }
    return callback;
  }

  /**
   * Makes the next `times` answers of one endpoint go wrong. Calls queue up.
   *
   * @param {Endpoint} endpoint
   * @param {import('../../../testing/faults.js').Behaviour} behaviour
   */
  fail(endpoint, behaviour, times = 1) {
    if (!ENDPOINTS.has(endpoint)) throw new TypeError(`there is no endpoint called ${endpoint}`);
    const queue = this.#faults.get(endpoint) ?? [];
    queue.push({ perform: performer(behaviour), left: times });
    this.#faults.set(endpoint, queue);
  }

  /** @param {Endpoint} [endpoint] all when omitted */
  count(endpoint) {
    if (endpoint === undefined) return this.requests.length;
    return this.requests.filter((request) => request.endpoint === endpoint).length;
  }

  /** Access tokens that were issued so far are dead; refresh tokens live on. */
  expireTokens() {
    this.grants.expireTokens();
  }

  /** A new key signs from now on; with `forget` the old ones are no longer published. */
  async rotateKey({ forget = false } = {}) {
    const { alg } = this.provider.idToken;
    const key = newKey(alg === 'HS256' ? 'ES256' : alg, `stand-in-${this.keys.length}-rotated`);
    await key;
    this.keys = [...(forget ? [] : this.keys), key];
  }

  /** Stops, ending at once what hangs, drips or idles. */
  close() {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    return this.#closed;
  }

  async #serve(req, res) {
    try {
      const body = await readBody(req);
      const [path, query] = splitTarget(req.url);
      const request = describeRequest(req.method, path, query, req.headers, body ?? '');
      const endpoint = this.#endpoint(request);
      this.#record(request, endpoint);
      const perform = this.#nextFault(endpoint);
      if (perform) perform(res);
      else if (body === null) send(res, plainText(413, 'Too large'));
      else send(res, await this.#answer(request, endpoint));
    } catch (error) {
      // Either the client went away while sending, or a bug of ours: one request, not the server.
      if (res.headersSent) res.destroy();
      else send(res, { ...plainText(500, String(error?.stack)), last: true });
    }
  }

  #answer(request, endpoint) {
    switch (endpoint) {
      case 'authorize':
        return this.#authorize(request);
      case 'token':
        return token(this, request, 'token');
      case 'refresh':
        return token(this, request, this.provider.refreshPath ? 'refresh' : 'token');
      case 'userinfo':
        return userInfo(this, request);
      case 'emails':
        return emails(this, request);
      case 'revoke':
        return this.provider.revoke.grantType
          ? token(this, request, 'token')
          : revoke(this, request);
      case 'discovery':
        return discovery(this, request);
      case 'jwks':
        return jwks(this);
      default:
        return plainText(404, 'Not Found');
    }
  }

  /** What a real browser gets: `stand_in_user` in the query says who sits in front of it. */
  #authorize(request) {
    if (request.method !== 'GET') return methodNotAllowed('GET');
    const person = { profile: this.#person(request.params.get('stand_in_user') ?? undefined) };
    const { problem, callback } = decide(this, request.search, person);
    if (problem) request.refused = problem;
    if (!callback) return plainText(400, problem);
    return callback.method === 'POST'
      ? formPostPage(callback.url, callback.form)
      : redirect(302, callback.url);
  }

  #person(user) {
    if (user === undefined) return this.profile;
    if (!Object.hasOwn(this.users, user)) throw new TypeError(`there is no user called ${user}`);
    return this.users[user];
  }

  #endpoint(request) {
    const { canonical, refreshPath, revoke: revocation } = this.provider;
    const endpoint = this.#routes.get(canonical(request.path)) ?? 'other';
    if (endpoint !== 'token') return endpoint;
    const said = (name) => request.form?.[name] ?? request.json?.[name] ?? request.query[name];
    const grantType = said('grant_type');
    if (grantType === 'refresh_token' && !refreshPath) return 'refresh';
    return grantType && grantType === revocation?.grantType ? 'revoke' : 'token';
  }

  #record(request, endpoint) {
    request.endpoint = endpoint;
    this.requests.push(request);
  }

  #nextFault(endpoint) {
    const queue = this.#faults.get(endpoint);
    if (!queue?.length) return undefined;
    const [fault] = queue;
    fault.left -= 1;
    if (fault.left === 0) queue.shift();
    return fault.perform;
  }
}

const CLIENT = {
  clientId: 'stand-in-client.0123456789',
  clientSecret: 'stand-in_secret-0123456789abcdefghijklmno',
  teamId: 'DEF123GHIJ',
  keyId: 'ABC123DEFG',
};

const ENDPOINTS = new Set([
  'authorize',
  'token',
  'refresh',
  'userinfo',
  'emails',
  'revoke',
  'discovery',
  'jwks',
]);
