// Calls between this process and one that it forked. The parent: `new Child(file)`, `call(name,
// argument)`. The child: `serve({ name: (argument) => result })`.

import { fork } from 'node:child_process';

const running = new Set();

/** A process of ours. It ends with us, however we end. */
export class Child {
  #process;
  #waiting = new Map();
  #serial = 0;
  #exited;

  /** @param {URL} file @param {string} name for messages @param {string[]} flags of Node */
  constructor(file, name, flags = []) {
    this.name = name;
    // The results are on our standard output; whatever a library prints is not one of them.
    this.#process = fork(file, { stdio: ['ignore', 2, 2, 'ipc'], execArgv: flags });
    running.add(this);
    this.#process.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(Object.assign(new Error(`${name}: ${error.text}`), { code: error.code }));
      else resolve(result);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.on('error', resolve).on('exit', (code, signal) => {
        running.delete(this);
        const error = new Error(`${name} ended with ${code ?? signal}`);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve();
      });
    });
  }

  call(method, argument) {
    this.#serial += 1;
    const id = this.#serial;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, method, argument }, (error) => error && reject(error));
    });
  }

  stop() {
    if (this.#process.connected) this.#process.disconnect();
    return this.#exited;
  }

  /** For a signal: every pending call rejects, and the callers' own `finally` tidies up. */
  static killAll() {
    for (const child of running) child.#process.kill('SIGKILL');
  }
}

/** @param {Record<string, (argument: any) => unknown>} methods */
export function serve(methods) {
  process.on('message', async ({ id, method, argument }) => {
    try {
      process.send({ id, result: await methods[method](argument) });
    } catch (error) {
      process.send({ id, error: { text: error?.stack ?? String(error), code: error?.code } });
    }
  });
  process.on('disconnect', () => process.exit());
}
