// ELF files that are wrong in one way.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { needsOf } from '../../scripts/elf.js';
import { ADDON } from './installed.js';

/** This addon with a text in it replaced by one of the same length. */
export function patched(from, to) {
  assert.equal(from.length, to.length);
  const addon = readFileSync(ADDON);
  const at = addon.indexOf(`\0${from}\0`) + 1;
  assert.ok(at > 0, from);
  addon.write(to, at, 'latin1');
  return addon;
}

/** This addon, asking for a glibc that does not exist yet. */
export function needingNewerGlibc() {
  const versions = Object.values(needsOf(readFileSync(ADDON)).versions).flat();
  const from = versions.find((name) => /^GLIBC_2\.\d\d$/.test(name));
  const to = 'GLIBC_9.99';
  const addon = patched(from, to);
  // The linker compares hashes of the names before the names.
  const hash = Buffer.alloc(4);
  hash.writeUInt32LE(elfHash(from));
  for (let at = addon.indexOf(hash); at >= 0; at = addon.indexOf(hash, at + 1)) {
    addon.writeUInt32LE(elfHash(to), at);
  }
  return addon;
}

/** The beginning of an executable that names this loader, or of a static one. */
export function executable(loader) {
  const name = Buffer.from(loader ? `${loader}\0` : '');
  const file = Buffer.alloc(64 + 56 + name.length);
  file.writeUInt32BE(0x7f454c46, 0);
  file.set([2, 1], 4);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(loader ? 3 : 1, 64);
  file.writeBigUInt64LE(120n, 72);
  file.writeBigUInt64LE(BigInt(name.length), 96);
  name.copy(file, 120);
  return file;
}

function elfHash(name) {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash << 4) + byte;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}
