// Runs one test file on one runtime, and counts by its JUnit report, which all of them can write.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { root } from '../environment.js';
import { readReport } from './junit.js';

/** For a whole file. One that waits forever must not hold up the rest for longer. */
const LIMIT = 10 * 60_000;
const running = new Set();

/**
 * Resolves to `{ passed, failed, skipped, excepted, failures, unused, seconds, log }`: `failures`
 * are names of tests, `log` is the file that holds all that was printed. A test that fails is
 * excepted when its name matches the `test` of one of the `exceptions`; `unused` are those
 * exceptions that no failure needs.
 */
export async function runTestFile(runtime, file, { env, exceptions }) {
  const place = join(root, 'target', 'matrix', runtime.id);
  const report = join(place, `${file}.xml`);
  const log = join(place, `${file}.log`);
  mkdirSync(place, { recursive: true });
  rmSync(report, { force: true });

  const started = Date.now();
  const how = await run(runtime, COMMANDS[runtime.kind](join('__test__', file), report), env, log);
  const counts = readReport(report, exceptions);
  // A crash, an error outside of every test, or nothing that ran.
  const isFine = how === 0 || counts.failed + counts.excepted > 0;
  const hasRun = counts.passed + counts.failed + counts.skipped + counts.excepted > 0;
  if (!isFine || !hasRun) {
    counts.failed += 1;
    counts.failures.push(`the process ended with ${how}`);
  }
  return { ...counts, seconds: (Date.now() - started) / 1000, log };
}

/** Ends what runs now, together with its children. */
export function stopRunning() {
  for (const child of running) signalAll(child, 'SIGTERM');
}

const COMMANDS = {
  node: (file, report) => [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=junit', `--test-reporter-destination=${report}`],
    file,
  ],
  // Its own limit for a test is five seconds.
  bun: (file, report) => [
    ...['test', `--timeout=${LIMIT}`, '--reporter=junit', `--reporter-outfile=${report}`],
    `./${file}`,
  ],
  deno: (file, report) => ['test', '--allow-all', '--no-check', `--junit-path=${report}`, file],
};

function run({ program }, args, env, log) {
  return new Promise((resolve) => {
    const out = openSync(log, 'w');
    // What a test starts by the name of the runtime is this runtime too.
    const PATH = `${dirname(program)}${delimiter}${process.env.PATH}`;
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env, PATH },
      stdio: ['ignore', out, out],
      // A group of its own, so that it can be ended with its children.
      detached: true,
    });
    closeSync(out);
    running.add(child);
    const timer = setTimeout(() => signalAll(child, 'SIGKILL'), LIMIT);
    const settle = (how) => {
      clearTimeout(timer);
      running.delete(child);
      resolve(how);
    };
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, signal) => settle(signal ?? code));
  });
}

function signalAll({ pid }, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}
