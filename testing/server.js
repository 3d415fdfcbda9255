/**
 * A stand-in for Bitbucket Cloud: consumers, the OAuth 2.0 endpoints and the two API calls a
 * sign-in makes, as strict as the real service, on a loopback port.
 */
import { createServer } from 'node:http';

import * as api from './api.js';
import { authorize } from './authorize.js';
import { parseConsumer } from './consumer.js';
import { performer } from './faults.js';
import { Grants } from './grants.js';
import { readBody, send } from './http.js';
import { avatar, notFoundPage, problemPage } from './pages.js';
import { token } from './token.js';
import { users as everybody } from './users.js';

export { answers } from './answers.js';
export { approve } from './approve.js';
export { users } from './users.js';

/**
 * @typedef {object} Options
 * @property {import('./consumer.js').ConsumerOptions} consumer
 * @property {number} [port] 0 (the default) picks a free one
 * @property {string} [host] default `127.0.0.1`
 * @property {'current' | 'announced'} [variant] which token answer
 * @property {Record<string, import('./users.js').User>} [users] instead of the usual cast
 * @property {boolean} [autoApprove] `&stand_in_user=jane` on the authorize URL skips the pages
 * @property {number} [accessTokenTtl] seconds, default 7200
 * @property {number} [codeTtl] seconds, default 60
 * @property {number} [refreshGrace] seconds that a rotated refresh token lives on, default 600
 * @property {() => number} [now] the clock, in milliseconds
 */

/**
 * @param {Options} options
 * @returns {Promise<Bitbucket>} once it listens
 */
export async function startBitbucket({ port = 0, host = '127.0.0.1', ...options }) {
  const bitbucket = new Bitbucket(options);
  await bitbucket.listen(port, host);
  return bitbucket;
}

export class Bitbucket {
  /** @type {string} without a trailing slash */
  url;
  /** `authorizationUrl`, `tokenUrl`, `userInfoUrl`, `emailsUrl`. @type {Record<string, string>} */
  endpoints;
  /** The latest requests, oldest first, at most `MAX_REQUESTS`. @type {object[]} */
  requests = [];
  /** When set, every page of e-mails names this URL as its `next`. @type {string | null} */
  next = null;

  #server = createServer((req, res) => this.#serve(req, res));
  #counts = new Map();
  #faults = new Map();
  #closed;

  /** @param {Omit<Options, 'port' | 'host'>} options */
  constructor({
    consumer,
    variant = 'current',
    users = everybody,
    autoApprove = false,
    accessTokenTtl = 7200,
    codeTtl = 60,
    refreshGrace = 600,
    now = Date.now,
  }) {
    if (variant !== 'current' && variant !== 'announced') {
      throw new TypeError(`variant must be 'current' or 'announced', got ${variant}`);
    }
    for (const [name, seconds] of Object.entries({ accessTokenTtl, codeTtl, refreshGrace })) {
      if (!(seconds >= 0)) throw new TypeError(`${name} must be a number of seconds`);
    }
    for (const [key, { emails }] of Object.entries(users)) {
      if (!Array.isArray(emails)) throw new TypeError(`users.${key}.emails must be an array`);
    }
    /** May be changed while running, as Bitbucket will do it. */
    this.variant = variant;
    /** A copy of our own: a test may move an address without harm to the next test. */
    this.users = structuredClone(users);
    this.autoApprove = autoApprove;
    this.consumers = new Map();
    this.grants = new Grants({ accessTokenTtl, codeTtl, refreshGrace, now });
    this.setConsumer(consumer);
    // Longer than any client's own idle time, so that a pooled connection is never cut under it.
    this.#server.keepAliveTimeout = 65_000;
  }

