// An OpenID provider that misbehaves on purpose: oauth2-mock-server behind a front where any answer
// can be changed, replaced or redirected. What goes wrong in one sign-in goes along with its code,
// so that any number of them can run at once.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { OAuth2Server } from 'oauth2-mock-server';

import { HONEST, parsed } from './misbehaving-tokens.js';

/** Longer than 32 bytes, so that it would do as a key of HS256. */
export const CLIENT = { id: 'client-id', secret: 'client+secret/% of more than thirty-two bytes' };

const KINDS = {
  '/.well-known/openid-configuration': 'discovery',
  '/jwks': 'jwks',
  '/authorize': 'authorize',
  '/token': 'token',
  '/userinfo': 'userinfo',
};

/**
 * What can go wrong in one sign-in, see {@link startIssuer}:
 *
 * - `claims(payload)` changes the claims before the issuer signs them
 * - `idToken({ token, header, payload, accessToken, issuer })` gives another id_token
 * - `answer(body)` changes the answer of the token endpoint
 * - `userinfo(body)` changes the user info, or gives another; the id_token then names nobody, so
 *   that it is asked for
 *
 * `document` are fields over those of the discovery document, `keys` lie beside the honest one.
 */
export async function startIssuer(t, { document = {}, keys = [] } = {}) {
  const mock = new OAuth2Server();
  await mock.issuer.keys.add({
    ...HONEST.privateKey.export({ format: 'jwk' }), kid: HONEST.kid, alg: 'RS256', use: 'sig',
  });
  const requests = [];
  const changed = new Map();
  const replaced = new Map();
  const usual = {
    discovery: (body) => ({
      ...body, token_endpoint_auth_methods_supported: ['client_secret_basic'], ...document,
    }),
    jwks: (body) => ({ keys: [...keys, ...body.keys] }),
  };

  const server = createServer((req, res) => {
    const kind = KINDS[new URL(req.url, 'http://x').pathname];
    requests.push({ kind, method: req.method, path: req.url, headers: req.headers });
    if (replaced.has(kind)) {
      req.resume();
      replaced.get(kind)(req, res);
      return;
    }
    // Express puts its prototype under `res`, so this comes before its own.
    res.json = (body) => {
      delete res.json;
      const honest = usual[kind]?.(body) ?? body;
      return res.json(changed.has(kind) ? changed.get(kind)(honest) : honest);
    };
    mock.service.requestHandler(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  mock.issuer.url = url;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });

  const flows = attend(mock.service, url);

  return {
    url,
    requests,
    /** How often an endpoint was asked. */
    count: (kind) => requests.filter((request) => request.kind === kind).length,
    /** From now on `change(body)` decides what an endpoint answers. */
    change: (kind, change) => changed.set(kind, change),
    /** From now on `answer(req, res)` is what an endpoint does. */
    replace: (kind, answer) => replaced.set(kind, answer),
    /** Good again. */
    behave() {
      changed.clear();
      replaced.clear();
    },
    /** Walks from an authorization URL to the callback's, as a browser would. */
    async approve(authorizationUrl, fault = {}) {
      assert.equal(new URL(authorizationUrl).origin, url);
      const response = await fetch(authorizationUrl, { redirect: 'manual' });
      assert.equal(response.status, 302, await response.clone().text());
      const back = new URL(response.headers.get('location'));
      flows.start(back.searchParams.get('code'), fault);
      return back.href;
    },
  };
}

/** Answers with these bytes, as JSON unless told otherwise. */
export const sends = (body, { status = 200, type = 'application/json', ...headers } = {}) => {
  return (_req, res) => res.writeHead(status, { 'content-type': type, ...headers }).end(body);
};

function attend(service, url) {
  const byCode = new Map();
  const byToken = new Map();
  let count = 0;

  service.on('beforeTokenSigning', ({ payload }, { body }) => {
    const flow = byCode.get(body.code);
    if (!flow) return;
    const { fault, sub, profile } = flow;
    if (!('aud' in payload)) {
      // The access token: equal ones could not be told apart.
      payload.jti = body.code;
      return;
    }
    Object.assign(payload, { sub, ...(!fault.userinfo && profile) });
    fault.claims?.(payload);
  });

  service.on('beforeResponse', (response, { body: { code } }) => {
    const flow = byCode.get(code);
    if (!flow) return;
    const { body } = response;
    const token = body.id_token;
    const { access_token: accessToken } = body;
    byToken.set(accessToken, flow);
    if (flow.fault.idToken) {
      body.id_token = flow.fault.idToken({ token, ...parsed(token), accessToken, issuer: url });
    }
    flow.fault.answer?.(body);
  });

  service.on('beforeUserinfo', (response, { headers }) => {
    const flow = byToken.get(headers.authorization?.replace('Bearer ', ''));
    if (!flow) {
      Object.assign(response, { statusCode: 401, body: { error: 'invalid_token' } });
      return;
    }
    const honest = { sub: flow.sub, ...flow.profile };
    response.body = flow.fault.userinfo?.(honest) ?? honest;
  });

  return {
    start(code, fault) {
      count += 1;
      const profile = {
        name: 'Jane Example', email: `jane${count}@example.com`, email_verified: true,
      };
      byCode.set(code, { fault, sub: `subject-${count}`, profile });
    },
  };
}
