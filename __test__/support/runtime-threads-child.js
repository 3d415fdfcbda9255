// What worker-threads.test.js runs in a process of its own, which a crash would take along:
//
//     node runtime-threads-child.js <how a thread ends> <options as JSON>
//
// Threads with an instance end in this way, many times. Then the instance of the main thread must
// still work, and the process must end by itself, after one line of JSON.

import { setTimeout as sleep } from 'node:timers/promises';

import { approve, startBitbucket } from '../../testing/server.js';
import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';
import { startThread } from './runtime-threads.js';

/** Within how many milliseconds the rounds end their thread, each at another moment. */
const SPREAD = 40;

const [how, json] = process.argv.slice(2);
const { database, rounds } = JSON.parse(json);
const base = `${BASE_URL}/api/kavach`;
const bitbucket = await startBitbucket({ consumer: CONSUMER });
const provider = bitbucketProvider(CONSUMER.key, CONSUMER.secret, bitbucket.endpoints);
const kavach = await createKavach({
  database,
  secret: SECRET,
  baseUrl: BASE_URL,
  rateLimit: { enabled: false },
  plugins: [oauth({ providers: [provider] })],
});

const ENDS = {
  'while it opens': async (thread, round) => {
    await thread.opening;
    await sleep(moment(round) / 4);
    await thread.terminate();
  },
  'while it is idle': async (thread) => {
    await thread.open;
    await thread.terminate();
  },
  'while it asks the database': async (thread, round) => {
    const userId = await signIn(thread.handler);
    await thread.ask('busy', userId);
    await sleep(moment(round));
    await thread.terminate();
  },
  'while it waits for the provider': async (thread, round) => {
    const client = new Client(thread.handler, { base });
    const back = await approve(await client.authorize(), { user: 'jane' });
    bitbucket.reset();
    bitbucket.fail('token', 'hang');
    // It never answers, since the thread ends.
    client.getJson(back).catch(() => {});
    while (bitbucket.count('token') === 0) await sleep(1);
    await sleep(moment(round));
    await thread.terminate();
  },
  'by process.exit': async (thread, round) => {
    const userId = await signIn(thread.handler);
    await thread.ask('busy', userId);
    await sleep(moment(round));
    thread.ask('exit');
    const code = await thread.exited;
    if (code !== 7) throw new Error(`the thread ended with ${code}`);
  },
  'by itself, without closing': async (thread) => {
    await signIn(thread.handler);
    thread.ask('leave');
    const code = await thread.exited;
    if (code !== 0) throw new Error(`the thread ended with ${code}`);
  },
  // The last thread is still busy then.
  'with the process': async (thread, round) => {
    const userId = await signIn(thread.handler);
    if (round < rounds - 1) return thread.terminate();
    await thread.ask('busy', userId);
    await sleep(SPREAD);
    console.log(JSON.stringify({ rounds, email: await emailOf(kavach.handler) }));
    return process.exit();
  },
};

for (let round = 0; round < rounds; round += 1) {
  const thread = startThread({ database, endpoints: bitbucket.endpoints });
  if (how !== 'while it opens') await thread.open;
  await ENDS[how](thread, round);
}
const email = await emailOf(kavach.handler);
await bitbucket.close();
await kavach.close();
console.log(JSON.stringify({ rounds, email }));

/** Signs jane in; resolves to her id. */
async function signIn(handler) {
  const client = new Client(handler, { base });
  await client.signIn('jane');
  return (await client.session()).user.id;
}

async function emailOf(handler) {
  return (await kavach.users.get(await signIn(handler))).email;
}

/** Another moment each time, the same in each run. */
function moment(round) {
  return (round * SPREAD) / rounds;
}