  /** @param {number} port @param {string} host */
  async listen(port, host) {
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen(port, host, resolve);
    });
    const name = host.includes(':') ? `[${host}]` : host;
    this.url = `http://${name}:${this.#server.address().port}`;
    this.endpoints = {
      authorizationUrl: `${this.url}/site/oauth2/authorize`,
      tokenUrl: `${this.url}/site/oauth2/access_token`,
      userInfoUrl: `${this.url}/2.0/user`,
      emailsUrl: `${this.url}/2.0/user/emails`,
    };
  }

  /** Adds a consumer, or replaces the one with the same key. */
  setConsumer(options) {
    const consumer = parseConsumer(options);
    this.consumers.set(consumer.key, consumer);
  }

  /** @param {string | undefined} key @returns {import('./users.js').User | undefined} */
  user(key) {
    return key !== undefined && Object.hasOwn(this.users, key) ? this.users[key] : undefined;
  }

  /**
   * Makes the next `times` answers of one endpoint go wrong. Calls queue up.
   *
   * @param {'authorize' | 'token' | 'user' | 'emails'} kind
   * @param {import('./faults.js').Behaviour} behaviour
   * @param {number} [times] `Infinity` until `reset()`
   */
  fail(kind, behaviour, times = 1) {
    if (![...ROUTES.values()].some((route) => route.kind === kind)) {
      throw new TypeError(`there is no endpoint called ${kind}`);
    }
    if (!(times >= 1)) throw new TypeError('times must be at least 1');
    const queue = this.#faults.get(kind) ?? [];
    queue.push({ perform: performer(behaviour), left: times });
    this.#faults.set(kind, queue);
  }

  /**
   * Requests since the start or the last `reset()`, also those no longer in `requests`.
   *
   * @param {'authorize' | 'token' | 'user' | 'emails' | 'other'} [kind] all kinds when omitted
   */
  count(kind) {
    if (kind !== undefined) return this.#counts.get(kind) ?? 0;
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Forgets requests, faults and `next`; consumers, users and tokens stay. */
  reset() {
    this.requests.length = 0;
    this.#counts.clear();
    this.#faults.clear();
    this.next = null;
  }

  /** The user removed the authorization: codes, access and refresh tokens are dead. */
  revokeAll(user) {
    if (!this.user(user)) throw new TypeError(`there is no user called ${user}`);
    this.grants.revokeAll(user);
  }

  /** Every access token issued so far is expired; refresh tokens live on. */
  expireTokens() {
    this.grants.expireTokens();
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
      const request = await parseRequest(req);
      const route = ROUTES.get(request.path);
      this.#record(request, route?.kind ?? 'other');
      if (request.body === null) {
        const refusal = problemPage(413, 'Too large', 'The request body is too large.');
        send(res, { ...refusal, last: true });
        return;
      }
      const perform = this.#nextFault(route?.kind);
      if (perform) perform(res);
      else send(res, route ? route.answer(this, request) : elsewhere(this, request));
    } catch (error) {
      // Either the client went away while sending, or a bug of ours: one request, not the server.
      if (res.headersSent) res.destroy();
      else send(res, { ...problemPage(500, 'Something went wrong', String(error)), last: true });
    }
  }

  #record({ params, ...request }, kind) {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    this.requests.push({ ...request, query: Object.fromEntries(params) });
    if (this.requests.length > MAX_REQUESTS) this.requests.shift();
  }

  #nextFault(kind) {
    const queue = this.#faults.get(kind);
    if (!queue?.length) return undefined;
    const [fault] = queue;
    fault.left -= 1;
    if (fault.left === 0) queue.shift();
    return fault.perform;
  }
}

/**
 * Splits by hand: `new URL` throws on request targets such as `//` and resolves `/../`.
 *
 * @returns {Promise<Request>}
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {URLSearchParams} params
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string | null} body null when it was too large
 * @property {number} at
 */
async function parseRequest(req) {
  const mark = req.url.indexOf('?');
  return {
    method: req.method,
    path: mark === -1 ? req.url : req.url.slice(0, mark),
    params: new URLSearchParams(mark === -1 ? '' : req.url.slice(mark)),
    headers: req.headers,
    body: await readBody(req),
    at: Date.now(),
  };
}

function elsewhere(bitbucket, request) {
  if (request.path.startsWith('/2.0/')) return api.missing(request);
  const [, key] = /^\/avatar\/(.+)\.svg$/.exec(request.path) ?? [];
  return (key && avatar(bitbucket, key)) ?? notFoundPage();
}

const ROUTES = new Map([
  ['/site/oauth2/authorize', { kind: 'authorize', answer: authorize }],
  ['/site/oauth2/access_token', { kind: 'token', answer: token }],
  ['/2.0/user', { kind: 'user', answer: api.user }],
  ['/2.0/user/emails', { kind: 'emails', answer: api.emails }],
]);

const MAX_REQUESTS = 1000;
