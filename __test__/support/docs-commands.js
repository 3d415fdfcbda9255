// The commands that the documentation tells people to run: each is of a kind that is known here, and
// what it names exists.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, page } from './docs.js';

/** `{ line, where, page }` of each command in the shell blocks, without comments. */
export function commandsOf(blocks) {
  return blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text, where, page }) =>
      text
        .replaceAll(/\\\n\s*/g, '')
        .split('\n')
        .map((line) => line.replace(/(^|\s+)#( .*)?$/, '').trim())
        .filter((line) => line !== '')
        .map((line) => ({ line, where, page })),
    );
}

/** Asserts that a command can be meant. */
export function checkCommand(command) {
  const line = command.line.replace(/^([A-Z_]+=("[^"]*"|\S*) )+(?!cargo)/, '');
  const [program, ...words] = line.split(/\s+/);
  const where = `${command.where}: ${command.line}`;
  const check = PROGRAMS[program];
  assert.ok(check, `no test knows what to do with ${where}`);
  check(words, { ...command, line, where });
}

const PROGRAMS = {
  npm, npx, node, openssl, cargo, bun: runtime, deno: runtime, 'RUSTC_BOOTSTRAP=1': fuzz,
};

function npm([verb, ...words], { line, where, page }) {
  const script = verb === 'run' ? words[0] : verb;
  if (/^npm test -- [\w-]+ --grep \w+$/.test(line)) {
    assert.ok(read('scripts/test.js').includes(`name: '${words[1]}'`), where);
  } else if (['start', 'test', 'run'].includes(verb)) {
    const manifests = [manifestOf('.'), manifestOf(exampleOf(page))];
    assert.ok(manifests.some((manifest) => manifest?.scripts?.[script]), where);
  } else if (line === 'npm pack') {
    assert.match(manifestOf('.').scripts.prepack, /build\.js --release/);
  } else if (verb === 'install' || verb === 'i') {
    for (const name of words) checkPackage(name, { where, page });
  } else {
    assert.match(line, /^npm (ci|init -y|pkg set type=module)$/, where);
  }
}

/** Of a framework's page: what its example has. Elsewhere: ourselves, and what the tests use. */
function checkPackage(word, { where, page }) {
  const { name, version, devDependencies } = manifestOf('.');
  if (/^(-D|--save-dev|--save-exact|-E|--omit=\w+|--include=\w+)$/.test(word)) return;
  if (word.endsWith('.tgz')) {
    assert.ok(word.endsWith(`/${name}-${version}.tgz`), where);
    return;
  }
  const wanted = word.replace(/(?<=.)@[^/]*$/, '');
  const example = manifestOf(exampleOf(page)) ?? {};
  const known = { [name]: version, ...devDependencies, ...example.dependencies };
  assert.ok({ ...known, ...example.devDependencies }[wanted], `${where}: no test uses ${wanted}`);
}

/** The command explains itself, so there is one. */
function npx([name, command], { where }) {
  assert.equal(name, 'kavachos', where);
  if (command === '<command>') return;
  const args = [join(ROOT, 'bin/kavachos.js'), command, '--help'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${where}\n${stderr}`);
}

/** A file of the repository or of the package, or one that the page shows. */
function node(words, { where, page: name }) {
  const [first] = words.filter((word) => !word.startsWith('-'));
  const file = first.replace('node_modules/kavachos/', '');
  const shown = page(name).blocks.map((block) => block.file);
  assert.ok(shown.includes(file) || existsSync(join(ROOT, file)), where);
}

/** What the example of the page is started by, or the installation of what it needs. */
function runtime([verb], { line, where, page }) {
  const { scripts } = manifestOf(exampleOf(page)) ?? { scripts: {} };
  assert.ok(verb === 'install' || Object.values(scripts).includes(line), where);
}

function openssl(words, { where }) {
  const { error, status, stdout } = spawnSync('openssl', words, { encoding: 'utf8' });
  if (error?.code === 'ENOENT') return;
  assert.equal(status, 0);
  assert.ok(stdout.trim().length >= 32, `${where}: too short for a secret`);
}

function cargo(words, { where }) {
  assert.deepEqual(words, ['install', 'cargo-fuzz'], where);
  assert.match(read('fuzz/Cargo.toml'), /^cargo-fuzz = true$/m);
}

/** It takes ten minutes and a nightly feature, so only its form is looked at. */
function fuzz(words, { where }) {
  assert.match(words.join(' '), /^cargo fuzz run <target> -- -max_total_time=\d+$/, where);
}

/** `docs/frameworks/express.md` is about `examples/express`. */
function exampleOf(page) {
  const [, name] = /^docs\/frameworks\/([\w-]+)\.md$/.exec(page) ?? [];
  return name && `examples/${name}`;
}

function manifestOf(directory) {
  const name = `${directory}/package.json`;
  return directory && existsSync(join(ROOT, name)) ? JSON.parse(read(name)) : undefined;
}

function read(name) {
  return readFileSync(join(ROOT, name), 'utf8');
}
