// An application in a process of its own, which checks tokens all the time:
//
//     fork('cache-child.js', [<options as JSON>])
//
// It answers messages `{ id, task, args }` with `{ id, value | error, begun, acknowledged }`, and
// tells of its checks with `{ checks }`: [token's number, start, end, name of the user or `null`,
// whether it came from memory, error code].

import { setTimeout as sleep } from 'node:timers/promises';

import { createKavach } from '../../index.js';
import { BASE_URL, SECRET } from './app-config.js';
import { WAYS, bearer, now, watched } from './cache-checks.js';

const MOST_AT_ONCE = 40;
const REPORT_EVERY = 50;

const { database, ...options } = JSON.parse(process.argv[2]);
const kavach = await createKavach({
  database, secret: SECRET, baseUrl: BASE_URL, rateLimit: { enabled: false },
});

// Tokens by number; those that ended are asked for less often.
const live = new Map();
const ended = new Map();
let checks = [];
let underWay = 0;
let isClosing = false;
let { burst } = options;

const tasks = {
  call: (method, ...args) => method.split('.').reduce((at, name) => at[name], kavach)(...args),
  signOut: async (token) => {
    const headers = bearer(token);
    const request = new Request(`${BASE_URL}/api/kavach/auth/sign-out`, {
      method: 'POST', headers,
    });
    const { status } = await kavach.handler(request);
    if (status === 503) throw Object.assign(new Error('503'), { code: 'database_unavailable' });
    return status === 200;
  },
  pace: (count) => void (burst = count),
  watch: (number, token) => void live.set(number, token),
  end: (number) => {
    if (live.has(number)) ended.set(number, live.get(number));
    live.delete(number);
  },
  forget: (number) => {
    live.delete(number);
    ended.delete(number);
  },
  /** Asks as often as it can until the session is gone; gives when it last heard of it. */
  follow: async (token) => {
    for (let heard; ; await sleep(1)) {
      const asked = now();
      if ((await kavach.auth.session.validate(token)) === null) return heard;
      heard = asked;
    }
  },
  close: async () => {
    isClosing = true;
    while (underWay > 0) await sleep(5);
    report();
    await kavach.close();
  },
};

process.on('message', async ({ id, task, args }) => {
  const begun = now();
  let answer;
  try {
    answer = { value: await tasks[task](...args) };
  } catch ({ code, message }) {
    answer = { error: { code, message } };
  }
  process.send({ id, ...answer, begun, acknowledged: now() });
  if (task === 'close') process.disconnect();
});
process.on('disconnect', () => process.exit());
process.send({ id: 0 });
setInterval(report, REPORT_EVERY).unref();
keepChecking();

async function keepChecking() {
  while (!isClosing) {
    await sleep(2);
    for (let i = 0; i < burst && underWay < MOST_AT_ONCE && !isClosing; i += 1) {
      const among = Math.random() < 0.8 || ended.size === 0 ? live : ended;
      if (among.size > 0) ask(among, Math.floor(Math.random() * among.size));
    }
  }
}

async function ask(among, at) {
  const [number, token] = [...among][at];
  const way = WAYS[Math.floor(Math.random() * WAYS.length)];
  underWay += 1;
  const start = now();
  try {
    const { value, fromMemory } = await watched(way(kavach, token));
    checks.push([number, start, now(), value && value.name, fromMemory]);
  } catch ({ code }) {
    checks.push([number, start, now(), undefined, false, code ?? 'no code']);
  }
  underWay -= 1;
}

function report() {
  if (checks.length > 0 && process.connected) process.send({ checks });
  checks = [];
}
