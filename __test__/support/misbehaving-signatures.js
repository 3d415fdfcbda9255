// id_tokens that nobody should believe, as `idToken` of startIssuer: forged signatures, algorithms
// and forms.

import { ATTACKER, HONEST, KEYS, encoded, parsed, signed } from './misbehaving-tokens.js';
import { CLIENT } from './misbehaving-issuer.js';

/** Signs what the issuer meant to say with another header or key. */
const by = (key, fields = {}, alg = undefined) => ({ header, payload }) => {
  const changed = { ...header, ...fields };
  return signed(changed, payload, key, alg ?? changed.alg);
};

/** The same, where the claims are the attacker's. */
const unsigned = (alg, last = () => '') => (given) => {
  const header = { ...given.header, alg };
  return `${encoded(header)}.${encoded(given.payload)}.${last(given)}`;
};

const parts = (change) => ({ token }) => change(token.split('.')).join('.');
const pem = (type) => HONEST.publicKey.export({ type, format: 'pem' });
const spki = (key) => key.publicKey.export({ type: 'spki', format: 'der' });
const hs = (key, alg = 'HS256') => by(key, { alg });

/** Without a signature. */
export const UNSIGNED = {
  'alg none': unsigned('none'),
  'alg none and the signature of another': unsigned('none', ({ token }) => token.split('.')[2]),
  'alg none and a signature of blanks': unsigned('none', () => encoded('    ')),
  'alg None': unsigned('None'),
  'alg NONE': unsigned('NONE'),
  'alg nOnE': unsigned('nOnE'),
  'alg none after a blank': unsigned(' none'),
  'an empty alg': unsigned(''),
  'alg null': unsigned(null),
  'alg 0': unsigned(0),
  'alg in a list': unsigned(['RS256']),
  'no alg': unsigned(undefined),
  'RS256 and an empty signature': parts(([header, payload]) => [header, payload, '']),
};

/** Signed with what everybody knows, or with the secret of the client. */
export const SYMMETRIC = {
  'HS256 under the public key as PEM': hs(pem('spki')),
  'HS256 under the public key as PEM without the last line break': hs(pem('spki').trim()),
  'HS256 under the public key as PKCS#1': hs(pem('pkcs1')),
  'HS256 under the public key as DER': hs(spki(HONEST)),
  'HS256 under the public key as JWK': hs(JSON.stringify(HONEST.jwk)),
  'HS256 under the modulus': hs(HONEST.jwk.n),
  'HS256 under the bytes of the modulus': hs(Buffer.from(HONEST.jwk.n, 'base64url')),
  'HS256 under the client secret': hs(CLIENT.secret),
  'HS384 under the client secret': hs(CLIENT.secret, 'HS384'),
  'HS512 under the client secret': hs(CLIENT.secret, 'HS512'),
  'HS256 under the client id': hs(CLIENT.id),
  'HS256 under an empty key': hs(''),
  'HS256 under a key that the issuer publishes': ({ header, payload }) => {
    return signed({ ...header, alg: 'HS256', kid: 'shared' }, payload, 'x'.repeat(32));
  },
};

/** A symmetric key has no place in a document that everybody can read. */
export const SHARED = { kty: 'oct', kid: 'shared', alg: 'HS256', k: encoded('x'.repeat(32)) };

