// Keys, as OpenID providers sign with, and as clients prove themselves with.

import { makeKeyPair } from './key-pair.js';

const KINDS = {
  RSA: ['rsa', { modulusLength: 2048 }],
  'P-256': ['ec', { namedCurve: 'P-256' }],
  Ed25519: ['ed25519'],
};

/** A private key set: RSA (RS256, PS256), P-256 (ES256), Ed25519 (EdDSA). */
export function newKeySet() {
  return {
    keys: Object.keys(KINDS).map((kind) => newKey(kind).privateKey.export({ format: 'jwk' })),
  };
}

/** A client's key: the PEM for the application, and what the provider is told of it. */
export function newClientKey(kind, kid) {
  const { publicKey, privateKey } = newKey(kind);
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', ...(kid && { kid }) }] },
  };
}

function newKey(kind) {
  return makeKeyPair(...KINDS[kind]);
}
