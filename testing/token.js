import { answers, methodNotAllowed, oauthError } from './answers.js';
import { decode, json, param, readForm } from './http.js';

/**
 * `POST /site/oauth2/access_token`. PKCE's `code_verifier` is tolerated and ignored.
 *
 * @param {import('./server.js').Bitbucket} bitbucket
 * @param {import('./server.js').Request} request
 * @returns {import('./http.js').Answer}
 */
export function token(bitbucket, request) {
  if (request.method !== 'POST') return methodNotAllowed('POST');
  // A JSON body is not read; the answer is the same as for no parameters at all.
  const form = readForm(request) ?? new URLSearchParams();
  if (new Set(form.keys()).size !== form.size) {
    return oauthError('A parameter was given more than once.', 'invalid_request');
  }
  // Before the client is authenticated: JSON with good credentials in it gets this answer too.
  const grantType = param(form, 'grant_type');
  if (!grantType) return answers.noGrantType;
  const exchange = EXCHANGES.get(grantType);
  if (!exchange) return oauthError(`Unsupported grant type: ${grantType}`, 'invalid_grant');

  const { refusal, consumer } = authenticate(bitbucket, request, form);
  if (refusal) return refusal;
  return consumer.callbackUrl ? exchange(bitbucket, consumer, form) : answers.noCallback;
}

function redeemCode(bitbucket, consumer, form) {
  const spent = bitbucket.grants.spendCode(form.get('code'));
  if (spent?.grant.consumer !== consumer.key) return answers.invalidCode;
  // RFC 6749 4.1.3: repeated exactly when it was sent, else the configured one or nothing.
  const repeated = param(form, 'redirect_uri');
  const same =
    repeated === spent.redirectUri ||
    (spent.redirectUri === undefined && repeated === consumer.callbackUrl);
  if (!same) return answers.invalidCode;
  const refreshToken = bitbucket.grants.issueRefreshToken(spent.grant, refreshLifetime(bitbucket));
  return success(bitbucket, spent.grant, 'authorization_code', refreshToken);
}

function refresh(bitbucket, consumer, form) {
  const rotates = bitbucket.variant === 'announced';
  const old = form.get('refresh_token');
  const grant = bitbucket.grants.readRefreshToken(old);
  if (grant?.consumer !== consumer.key) {
    return rotates ? answers.deadRefreshToken : answers.invalidRefreshToken;
  }
  if (rotates) bitbucket.grants.retireRefreshToken(old);
  const refreshToken = rotates
    ? bitbucket.grants.issueRefreshToken(grant, refreshLifetime(bitbucket))
    : old;
  return success(bitbucket, grant, 'refresh_token', refreshToken);
}

function success({ grants, variant }, grant, state, refreshToken) {
  const announced = variant === 'announced';
  return json(
    200,
    {
      [announced ? 'scope' : 'scopes']: grant.scopes.join(' '),
      access_token: grants.issueAccessToken(grant, announced ? 3000 : 128),
      expires_in: grants.accessTokenTtl,
      token_type: 'bearer',
      // The grant type, not the CSRF state.
      state,
      refresh_token: refreshToken,
    },
    { 'cache-control': 'no-store' },
  );
}

/** HTTP Basic or the body, never both (RFC 6749 2.3). */
function authenticate({ consumers }, { headers }, form) {
  const inBody = { key: param(form, 'client_id'), secret: param(form, 'client_secret') };
  if (headers.authorization === undefined) return match(consumers, [inBody]);

  const [, encoded] = /^basic +(\S+)$/i.exec(headers.authorization) ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  const plain = { key: text.slice(0, Math.max(colon, 0)), secret: text.slice(colon + 1) };
  if (inBody.secret || (inBody.key && inBody.key !== plain.key)) {
    return { refusal: oauthError('Use one way to authenticate the client.', 'invalid_request') };
  }
  // `curl -u` sends both parts as they are, RFC 6749 2.3.1 form-encodes them: clients do either.
  const decoded = { key: formDecode(plain.key), secret: formDecode(plain.secret) };
  return match(consumers, [plain, decoded]);
}

function match(consumers, candidates) {
  for (const { key, secret } of candidates) {
    const consumer = consumers.get(key);
    if (consumer && consumer.secret === secret) return { consumer };
  }
  return { refusal: answers.invalidClient };
}

function formDecode(text) {
  return decode(text.replaceAll('+', ' '));
}

/** Seconds. Not limited today; announced: three months unused. */
function refreshLifetime({ variant }) {
  return variant === 'announced' ? 90 * 24 * 3600 : Infinity;
}

const EXCHANGES = new Map([
  ['authorization_code', redeemCode],
  ['refresh_token', refresh],
  // Only for private consumers, and no consumer for signing in is one.
  ['client_credentials', () => answers.publicConsumer],
]);
