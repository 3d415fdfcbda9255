// How a client proves who it is, at the token and the revocation endpoint (RFC 6749 2.3).

import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';

import { makeKeyPair } from '../key-pair.js';
import { basicCredentials, param } from './http.js';

/**
 * @param {object} standIn
 * @param {object} request
 * @param {URLSearchParams} params
 * @param {('basic' | 'post')[]} [methods]
 * @returns {Promise<string | undefined>} why the client is refused
 */
export async function refuseClient(standIn, request, params, methods) {
  const { provider, client } = standIn;
  const allowed = methods ?? provider.authMethods;
  const { id: idName, secret: secretName } = provider.names;
  const inBody = { id: param(params, idName), secret: param(params, secretName) };

  if (request.headers.authorization !== undefined) {
    if (!allowed.includes('basic')) return 'An Authorization header does not work here.';
    if (inBody.secret) return 'Use one way to authenticate the client.';
    const candidates = basicCredentials(request);
    const matches = ({ id, secret }) => id === client.clientId && secret === client.clientSecret;
    if (!candidates.some(matches)) return 'The client id or secret of the header is wrong.';
    return inBody.id && inBody.id !== client.clientId ? `${idName} is another client.` : undefined;
  }
  if (!allowed.includes('post')) return 'The client must authenticate by HTTP Basic.';
  if (inBody.id !== client.clientId) return `${idName} is wrong.`;
  if (provider.secretless) return undefined;
  const isRight = provider.checkSecret
    ? await provider.checkSecret(standIn, inBody.secret)
    : inBody.secret === client.clientSecret;
  return isRight ? undefined : `${secretName} is wrong.`;
}

/** The secret is a JWT, signed with the key that the developer got from Apple. */
export async function checkAppleSecret({ client, issuer, now }, secret) {
  try {
    const { publicKey } = appleKeys();
    if (decodeProtectedHeader(secret).kid !== client.keyId) return false;
    const { payload } = await jwtVerify(secret, publicKey, {
      algorithms: ['ES256'],
      issuer: client.teamId,
      subject: client.clientId,
      audience: ['https://appleid.apple.com', issuer],
      requiredClaims: ['iat', 'exp'],
      currentDate: new Date(now()),
    });
    return payload.exp <= now() / 1000 + SIX_MONTHS && payload.exp - payload.iat <= SIX_MONTHS;
  } catch {
    return false;
  }
}

/** What a developer has of Apple, and a secret that is signed already. */
export async function appleCredentials({ clientId, teamId, keyId }) {
  const { privateKey, pem } = appleKeys();
  const clientSecret = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: keyId })
    .setIssuer(teamId)
    .setSubject(clientId)
    .setAudience('https://appleid.apple.com')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  return { clientSecret, privateKey: pem };
}

let keys;
function appleKeys() {
  if (!keys) {
    const pair = makeKeyPair('ec', { namedCurve: 'P-256' });
    keys = { ...pair, pem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
  }
  return keys;
}

/** Seconds; Apple's own number. */
const SIX_MONTHS = 15_777_000;
