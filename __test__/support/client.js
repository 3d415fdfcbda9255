// A browser in miniature: a cookie jar over `kavach.handler`, which takes and gives web standard
// objects. Every `Client` is a browser of its own.

import assert from 'node:assert/strict';

import { approve } from '../../testing/server.js';

export class Client {
  /** Name to value, in the order in which they were set, as a browser sends them. */
  cookies = new Map();

  #handler;
  #base;
  #info;

  /**
   * `base` is where the routes are, `https://your-app.com/api/kavach` say. `info` is what the
   * server knows about the socket.
   */
  constructor(handler, { base, info }) {
    this.#handler = handler;
    this.#base = base;
    this.#info = info;
  }

  get origin() {
    return new URL(this.#base).origin;
  }

  /** A navigation. `target` is a path below the base path, or a whole URL. */
  get(target, headers = {}) {
    return this.#send('GET', target, { accept: 'text/html,*/*;q=0.8', ...headers });
  }

  /** What a script fetches, as JSON. */
  getJson(target, headers = {}) {
    return this.get(target, { accept: 'application/json', ...headers });
  }

  /** A request of the application's own page. A header that is `undefined` is left out. */
  post(target, body, headers = {}) {
    const own = {
      accept: 'application/json',
      origin: this.origin,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
    return this.#send('POST', target, own, typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** Starts a sign-in; resolves to the provider's URL. */
  async authorize(params = {}, provider = 'bitbucket') {
    const query = new URLSearchParams(params);
    const response = await this.get(
      `/auth/oauth/authorize/${provider}${query.size > 0 ? `?${query}` : ''}`,
    );
    assert.equal(response.status, 302, await response.clone().text());
    return response.headers.get('location');
  }

  /** The whole walk: resolves to the answer of the callback. */
  async signIn(user, params = {}) {
    return this.get(await approve(await this.authorize(params), { user }));
  }

  /** Links an account to the signed-in user; resolves to the answer of the callback. */
  async link(user, body = { provider: 'bitbucket' }) {
    const response = await this.post('/auth/oauth/link', body);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return this.get(await approve(JSON.parse(text).url, { user }));
  }

  /** `{ user, session }`, or `null` when nobody is signed in. */
  async session() {
    const response = await this.getJson('/auth/session');
    return response.status === 200 ? response.json() : null;
  }

  /** The session cookie's value, which is the token. */
  get token() {
    return [...this.cookies.values()].find((value) => value.startsWith('kvs_'));
  }

  flowCookies() {
    return [...this.cookies.keys()].filter((name) => name.includes('kavach_flow_'));
  }

  async #send(method, target, headers, body) {
    const url = target.startsWith('/') ? `${this.#base}${target}` : target;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = Object.entries({ ...(cookie && { cookie }), ...headers });
    const init = { method, headers: sent.filter(([, value]) => value !== undefined), body };
    const response = await this.#handler(new Request(url, init), this.#info);
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** As strict as a browser about what a name promises (RFC 6265bis 5.7). */
  #keep(line) {
    const { name, value, attributes } = parseCookie(line);
    if (name.startsWith('__Host-')) {
      assert.ok(attributes.has('secure') && !attributes.has('domain'), line);
      assert.equal(attributes.get('path'), '/', line);
    }
    if (attributes.has('secure')) assert.ok(this.origin.startsWith('https:'), line);
    this.cookies.delete(name);
    if (attributes.get('max-age') !== '0') this.cookies.set(name, value);
  }
}

/** The parts of a `Set-Cookie` header; attribute names are in lower case. */
export function parseCookie(line) {
  const [pair, ...rest] = line.split('; ');
  const mark = pair.indexOf('=');
  const attributes = new Map(
    rest.map((text) => {
      const [name, value = ''] = text.split('=');
      return [name.toLowerCase(), value];
    }),
  );
  return { name: pair.slice(0, mark), value: pair.slice(mark + 1), attributes };
}

/** The cookies that an answer sets, parsed. */
export function setCookies(response) {
  return response.headers.getSetCookie().map(parseCookie);
}

/** Asserts that a browser is sent to the error page with this code. */
export function assertErrorPage(response, code, page = '/api/kavach/auth/error') {
  assert.equal(response.status, 302);
  const location = new URL(response.headers.get('location'));
  assert.equal(location.pathname, page);
  assert.equal(location.searchParams.get('error'), code);
}

/** Asserts that an answer is the JSON of this error; resolves to its message. */
export async function assertError(response, status, code) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type'), /^application\/json/);
  const { error, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {});
  assert.equal(error.code, code, error.message);
  return error.message;
}