/** Good signatures by algorithms that are not announced, or that nobody should use. */
export const OTHER_ALGORITHMS = {
  'ES256, which is not announced': by(KEYS.p256.privateKey, { alg: 'ES256', kid: 'p256' }),
  'EdDSA, which is not announced': by(KEYS.ed25519.privateKey, { alg: 'EdDSA', kid: 'ed25519' }),
  'PS256, which is not announced': by(KEYS.rsa.privateKey, { alg: 'PS256', kid: 'rsa' }),
  'PS256 by the honest key': by(HONEST.privateKey, { alg: 'PS256' }),
  'RS384': by(HONEST.privateKey, { alg: 'RS384' }),
  'RS512': by(HONEST.privateKey, { alg: 'RS512' }),
  'PS512': by(HONEST.privateKey, { alg: 'PS512' }),
  'ES384': by(KEYS.p384.privateKey, { alg: 'ES384', kid: 'p384' }),
  'rs256': by(HONEST.privateKey, { alg: 'rs256' }, 'RS256'),
  'RS256 that is said to be RS512': by(HONEST.privateKey, { alg: 'RS512' }, 'RS256'),
  'RS512 that is said to be RS256': by(HONEST.privateKey, { alg: 'RS256' }, 'RS512'),
  'PS256 that is said to be RS256': by(HONEST.privateKey, { alg: 'RS256' }, 'PS256'),
};

/** Signed with a key of the attacker's, or with one that is there for something else. */
export function otherKeys(elsewhere) {
  const { privateKey, jwk } = ATTACKER;
  const x5c = [spki(ATTACKER).toString('base64')];
  return {
    'a key of the attacker under the honest kid': by(privateKey),
    'a key of the attacker under its own kid': by(privateKey, { kid: 'attacker' }),
    'a key of the attacker without a kid': by(privateKey, { kid: undefined }),
    'a key of the attacker in jwk': by(privateKey, { jwk }),
    'a key of the attacker in jwk, by its own kid': by(privateKey, { jwk, kid: jwk.kid }),
    'a key of the attacker in jwk, without a kid': by(privateKey, { jwk, kid: undefined }),
    'a key of the attacker at jku': by(privateKey, { jku: elsewhere, kid: jwk.kid }),
    'a key of the attacker at jku, under the honest kid': by(privateKey, { jku: elsewhere }),
    'a key of the attacker at x5u': by(privateKey, { x5u: elsewhere, kid: jwk.kid }),
    'a key of the attacker in x5c': by(privateKey, { x5c, kid: undefined }),
    'a key for encryption': by(KEYS.encryption.privateKey, { kid: 'encryption' }),
    'a key of 1024 bits': by(KEYS.short.privateKey, { kid: 'short' }),
    'the kid of a key of another type': by(HONEST.privateKey, { kid: 'p256' }),
    'a kid that is a path': by(privateKey, { kid: '../../../../dev/null' }),
    'a kid that is an address': by(privateKey, { kid: elsewhere }),
    'a kid that is SQL': by(privateKey, { kid: "x' UNION SELECT 'x" }),
    'a kid that is a number': by(privateKey, { kid: 7 }),
    'a kid that is a key': by(privateKey, { kid: jwk }),
    'a kid of 100 kB': by(privateKey, { kid: 'k'.repeat(100_000) }),
  };
}

/** Honest signatures over headers that ask for something that we do not know (RFC 7515 4.1.11). */
export const CRITICAL = {
  'crit with an unknown name': by(HONEST.privateKey, { 'crit': ['x-unknown'], 'x-unknown': true }),
  'crit with a name that is not there': by(HONEST.privateKey, { crit: ['x-unknown'] }),
  'crit with a claim': by(HONEST.privateKey, { crit: ['exp'], exp: 1 }),
  'crit with a name of the standard': by(HONEST.privateKey, { crit: ['alg'] }),
  'crit that is empty': by(HONEST.privateKey, { crit: [] }),
  'crit that is no list': by(HONEST.privateKey, { crit: 'alg' }),
  'crit with b64': by(HONEST.privateKey, { crit: ['b64'], b64: false }),
};

