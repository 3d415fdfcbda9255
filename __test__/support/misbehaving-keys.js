// Text that is no private key to sign with, though it looks like one.

import { generateKeyPairSync } from 'node:crypto';

export const GOOD = pem('ec', { namedCurve: 'P-256' });

export const NO_KEYS = {
  'text': 'the private key of the application',
  'empty': '',
  'blank': '  \n ',
  'a file name': './AuthKey_ABC123.p8',
  'base64 without its frame': GOOD.split('\n').slice(1, -2).join('\n'),
  'half of one': GOOD.slice(0, GOOD.length / 2),
  'a public key': generateKeyPairSync('ec', {
    namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).publicKey,
  'a certificate': `-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUfDEJyNgiMbs+A/SkiI4V1ypXNxIwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBeDAgFw0yNjExMjQxMjA2MjJaGA8yMTI2MTAzMTEyMDYyMlow
DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFKjXLjzrQp/
6VeO56pkqb9Di5JXCoqMr8YM2e8hfGB0M5ti/of8Sau5gYmIGhuub9XRjozGkqU4
OGk9JxA9bjWjUzBRMB0GA1UdDgQWBBQ+q9ttmakS+8ClJqehzJNIMva2WDAfBgNV
HSMEGDAWgBQ+q9ttmakS+8ClJqehzJNIMva2WDAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIDAEFVhFLc3I/zroBIxBlovqESUBXt45JlyGZo8FLDTb
AiBcoK60qR3Da8wPUAYJc3Kmjeob0221y98cAaANFIm4ZQ==
-----END CERTIFICATE-----
`,
  'encrypted': pem('ec', { namedCurve: 'P-256' }, { cipher: 'aes-256-cbc', passphrase: 'x' }),
  'of P-384': pem('ec', { namedCurve: 'P-384' }),
  'of secp256k1': pem('ec', { namedCurve: 'secp256k1' }),
  'of RSA with 1024 bits': pem('rsa', { modulusLength: 1024 }),
  'of X25519': pem('x25519'),
  'of DSA': pem('dsa', { modulusLength: 1024, divisorLength: 160 }),
  'a number': 7,
  'bytes': Buffer.from(GOOD),
};

export const RSA = pem('rsa', { modulusLength: 2048 });

function pem(type, options = {}, encryption = {}) {
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem', ...encryption };
  return generateKeyPairSync(type, { ...options, privateKeyEncoding }).privateKey;
}
