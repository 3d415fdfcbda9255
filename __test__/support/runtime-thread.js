// An instance in a worker thread: see startThread of runtime-threads.js, which makes it.

import { parentPort, workerData } from 'node:worker_threads';

import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';

const { database, endpoints } = workerData;
const told = [];
// Nothing is handed over.
const say = (message) => parentPort.postMessage(message, []);
say({ id: 'opening' });
const kavach = await createKavach({
  database,
  secret: SECRET,
  baseUrl: BASE_URL,
  rateLimit: { enabled: false },
  // Both are called from threads of Rust, which outlive this one.
  logger: (level) => told.push(level),
  events: ({ type }) => told.push(type),
  plugins: [
    oauth({ providers: [bitbucketProvider(CONSUMER.key, CONSUMER.secret, endpoints)] }),
  ],
});

const TASKS = {
  async request({ url, ...init }) {
    const response = await kavach.handler(new Request(url, init), { ip: '127.0.0.1' });
    const { status } = response;
    return { status, headers: [...response.headers], body: await response.text() };
  },
  call: (method, ...args) => method.split('.').reduce((part, name) => part[name], kavach)(...args),
  told: () => told,
  /** Asks Rust something all the time, in many ways at once, until the thread ends. */
  busy(userId) {
    const { session } = kavach.auth;
    const work = async () => {
      for (;;) {
        const { token } = await session.create(userId);
        await Promise.all([session.validate(token), kavach.users.get(userId)]);
      }
    };
    for (let i = 0; i < 8; i += 1) work();
  },
  exit: () => process.exit(7),
  /** Lets the thread end by itself, with the instance open. */
  leave: () => parentPort.unref(),
};

parentPort.on('message', async ({ id, task, args }) => {
  try {
    say({ id, value: await TASKS[task](...args) });
  } catch (error) {
    const { code, message } = error;
    say({ id, error: { code, message, name: error.constructor.name } });
  }
});
say({ id: 'open' });
