// What an issuer gives for a sign-in, made with Node's own cryptography: for each algorithm a set
// of three keys, and grants signed with one of them, good and bad.

import { constants, hash, sign } from 'node:crypto';

import { makeKeyPair } from '../__test__/support/key-pair.js';

const ISSUER = 'https://issuer.example';
const CLIENT_ID = 'client.0123456789';

const RSA = ['rsa', { modulusLength: 2048 }];
const KINDS = {
  RS256: { key: RSA, digest: 'sha256' },
  PS256: {
    key: RSA,
    digest: 'sha256',
    how: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 },
  },
  ES256: {
    key: ['ec', { namedCurve: 'P-256' }],
    digest: 'sha256',
    how: { dsaEncoding: 'ieee-p1363' },
  },
  // Ed25519 hashes by itself.
  EdDSA: { key: ['ed25519'], digest: null },
};

export const ALGORITHMS = Object.keys(KINDS);

/**
 * The half hash of an access token (OpenID Connect Core 3.1.3.6), with SHA-512 where the signature
 * hashes with it.
 */
export function halfHash(algorithm, accessToken) {
  const whole = hash(algorithm === 'EdDSA' ? 'sha512' : 'sha256', accessToken, 'buffer');
  return whole.subarray(0, whole.length / 2).toString('base64url');
}

/** `{ algorithm, jwks, issuer, clientId, grants, bad }`; `bad` is grants by what is wrong. */
export function makeGrants(algorithm, count) {
  const keys = [1, 2, 3].map((number) => newKey(algorithm, `key-${number}`));
  const [, key] = keys;
  const make = (number, changes) => makeGrant(algorithm, key, number, changes);
  const stranger = { ...newKey(algorithm, key.kid), kid: key.kid };
  const now = seconds();
  return {
    algorithm,
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    issuer: ISSUER,
    clientId: CLIENT_ID,
    grants: Array.from({ length: count }, (_, i) => make(i + 1)),
    bad: {
      'a changed signature': withChangedSignature(make(1)),
      'changed claims': withClaimsOf(make(1), make(1, { email: 'mallory@example.com' })),
      'a key of a stranger under the same id': makeGrant(algorithm, stranger, 1),
      'a key that is not published': makeGrant(algorithm, { ...key, kid: 'key-4' }, 1),
      'another issuer': make(1, { iss: `${ISSUER}/` }),
      'another audience': make(1, { aud: 'client.other' }),
      'a time that is over': make(1, { exp: now - 120 }),
      'a time of issue to come': make(1, { iat: now + 120 }),
      'another nonce': make(1, { nonce: 'another' }),
      'the hash of another access token': make(1, { at_hash: halfHash(algorithm, 'another') }),
    },
  };
}

function newKey(algorithm, kid) {
  const { publicKey, privateKey } = makeKeyPair(...KINDS[algorithm].key);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
  return { kid, privateKey, jwk };
}

/** What a client holds when the id_token has come: `{ subject, nonce, accessToken, idToken }`. */
function makeGrant(algorithm, { kid, privateKey }, number, changes) {
  const digits = String(number).padStart(12, '0');
  const subject = `user-${digits}`;
  const nonce = `nonce-${'n'.repeat(25)}${digits}`;
  const accessToken = `access-token-${'a'.repeat(51)}${digits}`;
  const now = seconds();
  const claims = {
    iss: ISSUER,
    sub: subject,
    aud: CLIENT_ID,
    iat: now,
    exp: now + 6 * 3600,
    nonce,
    at_hash: halfHash(algorithm, accessToken),
    email: `${subject}@example.com`,
    email_verified: true,
    name: `User ${number}`,
    picture: `https://issuer.example/pictures/${digits}.png`,
    ...changes,
  };
  const signed = [{ alg: algorithm, typ: 'JWT', kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const { digest, how } = KINDS[algorithm];
  const signature = sign(digest, Buffer.from(signed), { key: privateKey, ...how });
  const idToken = `${signed}.${signature.toString('base64url')}`;
  return { subject, nonce, accessToken, idToken };
}

function withChangedSignature(grant) {
  const [header, claims, signature] = grant.idToken.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[bytes.length >> 1] ^= 1;
  return { ...grant, idToken: `${header}.${claims}.${bytes.toString('base64url')}` };
}

function withClaimsOf(grant, other) {
  const [header, , signature] = grant.idToken.split('.');
  const [, claims] = other.idToken.split('.');
  return { ...grant, idToken: `${header}.${claims}.${signature}` };
}

function seconds() {
  return Math.floor(Date.now() / 1000);
}
