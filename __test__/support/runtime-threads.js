// Instances in worker threads, reached by messages.

import { Worker } from 'node:worker_threads';

const CODE = new URL('./runtime-thread.js', import.meta.url);

/**
 * Starts a thread with an instance in it. `opening` resolves when it is about to be made, `open`
 * when it is there, `exited` to the thread's exit code.
 */
export function startThread({ database, endpoints }) {
  const worker = new Worker(CODE, { workerData: { database, endpoints } });
  const waiting = new Map();
  const answerTo = (id) =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  let failure = new Error('the thread ended');
  worker.on('error', (error) => (failure = error));
  worker.on('exit', () => {
    for (const { reject } of waiting.values()) reject(failure);
  });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(Object.assign(new Error(error.message), error));
    else resolve(value);
  });

  const opening = answerTo('opening');
  const open = answerTo('open');
  // A thread may be ended before anybody waits for these.
  for (const promise of [opening, open]) promise.catch(() => {});

  let count = 0;
  const ask = (task, ...args) => {
    count += 1;
    const answer = answerTo(count);
    answer.catch(() => {});
    worker.postMessage({ id: count, task, args }, []);
    return answer;
  };
  return {
    opening,
    open,
    exited,
    ask,
    /** Calls a function of the instance, by its path: `call('users.get', id)`. */
    call: (method, ...args) => ask('call', method, ...args),
    /** Like `kavach.handler`, in the thread. */
    handler: async (request) => {
      const { status, headers, body } = await ask('request', {
        method: request.method,
        url: request.url,
        headers: [...request.headers],
        body: request.body ? await request.text() : undefined,
      });
      return new Response(body === '' ? null : body, { status, headers });
    },
    terminate: () => worker.terminate(),
  };
}
