// `npm run matrix`: the tests of the package on every runtime that it claims.
//
//     npm run matrix                             all of them; writes the table of docs/runtimes.md
//     npm run matrix -- --only bun,node-22       these runtimes
//     npm run matrix -- flow-sign-in vault       these test files
//
// What a test prints is in target/matrix/<runtime>/<file>.log.

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { ensureDependencies, fail, root } from './environment.js';
import { ELSEWHERE, EXCEPTIONS } from './runtimes/exceptions.js';
import { installRuntimes } from './runtimes/install.js';
import { COUNTS, page, table } from './runtimes/report.js';
import { runTestFile, stopRunning } from './runtimes/run.js';

const PAGE = join(root, 'docs', 'runtimes.md');

const { only, wanted } = readArguments();
ensureDependencies();
const build = join(root, 'scripts', 'build.js');
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);

const runtimes = installRuntimes();
const chosen = runtimes.filter(({ id }) => !only || only.includes(id));
const unknown = only?.filter((id) => !runtimes.some((runtime) => runtime.id === id)) ?? [];
const known = runtimes.map(({ id }) => id).join(', ');
if (unknown.length > 0) fail(`There is no runtime ${unknown.join(', ')}. There are: ${known}.`);
const files = testFiles();

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    stopRunning();
  });
}

const { startDatabases } = await import('../__test__/support/databases.js');
const databases = await startDatabases();
const found = new Map();
try {
  const waiting = [...chosen];
  const lanes = Array.from({ length: availableParallelism() }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      found.set(next, await runAll(next));
    }
  });
  await Promise.all(lanes);
} finally {
  await databases.stop();
}
report(chosen.filter((runtime) => found.has(runtime)).map((runtime) => found.get(runtime)));

/** One file after the other; the runtimes side by side, one for each processor. */
async function runAll(runtime) {
  const exceptions = EXCEPTIONS[runtime.kind];
  const result = { ...runtime, passed: 0, failed: 0, skipped: 0, excepted: 0 };
  const say = (text) => console.log(`${runtime.name} ${runtime.version}: ${text}`);
  for (const file of files) {
    if (interrupted) break;
    const of = exceptions.filter((exception) => exception.file === file);
    if (of.some(({ test }) => !test)) {
      say(`${file}: not here`);
      continue;
    }
    const counts = await runTestFile(runtime, file, { env: databases.env, exceptions: of });
    for (const name of COUNTS) result[name] += counts[name];
    const said = COUNTS.map((name) => `${counts[name]} ${name}`).join(', ');
    say(`${file}: ${said}, ${counts.seconds.toFixed(1)} s`);
    for (const name of counts.failures) say(`  failed: ${name}`);
    for (const { test } of counts.unused) say(`  passes without its exception: ${test}`);
    if (counts.failures.length > 0) say(`  see ${relative(root, counts.log)}`);
  }
  return result;
}

function report(results) {
  console.log(`\n${table(results)}\n`);
  for (const { name, reason, howToGet } of databases.missing) {
    console.log(`SKIPPED: everything on ${name}, because ${reason}\n  to run it: ${howToGet}\n`);
  }
  const isSubset = Boolean(only) || wanted.length > 0 || databases.missing.length > 0;
  if (!interrupted && !isSubset) {
    writeFileSync(PAGE, page(readFileSync(PAGE, 'utf8'), results));
    console.log(`Written to ${relative(root, PAGE)}`);
  }
  process.exitCode = interrupted || results.some(({ failed }) => failed > 0) ? 1 : 0;
}

function testFiles() {
  const all = readdirSync(join(root, '__test__')).filter((name) => name.endsWith('.test.js'));
  for (const { file } of Object.values(EXCEPTIONS).flat()) {
    if (!all.includes(file)) fail(`An exception names ${file}, which is not there.`);
  }
  const fit = all.filter((name) => !ELSEWHERE.some((pattern) => pattern.test(name)));
  if (wanted.length === 0) return fit;
  const names = wanted.map((name) => `${name.replace(/\.test\.js$/, '')}.test.js`);
  const missing = names.filter((name) => !all.includes(name));
  if (missing.length > 0) fail(`There is no test file ${missing.join(', ')}.`);
  return names;
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { only: { type: 'string' } },
      allowPositionals: true,
    });
    return { only: values.only?.split(','), wanted: positionals };
  } catch (error) {
    return fail(error.message);
  }
}
