// `npm test`: builds what is stale and runs every test.
//
//     npm test                              everything
//     npm test -- javascript types          these suites only
//     npm test -- javascript --grep text    only tests whose name matches
//
// A suite whose needs are not met is skipped, loudly. With KAVACH_REQUIRE_ALL=1, as in CI, that is
// a failure.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { cargo } from './cargo.js';
import {
  ensureDependencies, fail, findChromium, findProgram, packageBin, root,
} from './environment.js';
import { countCommand, countNodeTests, countRustTests, stopRunning } from './suites.js';

const BROWSER_TESTS = /^browser/;
const PACKAGE_TESTS = /^(package|deploying|types-cost)\./;
const FRAMEWORK_TESTS = /^framework-/;

/** `databases`: runs against real servers; `addon`: loads the built addon. */
const SUITES = [
  {
    name: 'rust-core',
    databases: true,
    needs: needsCargo,
    run: (context) =>
      countRustTests(
        [...cargo('test', '--no-default-features', '--no-fail-fast'), ...rustFilter(context)],
        context,
      ),
  },
  {
    name: 'rust-binding',
    databases: true,
    needs: needsCargo,
    run: (context) =>
      countRustTests([...cargo('test', '--no-fail-fast'), ...rustFilter(context)], context),
  },
  {
    name: 'javascript',
    databases: true,
    addon: true,
    run: (context) => countNodeTests(testFiles((name) => !hasOwnSuite(name)), context),
  },
  {
    name: 'types',
    run: (context) =>
      countCommand([process.execPath, packageBin('typescript', 'tsc'), '-p', root], context),
  },
  {
    name: 'browser',
    addon: true,
    needs: needsChromium,
    run: (context) => countNodeTests(testFiles((name) => BROWSER_TESTS.test(name)), context),
  },
  {
    name: 'package',
    addon: true,
    run: (context) => countNodeTests(testFiles((name) => PACKAGE_TESTS.test(name)), context),
  },
  {
    name: 'frameworks',
    databases: true,
    addon: true,
    run: (context) => countNodeTests(testFiles((name) => FRAMEWORK_TESTS.test(name)), context),
  },
];

const { values, positionals } = readArguments();
const unknown = positionals.filter((name) => !SUITES.some((suite) => suite.name === name));
const known = SUITES.map(({ name }) => name).join(', ');
if (unknown.length > 0) fail(`There is no suite ${unknown.join(', ')}. There are: ${known}.`);

ensureDependencies();
const selected = SUITES.filter(
  ({ name }) => positionals.length === 0 || positionals.includes(name),
);
const results = [];
const missing = [];
let databases = { env: {}, missing: [], stop: async () => {} };
let interrupted = false;
let isBuilt = true;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    stopRunning();
  });
}

try {
  // Before the servers, which the build does not need.
  if (selected.some(({ addon }) => addon)) build();
  if (selected.some((suite) => suite.databases)) await bringUpDatabases();
  for (const suite of selected) {
    if (interrupted) break;
    await runSuite(suite);
  }
} finally {
  await databases.stop();
}
report();

/** In a process of its own: the suites that need no addon run even when it does not build. */
function build() {
  const script = join(root, 'scripts', 'build.js');
  isBuilt = spawnSync(process.execPath, [script], { stdio: 'inherit' }).status === 0;
}

async function bringUpDatabases() {
  const { startDatabases } = await import('../__test__/support/databases.js');
  databases = await startDatabases();
  for (const { name, reason, howToGet } of databases.missing) {
    missing.push({ what: `everything on ${name}`, reason, howToGet });
  }
}

async function runSuite(suite) {
  console.log(`\n=== ${suite.name} ===`);
  const unmet = suite.needs?.();
  if (unmet) {
    console.log(`skipped: ${unmet.reason}`);
    missing.push({ what: `the suite ${suite.name}`, ...unmet });
    return;
  }
  const started = Date.now();
  const env = { ...process.env, ...databases.env };
  const chromium = findChromium();
  if (chromium) env.CHROMIUM_PATH = chromium;
  const counts = await countsOf(suite, { env, grep: values.grep });
  results.push({ name: suite.name, seconds: (Date.now() - started) / 1000, ...counts });
}

async function countsOf(suite, context) {
  if (suite.addon && !isBuilt) {
    console.error('The addon did not build.');
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const counts = await suite.run(context);
  // Nothing at all is no success: a moved directory must not turn a suite green.
  if (counts.passed + counts.failed === 0 && !context.grep) {
    console.error(`The suite ${suite.name} ran no test.`);
    return { ...counts, failed: 1 };
  }
  return counts;
}

function report() {
  const columns = ['passed', 'failed', 'skipped'];
  const heads = columns.map((name) => name.padStart(9)).join('');
  console.log(`\n${'suite'.padEnd(14)}${heads}     time`);
  for (const result of results) {
    const counts = columns.map((name) => String(result[name]).padStart(9)).join('');
    console.log(`${result.name.padEnd(14)}${counts}${result.seconds.toFixed(1).padStart(7)} s`);
  }
  // Once more at the end: of a long log often only that is kept.
  for (const { name, failures = [] } of results) {
    for (const failure of failures) console.log(`\nFAILED in ${name}: ${failure}`);
  }
  for (const { what, reason, howToGet } of missing) {
    console.log(`\nSKIPPED: ${what}, because ${reason}\n  to run it: ${howToGet}`);
  }

  const sum = (name) => results.reduce((total, result) => total + result[name], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  if (process.env.KAVACH_REQUIRE_ALL) {
    if (missing.length > 0) console.log('\nWith KAVACH_REQUIRE_ALL, what was skipped has failed.');
    total.failed += missing.length;
  } else {
    total.skipped += missing.length;
  }
  if (interrupted) {
    console.log('\nInterrupted.');
    total.failed += 1;
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function readArguments() {
  try {
    return parseArgs({ options: { grep: { type: 'string' } }, allowPositionals: true });
  } catch (error) {
    return fail(error.message);
  }
}

function needsCargo() {
  if (findProgram('cargo')) return undefined;
  return { reason: 'cargo was not found', howToGet: 'install Rust 1.95: https://rustup.rs' };
}

function needsChromium() {
  if (findChromium()) return undefined;
  return {
    reason: 'no Chromium was found',
    howToGet: 'apt-get install chromium, or set CHROMIUM_PATH',
  };
}

function hasOwnSuite(name) {
  return [BROWSER_TESTS, PACKAGE_TESTS, FRAMEWORK_TESTS].some((own) => own.test(name));
}

function testFiles(isWanted) {
  return readdirSync(join(root, '__test__'))
    .filter((name) => name.endsWith('.test.js') && isWanted(name))
    .map((name) => join('__test__', name));
}

function rustFilter({ grep }) {
  return grep ? [grep] : [];
}
