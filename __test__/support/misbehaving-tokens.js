// JSON Web Tokens as nobody should make them: RFC 7515 by hand, since a library refuses to.

import { constants, createHmac, sign } from 'node:crypto';

import { makeKeyPair } from './key-pair.js';

/** A key pair: `privateKey`, and `jwk` to publish. `fields` go into the latter. */
export function makeKey(kid, type, options = {}, fields = {}) {
  const { privateKey, publicKey } = makeKeyPair(type, options);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', ...fields };
  return { kid, privateKey, publicKey, jwk };
}

const RSA = { modulusLength: 2048 };

/** The key that the issuer signs with when it behaves. */
export const HONEST = makeKey('honest', 'rsa', RSA, { alg: 'RS256' });

/** A key that the issuer never publishes. */
export const ATTACKER = makeKey('attacker', 'rsa', RSA, { alg: 'RS256' });

/** Keys that lie beside the honest one. */
export const KEYS = {
  rsa: makeKey('rsa', 'rsa', RSA),
  short: makeKey('short', 'rsa', { modulusLength: 1024 }, { alg: 'RS256' }),
  encryption: makeKey('encryption', 'rsa', RSA, { use: 'enc' }),
  p256: makeKey('p256', 'ec', { namedCurve: 'P-256' }, { alg: 'ES256' }),
  p384: makeKey('p384', 'ec', { namedCurve: 'P-384' }, { alg: 'ES384' }),
  ed25519: makeKey('ed25519', 'ed25519', {}, { alg: 'EdDSA' }),
};

/** `{ header, payload }` of a compact token. */
export function parsed(token) {
  const [header, payload] = token.split('.').slice(0, 2).map((part) => {
    return JSON.parse(Buffer.from(part, 'base64url'));
  });
  return { header, payload };
}

/** A compact token. `alg` is how it is signed, whatever the header says. */
export function signed(header, payload, key, alg = header.alg) {
  const input = `${encoded(header)}.${encoded(payload)}`;
  return `${input}.${signature(input, key, alg).toString('base64url')}`;
}

/** Bytes and text as they are, all else as JSON; in base64url. */
export function encoded(value) {
  const isRaw = typeof value === 'string' || Buffer.isBuffer(value);
  return Buffer.from(isRaw ? value : JSON.stringify(value)).toString('base64url');
}

function signature(input, key, alg) {
  const data = Buffer.from(input);
  const hash = `sha${alg.slice(2)}`;
  switch (alg.slice(0, 2)) {
    case 'HS':
      return createHmac(hash, key).update(data).digest();
    case 'RS':
      return sign(hash, data, key);
    case 'PS':
      return sign(hash, data, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
    case 'ES':
      return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
    default:
      return sign(null, data, key);
  }
}
