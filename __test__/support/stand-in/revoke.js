import { refuseClient } from './client-auth.js';
import { bearer, json, methodNotAllowed, param, readParams } from './http.js';

/**
 * How a provider takes a token back.
 *
 * @typedef {object} Revocation
 * @property {'POST' | 'DELETE'} [method] default POST; with `bearer` GET works too
 * @property {'client' | 'basic' | 'id' | 'none' | 'bearer'} auth `client`: as at the token
 *   endpoint; `id`: the client's id alone; `bearer`: the token to be revoked is in the header
 * @property {('form' | 'json' | 'query')[]} [formats]
 * @property {string[]} [names] of the parameter that holds the token
 * @property {(request: object) => string | undefined} [orBearer]
 * @property {string} [grantType] it is a grant of the token endpoint
 * @property {number} [status]
 * @property {unknown} [answer]
 */

/** From a client that authenticates as at the token endpoint. @type {Revocation} */
export const RFC_7009 = { auth: 'client', formats: ['form'], names: ['token'] };

export async function revoke(standIn, request) {
  const { provider, grants } = standIn;
  const { method = 'POST', auth, formats } = provider.revoke;
  if (request.method !== method) return methodNotAllowed(method);
  if (auth !== 'bearer') {
    const params = readParams(request, formats) ?? new URLSearchParams();
    return revokeToken(standIn, request, params);
  }
  const grant = grants.readAccessToken(bearer(request));
  if (!grant) {
    request.refused = 'no good access token';
    return provider.apiError(401, 'The access token is invalid.');
  }
  grants.revokeGrant(grant);
  return success(provider.revoke);
}

export function revokeAtTokenEndpoint(standIn, request, params) {
  return revokeToken(standIn, request, params);
}

async function revokeToken(standIn, request, params) {
  const { provider, client, grants } = standIn;
  const { auth, names, orBearer } = provider.revoke;
  const refuse = (error, description) => {
    request.refused = description;
    return provider.tokenError(error, description, request);
  };
  if (auth === 'id' && param(params, provider.names.id) !== client.clientId) {
    return refuse('invalid_client', `${provider.names.id} is wrong.`);
  }
  if (auth === 'client' || auth === 'basic') {
    const methods = auth === 'basic' ? ['basic'] : undefined;
    const stranger = await refuseClient(standIn, request, params, methods);
    if (stranger) return refuse('invalid_client', stranger);
  }
  const token = names.map((name) => param(params, name)).find(Boolean) ?? orBearer?.(request);
  if (!token) return refuse('invalid_request', `${names[0]} is missing.`);
  // RFC 7009 2.2: a token that is unknown is as good as revoked.
  grants.revoke(token);
  return success(provider.revoke);
}

function success({ status = 200, answer = {} }) {
  return status === 204 ? { status } : json(status, answer);
}
