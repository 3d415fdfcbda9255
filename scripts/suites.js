// Runs one command of the tests, shows what it prints, and counts what it reports.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { root } from './environment.js';

// A test that waits forever must not hold up the rest for longer. A cold build is included.
const LIMIT = 25 * 60_000;
let running;

/** Counts the `test result:` lines of cargo, one per test binary. */
export async function countRustTests(command, { env }) {
  const colour = process.stdout.isTTY ? { CARGO_TERM_COLOR: 'always' } : {};
  const { code, output } = await stream(command, { ...env, ...colour });
  const failures = [...output.matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map(([, name]) => name);
  const counts = { passed: 0, failed: 0, skipped: 0, failures };
  const line = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/gm;
  for (const [, passed, failed, ignored] of output.matchAll(line)) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  return withExitCode(counts, code);
}

/** Runs test files with node:test: shown in its readable form, counted from its TAP summary. */
export async function countNodeTests(files, { env, grep }) {
  // Without a file node:test would go looking for some.
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const directory = mkdtempSync(join(tmpdir(), 'kavachos-tap-'));
  const tap = join(directory, 'summary.tap');
  try {
    const { code } = await stream([
      ...[process.execPath, '--test'],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=tap', `--test-reporter-destination=${tap}`],
      ...(grep ? [`--test-name-pattern=${grep}`] : []),
      ...files,
    ], env);
    const summary = readFileSync(tap, 'utf8');
    const count = (name) => Number(summary.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? 0);
    return withExitCode({
      passed: count('pass'),
      failed: count('fail') + count('cancelled'),
      skipped: count('skipped') + count('todo'),
      failures: failuresIn(summary),
    }, code);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What TAP tells of each failed test, but not of those that failed by one within. */
function failuresIn(tap) {
  return [...tap.matchAll(/^ *not ok \d+ - (.*\n *---\n[^]*?)\n *\.\.\.$/gm)]
    .map(([, failure]) => failure)
    .filter((failure) => !failure.includes("failureType: 'subtestsFailed'"));
}

/** A command that is a test as a whole. */
export async function countCommand(command, { env }) {
  const { code } = await stream(command, env);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/** Ends the command that runs now, together with its children. */
export function stopRunning() {
  const child = running;
  if (!child) return;
  signalAll(child, 'SIGTERM');
  setTimeout(() => signalAll(child, 'SIGKILL'), 5000).unref();
}

function signalAll(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended, or this is Windows, which knows no groups.
    child.kill(signal);
  }
}

/** A command that failed without a failed test did not compile, crashed, or ran out of time. */
function withExitCode(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function stream([command, ...args], env) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'pipe', 'inherit'];
    // A group of its own, so that it can be ended with its children.
    running = spawn(command, args, { cwd: root, env, stdio, detached: true });
    const timer = setTimeout(() => {
      console.error(`\nStopped after ${LIMIT / 60_000} minutes.`);
      stopRunning();
    }, LIMIT);

    let output = '';
    running.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    const end = (code) => {
      clearTimeout(timer);
      running = undefined;
      resolve({ code, output: stripVTControlCharacters(output) });
    };
    running.on('error', (error) => {
      console.error(error.message);
      end(1);
    });
    running.on('close', (code) => end(code ?? 1));
  });
}
