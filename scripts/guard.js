// Owns one server on behalf of the test runner: runs its set-up steps and then the server, until
// standard input ends. The input is a pipe from the runner, which the kernel closes however the
// runner ends, so that no server and no data directory outlives it, not even after a SIGKILL.
//
// argv[2] is the server's directory. The first line of the input, which comes when the directory is
// prepared, is JSON: { steps: [[command, ...args], ...], stop: signal, uid?, gid? }. The last step
// is the server. Everything is logged to <directory>/log.

import { spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const directory = process.argv[2];
const logFile = join(directory, 'log');
const log = openSync(logFile, 'a');
let spec;
let running;
let stopping = false;

process.stdin.on('error', shutDown);
createInterface({ input: process.stdin }).on('line', runAll).on('close', shutDown);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, shutDown);

async function runAll(line) {
  spec = JSON.parse(line);
  for (const step of spec.steps) {
    const code = await run(step);
    const isServer = step === spec.steps.at(-1);
    if (stopping) break;
    if (isServer || code !== 0) {
      // The runner shows this as the reason why the server is not there.
      const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
      console.error(`${step[0]} ended with ${code}\n${lines}`);
      process.exitCode = 1;
      break;
    }
  }
  finish();
}

function run([command, ...args]) {
  return new Promise((resolve) => {
    const { uid, gid } = spec;
    const stdio = ['ignore', log, log];
    // A group of its own, to signal it together with its children: set-up steps are shell scripts.
    running = spawn(command, args, { cwd: directory, stdio, uid, gid, detached: true });
    running.on('error', (error) => resolve(error.message));
    running.on('exit', (code, signal) => resolve(code ?? signal));
  });
}

function shutDown() {
  if (stopping) return;
  stopping = true;
  if (!running) return finish();
  signalAll(spec.stop);
  setTimeout(() => signalAll('SIGKILL'), 10_000).unref();
}

function signalAll(signal) {
  try {
    process.kill(-running.pid, signal);
  } catch {
    // It has ended, or this is Windows, which knows no groups.
    running.kill(signal);
  }
}

function finish() {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}
