// The runtimes that the package is tested on. They come from npm, as packages that carry the
// program, in the versions of the lock file beside this one.

import {
  cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { npm, root } from '../environment.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PACKAGES = join(HERE, 'node_modules');
const NODE_MAJORS = [20, 22, 24, 26];

/**
 * Installs what is missing. Gives every runtime that npm has for this platform, as
 * `{ id, kind, name, version, program }`: `id` is `node-22`, say, and `kind` is then `node`.
 */
export function installRuntimes() {
  install();
  const platform = `${process.platform}-${process.arch}`;
  return [
    ...NODE_MAJORS.map((major) =>
      find(`node-${major}`, 'Node.js', [`node-${major}-${platform}`], 'bin/node')),
    find('bun', 'Bun', inScope('@oven'), 'bin/bun'),
    find('deno', 'Deno', inScope('@deno'), 'deno'),
  ].filter(Boolean);
}

/** The path of a runtime's program; `undefined` where npm has none for this platform. */
export function programOf(id) {
  return installRuntimes().find((runtime) => runtime.id === id)?.program;
}

function find(id, name, packages, path) {
  const found = packages.find((candidate) => modified(join(PACKAGES, candidate, path)) > 0);
  if (!found) return undefined;
  const manifest = readFileSync(join(PACKAGES, found, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest);
  const [kind] = id.split('-');
  return { id, kind, name, version, program: join(PACKAGES, found, path) };
}

// Of a scope npm has installed only what this platform can run.
function inScope(scope) {
  try {
    return readdirSync(join(PACKAGES, scope)).map((name) => `${scope}/${name}`);
  } catch {
    return [];
  }
}

// Test files that run at once may all come here first, so each installs on the side.
function install() {
  if (isInstalled()) return;
  console.log('Installing the runtimes (npm ci in scripts/runtimes)');
  const parent = join(root, 'node_modules', '.cache', 'kavachos');
  mkdirSync(parent, { recursive: true });
  const fresh = mkdtempSync(join(parent, 'runtimes-'));
  for (const name of ['package.json', 'package-lock.json']) {
    cpSync(join(HERE, name), join(fresh, name));
  }
  // What install scripts would do is choose the program of this platform.
  npm(['ci', '--ignore-scripts', '--loglevel=error'], { cwd: fresh });
  if (!isInstalled()) {
    rmSync(PACKAGES, { recursive: true, force: true });
    renameSync(join(fresh, 'node_modules'), PACKAGES);
  }
  rmSync(fresh, { recursive: true });
}

function isInstalled() {
  // npm writes this copy of the lock file last, so it dates the whole directory.
  const installed = modified(join(PACKAGES, '.package-lock.json'));
  return installed >= modified(join(HERE, 'package-lock.json'));
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