/** No token, or none any more. */
export const MALFORMED = {
  'nothing': () => '',
  'one part': parts(([header]) => [header]),
  'two parts': parts(([header, payload]) => [header, payload]),
  'four parts': parts((all) => [...all, '']),
  'five parts': parts(([header, payload, signature]) => [header, '', payload, signature, 'x']),
  'empty parts': () => '..',
  'a blank in front': ({ token }) => ` ${token}`,
  'a line break at the end': ({ token }) => `${token}\n`,
  'padding': parts(([header, payload, signature]) => [header, payload, `${signature}==`]),
  'plain base64': parts(([header, payload, signature]) => [
    header, payload, Buffer.from(signature, 'base64url').toString('base64'),
  ]),
  'a header that is no JSON': parts(([, ...rest]) => [encoded('{"alg":'), ...rest]),
  'a header that is a list': parts(([, ...rest]) => [encoded('["RS256"]'), ...rest]),
  'a header that is null': parts(([, ...rest]) => [encoded('null'), ...rest]),
  'a payload that is no JSON': ({ header }) => signed(header, 'claims', HONEST.privateKey),
  'a payload that is a list': ({ header, payload }) => {
    return signed(header, [payload], HONEST.privateKey);
  },
  'a payload that is text': ({ header, payload }) => {
    return signed(header, JSON.stringify(JSON.stringify(payload)), HONEST.privateKey);
  },
  'a payload that is null': ({ header }) => signed(header, 'null', HONEST.privateKey),
  'a payload that is empty': ({ header }) => signed(header, '', HONEST.privateKey),
  'a payload that is no UTF-8': ({ header, payload }) => {
    const bytes = Buffer.from(JSON.stringify({ ...payload, x: '\xff' }), 'latin1');
    return signed(header, bytes, HONEST.privateKey);
  },
  'a payload that was changed': ({ token }) => {
    const [header, , signature] = token.split('.');
    const { payload } = parsed(token);
    return `${header}.${encoded({ ...payload, sub: 'somebody else' })}.${signature}`;
  },
  'a header that was changed': parts(([header, ...rest]) => {
    const changed = { ...JSON.parse(Buffer.from(header, 'base64url')), x: 1 };
    return [encoded(changed), ...rest];
  }),
  'a signature that lacks its last byte': parts(([header, payload, signature]) => {
    return [header, payload, encoded(Buffer.from(signature, 'base64url').subarray(0, -1))];
  }),
  'half a signature': parts(([header, payload, signature]) => {
    return [header, payload, signature.slice(0, signature.length / 2)];
  }),
  'a signature of zeros': parts(([header, payload]) => [
    header, payload, encoded(Buffer.alloc(256)),
  ]),
  'a signature with a byte more': parts(([header, payload, signature]) => {
    const bytes = Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.from([0])]);
    return [header, payload, encoded(bytes)];
  }),
  'a number': () => 7,
  'true': () => true,
  'a list': ({ token }) => [token],
  'an object': ({ token }) => ({ token }),
  'the access token': ({ accessToken }) => accessToken,
};

/** Where ES256 is announced: the ways to forge it. */
export const ELLIPTIC = {
  'zeros (CVE-2022-21449)': elliptic(() => Buffer.alloc(64)),
  'an empty signature': elliptic(() => Buffer.alloc(0)),
  'a signature of ones': elliptic(() => Buffer.alloc(64, 0xff)),
  'a signature that lacks its last byte': elliptic((signature) => signature.subarray(0, -1)),
  'the kid of an RSA key': by(KEYS.p256.privateKey, { alg: 'ES256' }),
  'RS256 under its kid': by(HONEST.privateKey, { kid: 'p256' }),
};

function elliptic(change) {
  return ({ header, payload }) => {
    const token = signed(
      { ...header, alg: 'ES256', kid: 'p256' }, payload, KEYS.p256.privateKey,
    );
    const [first, second, signature] = token.split('.');
    return `${first}.${second}.${encoded(change(Buffer.from(signature, 'base64url')))}`;
  };
}

/** Good signatures by the algorithms that we know, for whoever announces them. */
export const SOUND = {
  RS256: by(HONEST.privateKey),
  PS256: by(KEYS.rsa.privateKey, { alg: 'PS256', kid: 'rsa' }),
  ES256: by(KEYS.p256.privateKey, { alg: 'ES256', kid: 'p256' }),
  EdDSA: by(KEYS.ed25519.privateKey, { alg: 'EdDSA', kid: 'ed25519' }),
};
