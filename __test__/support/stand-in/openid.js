// Metadata, keys and id_tokens of the providers that speak OpenID Connect.

import { createHash } from 'node:crypto';

import { SignJWT } from 'jose';

import { makeKeyPair } from '../key-pair.js';
import { json } from './http.js';
import { without } from './profiles.js';

export function discovery(standIn, request) {
  const { provider, url, issuer } = standIn;
  const { authorize, token, userinfo, revoke, jwks } = provider.paths;
  const at = (path) => path && url + path;
  const withPkce = provider.pkce === 'supported' || provider.pkce === 'required';
  const isRfc7009 = provider.revoke?.formats?.includes('form') && !provider.revoke.grantType;
  const metadata = {
    issuer,
    authorization_endpoint: at(authorize),
    token_endpoint: at(token),
    userinfo_endpoint: at(userinfo),
    jwks_uri: at(jwks),
    ...(isRfc7009 && { revocation_endpoint: at(revoke) }),
    response_types_supported: provider.responseTypes,
    response_modes_supported: provider.responseModes,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [provider.idToken.alg],
    scopes_supported: [...provider.scopes],
    token_endpoint_auth_methods_supported: provider.authMethods.map((way) => AUTH_METHODS[way]),
    ...(withPkce && { code_challenge_methods_supported: ['S256'] }),
  };
  return json(200, { ...provider.metadata(metadata, request, standIn), ...standIn.metadata });
}

export async function jwks({ keys }) {
  const all = await Promise.all(keys);
  return json(200, { keys: all.map(({ jwk }) => jwk) });
}

/** @returns {Promise<string>} */
export async function signIdToken(standIn, grant, accessToken, nonce) {
  const { provider, client, keys } = standIn;
  const { alg } = provider.idToken;
  const { kid, privateKey } = await keys.at(-1);
  const now = Math.floor(standIn.now() / 1000);
  const own = claims(provider, grant);
  const usual = {
    ...own,
    // Microsoft's issuer is that of the user's tenant.
    iss: standIn.issuer.replace('{tenantid}', own.tid),
    aud: client.clientId,
    iat: now,
    exp: now + 3600,
    ...(nonce !== undefined && provider.idToken.nonce && { nonce }),
    at_hash: halfHash(accessToken),
  };
  const forged = standIn.forgeIdToken?.({ claims: usual, header: { alg, kid } });
  const { claims: said, header } = forged ?? { claims: usual, header: { alg, kid } };
  const isSymmetric = header.alg === 'HS256';
  const key = isSymmetric ? new TextEncoder().encode(client.clientSecret) : privateKey;
  return new SignJWT(said).setProtectedHeader(header).sign(key);
}

/** OpenID Connect Core 3.1.3.6. */
function halfHash(token) {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
}

/** What the profile says, less what the scopes do not allow and what is the issuer's to say. */
function claims(provider, { profile, scopes }) {
  const { iss: _, aud: __, iat: ___, exp: ____, nonce: _____, ...own } = profile.idToken ?? {
    sub: profile.userInfo?.sub,
  };
  if (provider.idToken.onlySub) return { sub: own.sub };
  return without(own, provider.needs, scopes);
}

/** A key of the provider: generated once in a process, since that takes long. */
export function sharedKey(alg) {
  // Signed with the secret, yet there are keys to be found: LINE advertises ES256.
  const kind = alg === 'HS256' ? 'ES256' : alg;
  if (!shared.has(kind)) shared.set(kind, newKey(kind, `stand-in-${kind}`));
  return shared.get(kind);
}

export function newKey(alg, kid) {
  const { publicKey, privateKey } = makeKeyPair(...KINDS[alg]);
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

const KINDS = {
  RS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
};
const shared = new Map();

const AUTH_METHODS = { basic: 'client_secret_basic', post: 'client_secret_post' };
