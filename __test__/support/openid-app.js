// An application that signs in with an OpenID provider, and people who use it.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { genericOIDC, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { toNodeHandler } from '../../node.js';
import { BASE_URL, SECRET } from './app-config.js';
import { Client, setCookies } from './client.js';
import { startIssuer } from './openid-provider.js';
import { CookieJar, walk } from './openid-walk.js';

export const ID = 'corp';
export const AUTHORIZE = `/auth/oauth/authorize/${ID}`;

const BASE_PATH = '/api/kavach';
const PAGE = '<!doctype html><title>The application</title><h1>The application</h1>';

/**
 * An issuer and an application that is registered there, twice on demand.
 *
 * - `issuer`: options of `startIssuer`
 * - `client`: metadata of the client over the usual ones
 * - `provider`: options of `genericOIDC` over the usual ones
 * - `spare`: `true` for a second provider `spare`, at the same issuer under another client id
 * - `isDown`: starts the application while the issuer does not answer
 * - `oauth`, `kavach`: options over the usual ones
 */
export async function startOpenId(t, { isDown = false, ...options } = {}) {
  const { issuer, kavachOptions } = await prepare(t, BASE_URL, options);
  if (isDown) await issuer.down();
  const kavach = await createKavach(kavachOptions);
  t.after(() => kavach.close());
  const person = () => new Person(kavach.handler, { base: `${BASE_URL}${BASE_PATH}` });
  return { issuer, kavach, person, jane: person() };
}

/** The same behind a real server on localhost, which is another site than the issuer's. */
export async function serveOpenId(t, options = {}) {
  const server = createServer();
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const url = `http://localhost:${server.address().port}`;
  const { issuer, kavachOptions } = await prepare(t, url, options);
  const kavach = await createKavach(kavachOptions);
  const routes = toNodeHandler(kavach);
  server.on('request', (request, response) => {
    if (request.url.startsWith(`${BASE_PATH}/`)) return routes(request, response);
    return response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  });
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await kavach.close();
  });
  return { issuer, kavach, url, base: `${url}${BASE_PATH}` };
}

async function prepare(t, baseUrl, { issuer: config, client, provider, spare, ...over }) {
  const clients = [metadata(baseUrl, ID, client)];
  if (spare) clients.push(metadata(baseUrl, 'spare'));
  const issuer = await startIssuer(t, { clients, ...config });
  const providers = clients.map((client, index) =>
    genericOIDC({
      id: index === 0 ? ID : 'spare',
      issuer: issuer.issuer,
      clientId: client.client_id,
      ...(client.client_secret && { clientSecret: client.client_secret }),
      ...(index === 0 && provider),
    }),
  );
  const kavachOptions = {
    database: { provider: 'sqlite', url: ':memory:' },
    secret: SECRET,
    baseUrl,
    rateLimit: { enabled: false },
    plugins: [oauth({ providers, ...over.oauth })],
    ...over.kavach,
  };
  return { issuer, kavachOptions };
}

/** A member that is `undefined` is left out. */
function metadata(baseUrl, id, over = {}) {
  const all = {
    client_id: `kavach-${id}`,
    client_secret: `the secret of ${id}, which is long enough`,
    redirect_uris: [`${baseUrl}${BASE_PATH}/auth/oauth/callback/${id}`],
    post_logout_redirect_uris: [`${baseUrl}/`, `${baseUrl}/bye`],
    grant_types: ['authorization_code', 'refresh_token'],
    ...over,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A browser that goes to both sites. Requests that come from the other site lack cookies. */
export class Person extends Client {
  /** The cookies of the provider's site. */
  atProvider = new CookieJar();

  constructor(handler, options) {
    const sameSite = new Map();
    super(async (request, info) => {
      const response = await handler(fromAnotherSite(request, sameSite), info);
      for (const { name, attributes } of setCookies(response)) {
        sameSite.set(name, attributes.get('samesite')?.toLowerCase());
      }
      return response;
    }, options);
  }

  /** Starts a sign-in; resolves to the provider's URL. */
  authorize(params = {}, id = ID) {
    return super.authorize(params, id);
  }

  /** Through the provider's pages; resolves to the request that comes back, see `walk`. */
  walk(url, options) {
    return walk(url, { cookies: this.atProvider, ...options });
  }

  /** The whole way; resolves to the answer of the callback. */
  async signIn(options = {}, params = {}, id = ID) {
    return this.arrive(await this.walk(await this.authorize(params, id), options));
  }

  /** Links an account to whoever is signed in; resolves to the answer of the callback. */
  async link(id, options = {}) {
    const response = await this.post('/auth/oauth/link', { provider: id });
    const { url } = await response.json();
    return this.arrive(await this.walk(url, options));
  }

  /** The request with which the provider sends the browser back. */
  async arrive({ method, url, form }) {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    if (method === 'GET') return this.get(url, headers);
    const response = await this.post(url, String(new URLSearchParams(form)), {
      ...headers,
      accept: 'text/html,*/*;q=0.8',
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'null',
    });
    // To the same place as a GET, for which the browser has all cookies.
    const location = response.headers.get('location');
    const isSame = location && new URL(location, url).pathname === new URL(url).pathname;
    return isSame ? this.get(new URL(location, url).href, headers) : response;
  }
}

/** RFC 6265bis 5.8.3: only what is `SameSite=None` goes along with a POST from another site. */
function fromAnotherSite(request, sameSite) {
  const isCross = request.headers.get('sec-fetch-site') === 'cross-site';
  if (!isCross || request.method === 'GET') return request;
  const headers = new Headers(request.headers);
  const pairs = (headers.get('cookie') ?? '').split('; ');
  const kept = pairs.filter((pair) => sameSite.get(pair.split('=')[0]) === 'none').join('; ');
  if (kept) headers.set('cookie', kept);
  else headers.delete('cookie');
  return new Request(request, { headers });
}
