// Builds the addon when it is stale:
//
//     node scripts/build.js             development profile, shared with `cargo test`
//     node scripts/build.js --release   what is published
//
// The addon and the loader that picks it (js/native.js) lie side by side in js/, in the checkout as
// in the tarball, so that the loader finds it by the same relative path in both.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensureDependencies, fail, findProgram, packageBin, root } from './environment.js';

const INPUTS = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'package-lock.json', 'src', 'migrations'];
const OUTPUT = join(root, 'js');
// Outside js/, so that it is neither committed nor published, and `npm ci` forgets it.
const STAMP = join(root, 'node_modules', '.cache', 'kavachos', 'build.json');

/** Builds the addon unless the one at hand was made from the same sources. */
export function ensureBuilt({ release = false } = {}) {
  ensureDependencies();
  const sources = hashOf(INPUTS);
  if (isFresh(sources, release)) return;

  if (!findProgram('cargo')) {
    fail('Building the addon needs Rust 1.95 or newer: https://rustup.rs');
  }
  console.log(`Building the addon (${release ? 'release' : 'development'} profile)`);
  const result = spawnSync(
    process.execPath,
    [
      packageBin('@napi-rs/cli', 'napi'),
      ...['build', '--platform', '--esm', '--output-dir', 'js'],
      ...['--js', 'native.js', '--dts', 'native.d.ts'],
      ...(release ? ['--release'] : []),
      ...['--', '--locked'],
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (result.status !== 0) fail('The addon did not build.');

  // Sources that changed meanwhile are not in the addon: the hash is the one from before.
  mkdirSync(join(STAMP, '..'), { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ sources, release, outputs: outputs() }));
}

function isFresh(sources, release) {
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return false;
  }
  const same = stamp.sources === sources && stamp.outputs === outputs();
  return same && (stamp.release || !release);
}

/** What the last build left, so that a removed or replaced file counts as stale. */
function outputs() {
  let names = [];
  try {
    names = readdirSync(OUTPUT);
  } catch {
    // No directory yet: nothing was built.
  }
  return names
    .filter((name) => name.endsWith('.node') || name === 'native.js')
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(OUTPUT, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .join('\n');
}

/** One hash over names and contents; a few hundred small files take milliseconds. */
function hashOf(inputs) {
  const hash = createHash('sha256');
  const add = (name) => {
    const path = join(root, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      for (const entry of readdirSync(path).sort()) add(`${name}/${entry}`);
    } else if (stat) {
      const content = readFileSync(path);
      hash.update(`${name}\0${content.length}\0`).update(content);
    }
  };
  inputs.forEach(add);
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  ensureBuilt({ release: process.argv.includes('--release') });
}
