// What every command needs first. Only Node built-ins here: these scripts run on a fresh clone,
// before there is a node_modules.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Ends the process with a sentence instead of a stack trace. */
export function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}

/** Refuses a Node older than the package supports, in words. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const fine = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fine) {
    fail(`Node ${process.versions.node} is too old: use 20.19 or newer in 20, or 22.12 or newer.`);
  }
}

/** Runs `npm ci` when node_modules is missing or older than package-lock.json. */
export function ensureDependencies() {
  checkNode();
  const lock = modified(join(root, 'package-lock.json'));
  // npm writes this copy of the lock file last, so it dates the whole directory.
  const installed = modified(join(root, 'node_modules', '.package-lock.json'));
  if (installed >= lock) return;

  console.log('Installing the development dependencies (npm ci)');
  // Only errors: the warnings are about install scripts, which we do not rely on, and about engines
  // of packages that never run here.
  npm(['ci', '--loglevel=error'], { stdio: 'inherit' });
}

/** Runs npm and returns its standard output; ends the process when npm fails. */
export function npm(args, options = {}) {
  // The npm that runs us, when there is one: it need not be on the PATH, nor be a .cmd file.
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const result = spawnSync(command, [...first, ...args], {
    cwd: root,
    encoding: 'utf8',
    shell: command === 'npm' && process.platform === 'win32',
    ...options,
  });
  if (result.status !== 0) {
    fail(`npm ${args[0]} failed. ${result.error?.message ?? result.stderr ?? ''}`.trim());
  }
  return result.stdout;
}

/** The path of a script that an installed package provides, for `node <path>`. */
export function packageBin(name, bin) {
  const directory = join(root, 'node_modules', name);
  const { bin: bins } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return join(directory, typeof bins === 'string' ? bins : bins[bin]);
}

/** The first of the programs that exists. Names are looked up on the PATH, paths taken as is. */
export function findProgram(...candidates) {
  // Debian keeps servers in sbin, which is not on the PATH of ordinary users.
  const path = (process.env.PATH ?? '').split(delimiter);
  const directories = [...path, '/usr/sbin', '/usr/local/sbin'];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const candidate of candidates.filter(Boolean)) {
    const paths = /[\\/]/.test(candidate)
      ? [candidate]
      : directories.map((directory) => join(directory, candidate + suffix));
    const found = paths.find(executable);
    if (found) return found;
  }
  return undefined;
}

export function findChromium() {
  return findProgram(
    process.env.CHROMIUM_PATH,
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  );
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
