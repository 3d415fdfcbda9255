// Load for a server of `node:http`, from a process of its own.

import { Child } from './child.js';

export class HttpLoad {
  #child = new Child(new URL('http-load-child.js', import.meta.url), 'the load');

  /**
   * @param {Child} worker that listens
   * @param {{ port: number, requests: { cookie: string, email: string }[] }} target of that worker
   * @param {{ connections: number, milliseconds: number }} how
   */
  async run(worker, target, how) {
    const before = await worker.call('cpu');
    const sample = await this.#child.call('run', { ...target, ...how });
    return { ...sample, cpu: ((await worker.call('cpu')) - before) / sample.count };
  }

  stop() {
    return this.#child.stop();
  }
}
