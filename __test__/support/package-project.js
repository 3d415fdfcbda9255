// The package as users get it: packed, and installed into an empty project.

import { spawn } from 'node:child_process';
import {
  existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { npm, packageBin, root } from '../../scripts/environment.js';

/** Packs what is built and installs it without a network. */
export function installPacked() {
  const directory = mkdtempSync(join(tmpdir(), 'kavachos-package-'));
  // With its scripts it would make a release build first: minutes for the same files.
  const [packed] = JSON.parse(
    npm(['pack', '--json', '--ignore-scripts', '--pack-destination', directory]),
  );
  const tarball = join(directory, packed.filename);
  const write = (name, text) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  };
  write('package.json', JSON.stringify({ name: 'app', private: true, type: 'module' }));
  npm(['install', '--offline', '--loglevel=error', tarball], { cwd: directory });
  const modules = join(directory, 'node_modules');
  const manifest = JSON.parse(readFileSync(join(modules, 'kavachos', 'package.json'), 'utf8'));
  for (const peer of Object.keys(manifest.peerDependencies ?? {})) bringAlong(peer, modules);

  return {
    tarball,
    /** The paths in the tarball. */
    files: packed.files.map(({ path }) => path),
    /** Its `package.json`. */
    manifest,
    read: (name) => readFileSync(join(directory, name), 'utf8'),
    write,
    /** Runs a script of the project. */
    node: (...args) => start(process.execPath, args, directory),
    /** The compiler and Node's types are those of the checkout. */
    tsc: (...args) =>
      start(process.execPath, [
        packageBin('typescript', 'tsc'),
        ...['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'],
        ...['--strict', '--target', 'es2022'],
        ...args,
      ], directory),
    /** Runs a command that the checkout has installed. */
    run: (name, bin, ...args) =>
      start(process.execPath, [packageBin(name, bin), ...args], directory),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

// What the application brings, with its types. There is no network to install it from.
function bringAlong(name, modules) {
  for (const path of [name, join('@types', name)]) {
    const target = join(root, 'node_modules', path);
    const link = join(modules, path);
    if (!existsSync(target) || existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, 'junction');
  }
}

/** A process to talk with in lines. */
function start(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const done = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    done,
    nextLine: async () => {
      const { value, done: ended } = await lines.next();
      if (ended) throw new Error(`it ended early: ${stderr}`);
      return value;
    },
    say: (line) => child.stdin.write(`${line}\n`),
    kill: () => child.kill(),
  };
}
