// Opens and seals what the library keeps in flow cookies, with the application's own secret: the
// way to a flow whose time is over, since nobody can turn the clock of the addon.
//
// version (1) | key id (4) | nonce (24) | XChaCha20-Poly1305, in base64url; see src/crypto.rs.

import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

const HEADER = 5;
const NONCE = 24;
const TAG = 16;

/** Rewrites a flow cookie: `change` gets what it holds and gives what it shall hold. */
export function reseal({ name, value, provider = 'bitbucket', secret, change }) {
  const sealed = Buffer.from(value, 'base64url');
  const header = sealed.subarray(0, HEADER + NONCE);
  const nonce = header.subarray(HEADER);
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'kavachos v1 flow cookie', 32));
  const subkey = hchacha20(key, nonce);
  const iv = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const aad = Buffer.concat([name, provider].flatMap((part) => [length(part), Buffer.from(part)]));
  const options = { authTagLength: TAG };

  const decipher = createDecipheriv('chacha20-poly1305', subkey, iv, options);
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-TAG));
  const body = sealed.subarray(HEADER + NONCE, -TAG);
  const plain = JSON.parse(Buffer.concat([decipher.update(body), decipher.final()]).toString());

  const cipher = createCipheriv('chacha20-poly1305', subkey, iv, options);
  cipher.setAAD(aad);
  const changed = cipher.update(JSON.stringify(change(plain)));
  const parts = [header, changed, cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(parts).toString('base64url');
}

function length(text) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Buffer.byteLength(text)));
  return bytes;
}

/** Node has ChaCha20-Poly1305 with the short nonce; this makes the key for the long one. */
function hchacha20(key, nonce) {
  const words = (bytes) => {
    return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(i * 4));
  };
  const constants = Buffer.from('expand 32-byte k');
  const x = Uint32Array.from([constants, key, nonce.subarray(0, 16)].flatMap(words));
  const rotate = (value, by) => (value << by) | (value >>> (32 - by));
  const quarter = (a, b, c, d) => {
    for (const [p, q, r, by] of [[a, b, d, 16], [c, d, b, 12], [a, b, d, 8], [c, d, b, 7]]) {
      x[p] += x[q];
      x[r] = rotate(x[r] ^ x[p], by);
    }
  };
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 4; i += 1) quarter(i, i + 4, i + 8, i + 12);
    for (let i = 0; i < 4; i += 1) {
      quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
    }
  }
  const out = Buffer.alloc(32);
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((at, i) => out.writeUInt32LE(x[at], i * 4));
  return out;
}
