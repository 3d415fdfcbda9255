// Key pairs that can be exported.

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';

/**
 * `{ publicKey, privateKey }`, read anew from PEM: Node 20 can hang when it exports a key that it has
 * just made, since the maker, should it be collected meanwhile, waits for the same lock.
 */
export function makeKeyPair(type, options = {}) {
  const { publicKey, privateKey } = generateKeyPairSync(type, {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKey: createPublicKey(publicKey), privateKey: createPrivateKey(privateKey) };
}
