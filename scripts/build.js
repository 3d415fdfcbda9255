// Builds the addon when it is stale:
//
//     node scripts/build.js                            development, shared with `cargo test`
//     node scripts/build.js --release                  optimised, for this machine
//     node scripts/build.js --platform linux-x64-musl  what is published for a platform
//
// The addon lies beside the code that loads it, in js/.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { ensureDependencies, fail, findProgram, packageBin, root } from './environment.js';
import { PLATFORMS } from './platforms.js';

const INPUTS = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'package-lock.json', 'src', 'migrations'];
const OUTPUT = join(root, 'js');
// Outside js/, so that it is neither committed nor published, and `npm ci` forgets it.
const STAMP = join(root, 'node_modules', '.cache', 'kavachos', 'build.json');

/** Builds the addon unless the one at hand was made from the same sources. */
export function ensureBuilt({ release = false } = {}) {
  ensureDependencies();
  const sources = hashOf(INPUTS);
  if (isFresh(sources, release)) return;

  console.log(`Building the addon (${release ? 'release' : 'development'} profile)`);
  napiBuild(release ? ['--release'] : []);

  // Sources that changed meanwhile are not in the addon: the hash is the one from before.
  mkdirSync(join(STAMP, '..'), { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ sources, release, outputs: outputs() }));
}

/** Builds what is published for a platform, on this machine or by zig. */
function buildFor(platform) {
  if (!PLATFORMS[platform]) fail(`There is no platform ${platform}.`);
  ensureDependencies();
  const { target, zig } = PLATFORMS[platform];
  napiBuild(['--release', '--target', zig ?? target, ...(zig ? ['--cross-compile'] : [])]);
  const addon = join(OUTPUT, `kavachos.${platform}.node`);
  if (!existsSync(addon)) fail(`The build left no ${addon}.`);
}

function napiBuild(args) {
  if (!findProgram('cargo')) {
    fail('Building the addon needs Rust 1.95 or newer: https://rustup.rs');
  }
  const result = spawnSync(
    process.execPath,
    [
      packageBin('@napi-rs/cli', 'napi'),
      ...['build', '--platform', '--no-js', '--output-dir', 'js', '--dts', 'native.d.ts'],
      ...args,
      ...['--', '--locked'],
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (result.status !== 0) fail('The addon did not build.');
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
    .filter((name) => name.endsWith('.node'))
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
  const options = { release: { type: 'boolean' }, platform: { type: 'string' } };
  const { release, platform } = parseArgs({ options }).values;
  if (platform) buildFor(platform);
  else ensureBuilt({ release });
}
