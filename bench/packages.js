// The packages of the peers, which the project itself has no use for: they live in a node_modules
// of their own, so that `npm ci` at the root stays light.

import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { npm } from '../scripts/environment.js';

const modules = new URL('node_modules/', import.meta.url);

/** Runs `npm ci` here when something is missing or older than package-lock.json. */
export function ensurePackages() {
  const lock = modified(new URL('package-lock.json', import.meta.url));
  if (modified(new URL('.package-lock.json', modules)) >= lock) return;
  console.error('Installing the libraries to compare with (npm ci in bench/)');
  npm(['ci', '--loglevel=error'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    // The results are on standard output.
    stdio: ['ignore', 2, 2],
  });
}

/** The version of an installed package. Throws `ERR_MODULE_NOT_FOUND` where there is none. */
export function versionOf(name) {
  try {
    const manifest = readFileSync(new URL(`${name}/package.json`, modules), 'utf8');
    return JSON.parse(manifest).version;
  } catch (cause) {
    const error = new Error(`${name} is not installed`, { cause });
    throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
  }
}

function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
