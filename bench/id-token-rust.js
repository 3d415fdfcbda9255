// Verification by the library alone: `id_token.rs`, an example of the crate, since JavaScript never
// sees a single verification.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { cargo } from '../scripts/cargo.js';
import { fail, root } from '../scripts/environment.js';

/** The program, built in the release profile; with `quick` the one that is there, if any. */
export function prepareVerifier({ quick }) {
  if (quick) return findBuilt();
  const flags = ['--release', '--no-default-features', '--example', 'id_token'];
  const [command, ...args] = cargo('build', ...flags, '--message-format=json-render-diagnostics');
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) fail('The verification of id_tokens did not build.');
  const messages = stdout.split('\n').filter((line) => line.startsWith('{'));
  const built = messages.map((line) => JSON.parse(line)).find((message) => {
    return message.executable && message.target.name === 'id_token';
  });
  return built.executable;
}

function findBuilt() {
  const target = join(root, 'target');
  const name = process.platform === 'win32' ? 'id_token.exe' : 'id_token';
  return (existsSync(target) ? readdirSync(target) : [])
    .map((triple) => join(target, triple, 'release', 'examples', name))
    .find((file) => existsSync(file));
}

/** A process that takes a job a line. */
export class Verifier {
  #process;
  #answers;

  constructor(file) {
    this.#process = spawn(file, { stdio: ['pipe', 'pipe', 'inherit'] });
    // That it is gone shows in its output, which has ended.
    this.#process.stdin.on('error', () => {});
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** A job, see id-token.js. The thread never waits, so all the time that passes is its own. */
  async run(job) {
    this.#process.stdin.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the verification in Rust has ended');
    const { error, refused, count, seconds } = JSON.parse(value);
    if (error) throw new Error(`the verification in Rust: ${error}`);
    if (refused) return { refused };
    return { count, perSecond: count / seconds, cpu: (seconds * 1e6) / count };
  }

  async stop() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.stdin.end();
    await exited;
  }
}
