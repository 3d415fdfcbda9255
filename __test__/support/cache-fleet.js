// Processes of one application, each with a way to its database of its own that can be disturbed.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { startProxy } from './cache-proxy.js';

const CHILD = fileURLToPath(new URL('./cache-child.js', import.meta.url));

/**
 * Starts `size` processes on a database, the first of which makes the tables. `onChecks` is told
 * `(process, checks)`, `burst` is how much each checks.
 */
export async function startFleet(t, { database, size, burst, onChecks }) {
  const fleet = [];
  t.after(() => Promise.all(fleet.map((process) => process.end())));
  for (let index = 0; index < size; index += 1) {
    const proxy = database.provider === 'sqlite' ? undefined : await startProxy(database);
    const options = { database: { ...(proxy?.options ?? database), maxConnections: 4 }, burst };
    fleet.push(await launch(index, options, proxy, (checks) => onChecks(index, checks)));
  }
  return fleet;
}

async function launch(index, options, proxy, onChecks) {
  const child = fork(CHILD, [JSON.stringify(options)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const closed = new Promise((resolve) => child.on('close', resolve));
  const waiting = new Map();
  let count = 0;
  child.on('close', (code) => {
    const error = new Error(`a process ended with ${code}: ${said}`);
    for (const { reject } of waiting.values()) reject(error);
  });
  child.on('message', ({ id, checks, error, ...answer }) => {
    if (checks) return onChecks(checks);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    return error ? reject(Object.assign(new Error(error.message), error)) : resolve(answer);
  });
  await new Promise((resolve, reject) => waiting.set(0, { resolve, reject }));

  /** Has a task done; resolves to `{ value, begun, acknowledged }`, in the time of `now()`. */
  const ask = (task, ...args) =>
    new Promise((resolve, reject) => {
      const id = (count += 1);
      waiting.set(id, { resolve, reject });
      child.send({ id, task, args }, (error) => error && reject(error));
    });
  return {
    index,
    proxy,
    ask,
    call: (method, ...args) => ask('call', method, ...args),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    /** Closes the instance and waits for the end of the process. */
    close: async () => {
      await ask('close');
      return closed;
    },
    /** Ends the process, whatever it does. */
    end: async () => {
      child.kill('SIGKILL');
      await closed;
      await proxy?.close();
    },
  };
}
