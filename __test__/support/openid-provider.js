// An OpenID provider that nobody here wrote: the certified package `oidc-provider`, as a real
// issuer over HTTP on a loopback address.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { newKeySet } from './openid-keys.js';

// The package gives advice about its configuration, from the moment it loads, which would drown
// what the tests print.
for (const level of ['info', 'warn']) {
  const write = console[level].bind(console);
  console[level] = (...args) => {
    if (!String(args[0]).startsWith('oidc-provider ')) write(...args);
  };
}
const { Provider } = await import('oidc-provider');

const HOST = '127.0.0.1';
const HOUR = 3600;

/** What goes from server to server, not through the browser. */
const BACK_CHANNEL = [
  'discovery', 'jwks', 'token', 'userinfo', 'par', 'revocation', 'introspection',
];

// Making an RSA key takes longer than most tests.
let usualKeys;

/**
 * An issuer until the test is over. `config` is what the package takes; `clients` are the metadata
 * of clients. Whoever signs in has the name they gave: `jane` is Jane Example, jane@example.com.
 *
 * - `path`: where the issuer's identifier goes on after the origin: `/`, `/realms/acme`
 * - `accounts`: further claims by name
 *
 * The issuer has `requests`, in the order in which they came: `endpoint`, `method`, `path`,
 * `headers`, `params` and, once answered, `status`.
 */
export async function startIssuer(t, { path = '', accounts = {}, ...config } = {}) {
  usualKeys ??= newKeySet();
  const requests = [];
  const listeners = [];
  const grants = new Set();
  let server;
  let provider;
  let handle;

  const port = await listen(0);
  const issuer = `http://${HOST}:${port}${path}`;
  serveWith(config.jwks ?? usualKeys);
  t.after(() => server.listening && down());

  async function listen(at) {
    server = createServer((request, response) => handle(request, response));
    server.listen(at, HOST);
    await once(server, 'listening');
    return server.address().port;
  }

  /** The package's store is one for all of its instances in a process: nothing is forgotten. */
  function serveWith(jwks) {
    provider = new Provider(issuer, {
      ...defaults(accounts),
      ...config,
      features: { revocation: { enabled: true }, ...config.features },
      jwks: structuredClone(jwks),
    });
    provider.use(record(requests));
    provider.on('grant.success', ({ oidc }) => grants.add(oidc.entities.Grant?.jti));
    for (const [event, listener] of listeners) provider.on(event, listener);
    handle = below(path, provider.callback());
  }

  /** Does not answer any more, as when the machine is gone. */
  async function down() {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    issuer,
    url: `http://${HOST}:${port}`,
    requests,
    /** The requests to one endpoint. */
    sent: (endpoint) => requests.filter((request) => request.endpoint === endpoint),
    /** The first answered request to an endpoint, as soon as there is one. */
    async answered(endpoint) {
      const isIt = (request) => request.endpoint === endpoint && request.status;
      const deadline = Date.now() + 5_000;
      while (!requests.some(isIt) && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return requests.find(isIt) ?? assert.fail(`nothing came to ${endpoint}`);
    },
    /** The endpoints that the application's server has asked, in order. */
    backChannel: () =>
      requests.map(({ endpoint }) => endpoint).filter((name) => BACK_CHANNEL.includes(name)),
    forget: () => requests.splice(0),
    /** Takes new keys, and publishes the old ones no more. */
    rotateKeys: () => serveWith(newKeySet()),
    down,
    up: () => listen(port),
    close: down,
    /** Listens to an event of the package. */
    on(event, listener) {
      listeners.push([event, listener]);
      provider.on(event, listener);
    },
    /** Takes back what all users have granted, as they can on an account page. */
    async revokeGrants() {
      for (const id of grants) await (await provider.Grant.find(id))?.destroy();
      grants.clear();
    },
    /** Who owns an access token, by the user info endpoint; `null` when it is dead. */
    async owner(accessToken) {
      const response = await fetch(`${issuer.replace(/\/$/, '')}/me`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      return response.ok ? (await response.json()).sub : null;
    },
  };
}

function defaults(accounts) {
  return {
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'picture', 'updated_at'],
      phone: ['phone_number'],
      address: ['address'],
    },
    cookies: { keys: ['a key for the cookies of the provider'] },
    async findAccount(_, id) {
      return { accountId: id, claims: () => ({ ...claimsOf(id), ...accounts[id] }) };
    },
    ttl: {
      AccessToken: HOUR, AuthorizationCode: 60, Grant: HOUR, IdToken: HOUR, Interaction: HOUR,
      RefreshToken: HOUR, Session: HOUR,
    },
  };
}

function claimsOf(id) {
  return {
    sub: id,
    email: `${id}@example.com`,
    email_verified: true,
    name: `${id.charAt(0).toUpperCase()}${id.slice(1)} Example`,
    picture: `https://example.com/${id}.png`,
  };
}

const ENDPOINTS = { pushed_authorization_request: 'par', authorization: 'auth' };

/** Middleware that writes down what was asked. */
function record(requests) {
  return async (ctx, next) => {
    const { method, path, headers } = ctx;
    const entry = { method, path, headers };
    requests.push(entry);
    try {
      await next();
    } finally {
      const endpoint = ctx.oidc?.route;
      const params = { ...(method === 'POST' ? ctx.oidc?.body : ctx.query) };
      Object.assign(entry, {
        endpoint: ENDPOINTS[endpoint] ?? endpoint, params, status: ctx.status,
      });
    }
  };
}

/** The handler mounted under a path, and nothing outside of it. */
function below(path, handler) {
  const prefix = path.replace(/\/$/, '');
  return (request, response) => {
    if (!request.url.startsWith(`${prefix}/`)) {
      response.writeHead(404).end();
      return;
    }
    request.originalUrl = request.url;
    request.url = request.url.slice(prefix.length);
    handler(request, response);
  };
}
