import { createHash } from 'node:crypto';

import { refuseClient } from './client-auth.js';
import { methodNotAllowed, param, readParams, repeatedName } from './http.js';
import { signIdToken } from './openid.js';
import { revokeAtTokenEndpoint } from './revoke.js';

/**
 * The token endpoint and, where refreshes have a URL of their own, that one.
 *
 * @param {object} standIn
 * @param {object} request
 * @param {'token' | 'refresh'} endpoint
 */
export async function token(standIn, request, endpoint) {
  const { provider } = standIn;
  if (request.method !== provider.tokenMethod) return methodNotAllowed(provider.tokenMethod);
  const refuse = (error, description) => {
    request.refused = description;
    return provider.tokenError(error, description, request);
  };

  const params = readParams(request, provider.tokenFormats);
  if (!params) return refuse('invalid_request', 'The body is of a type that is not read here.');
  const repeated = repeatedName(params);
  if (repeated) return refuse('invalid_request', `${repeated} is given more than once.`);

  const grantType = param(params, 'grant_type');
  const isRefresh = grantType === 'refresh_token';
  if (grantType === provider.revoke?.grantType && grantType) {
    return revokeAtTokenEndpoint(standIn, request, params);
  }
  const isHere = provider.refreshPath ? isRefresh === (endpoint === 'refresh') : true;
  if (!isHere || (!isRefresh && grantType !== 'authorization_code')) {
    return refuse('unsupported_grant_type', `grant_type=${grantType}`);
  }

  const stranger =
    isRefresh && provider.idAloneRefreshes
      ? param(params, provider.names.id) !== standIn.client.clientId && 'Another client.'
      : await refuseClient(standIn, request, params);
  if (stranger) return refuse('invalid_client', stranger);
  return isRefresh ? refresh(standIn, request, params) : redeem(standIn, request, params, refuse);
}

async function redeem(standIn, request, params, refuse) {
  const { provider, grants } = standIn;
  // Seen at LinkedIn, with or without a challenge.
  if (provider.pkce === 'rejected' && params.has('code_verifier')) {
    return refuse('invalid_client', 'Client authentication failed: code_verifier');
  }
  const grant = grants.spendCode(params.get('code'));
  if (!grant) return refuse('invalid_grant', 'The code is unknown, expired or used.');

  const redirectUri = param(params, 'redirect_uri');
  const mayLack = provider.redirectUriOptional && redirectUri === undefined;
  if (!mayLack && redirectUri !== grant.redirectUri) {
    return refuse('redirect_uri_mismatch', 'redirect_uri differs from the first one.');
  }
  const verifier = refuseVerifier(provider, grant, param(params, 'code_verifier'));
  if (verifier) return refuse('invalid_grant', verifier);
  const odd = provider.checkCode(params, grant);
  if (odd) return refuse('invalid_request', `${odd} is missing or wrong.`);

  const refreshToken = refreshes(provider, grant) ? grants.issueRefreshToken(grant) : undefined;
  return success(standIn, request, grant, { refreshToken, nonce: grant.nonce });
}

async function refresh(standIn, request, params) {
  const { provider, grants } = standIn;
  const old = params.get('refresh_token');
  const grant = grants.readRefreshToken(old);
  const odd = grant && provider.checkRefresh(params, grant);
  if (!grant || odd) {
    request.refused = odd ? `${odd} is missing or wrong.` : 'The refresh token is unknown or used.';
    const answer = provider.tokenError('invalid_grant', request.refused, request);
    return { ...answer, status: provider.refreshErrorStatus ?? answer.status };
  }
  return success(standIn, request, grant, { refreshToken: nextRefreshToken(standIn, grant, old) });
}

function nextRefreshToken({ provider, grants }, grant, old) {
  switch (provider.refresh.mode) {
    case 'rotated':
      grants.retireRefreshToken(old);
      return grants.issueRefreshToken(grant);
    case 'same':
      return old;
    default:
      return undefined;
  }
}

async function success(standIn, request, grant, { refreshToken, nonce }) {
  const { provider, grants } = standIn;
  const { answer: dialect } = provider;
  const accessToken = grants.issueAccessToken(grant, dialect.expiresIn);
  const { expiresIn } = dialect;
  const secrets = {
    access_token: accessToken,
    refresh_token: refreshToken,
    ...(provider.givesIdToken(grant.scopes) && {
      id_token: await signIdToken(standIn, grant, accessToken, nonce),
    }),
  };
  const usual = {
    ...secrets,
    token_type: dialect.noTokenType ? undefined : dialect.tokenType,
    expires_in: dialect.expiresInIsText ? String(expiresIn) : expiresIn,
    scope: writeScope(dialect, grant.scopes),
  };
  const answer = {
    ...provider.tokenAnswer(usual, grant, standIn),
    ...grant.profile.token,
    // A profile may be a recorded answer: its tokens are not ours.
    ...secrets,
  };
  const present = Object.entries(answer).filter(([, value]) => value !== undefined);
  return provider.writeToken(request, Object.fromEntries(present));
}

function writeScope({ noScope, scopeIsArray, scopeSeparator }, scopes) {
  if (noScope || scopes.length === 0) return undefined;
  return scopeIsArray ? scopes : scopes.join(scopeSeparator);
}

/** Whether this authorization request gets a refresh token. */
function refreshes({ refresh: { never, terms, any } }, { scopes, asked }) {
  if (never) return false;
  const holds = (term) => {
    const [name, value] = term.split('=');
    return value === undefined ? scopes.includes(term) : asked[name] === value;
  };
  return terms.length === 0 || (any ? terms.some(holds) : terms.every(holds));
}

/** RFC 7636 4.6; a verifier that nobody announced is refused too (RFC 9700 2.1.1). */
function refuseVerifier({ pkce }, { challenge }, verifier) {
  if (pkce !== 'required' && pkce !== 'supported') return undefined;
  if (challenge === undefined) return verifier && 'code_verifier without a code_challenge.';
  if (!verifier) return 'code_verifier is missing.';
  if (!/^[\w.~-]{43,128}$/.test(verifier)) return 'code_verifier is malformed.';
  const hash = createHash('sha256').update(verifier).digest('base64url');
  return hash === challenge ? undefined : 'code_verifier does not fit the code_challenge.';
}
