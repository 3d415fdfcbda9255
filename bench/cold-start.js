// Cold start: from the start of a process until it has answered its first session, on a database
// file that is there already. As seen from outside, so that loading and linking count.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { Child } from './child.js';
import { shuffled } from './turns.js';

const CHILD = fileURLToPath(new URL('cold-start-child.js', import.meta.url));

/** `{ bare, web, peers: [{ name, samples }] }`, on SQLite. */
export async function coldStarts({ options, peers, subjectOf, isInterrupted }) {
  const cold = { bare: [], web: [], peers: [] };
  const starts = ['bare', 'web'].map((own) => ({ argument: own, samples: cold[own] }));
  for (const peer of peers) {
    const samples = [];
    cold.peers.push({ name: peer.name, samples });
    starts.push({ argument: await prepare(await subjectOf(peer, 'sqlite')), samples });
  }
  // A process start is short and noisy: four for each repetition, the first of all for the cache.
  const rounds = options.quick ? 1 : options.repetitions * 4;
  console.error(`cold start: ${rounds} of each`);
  for (let i = 0; i <= rounds; i += 1) {
    for (const { argument, samples } of shuffled(starts)) {
      if (isInterrupted()) throw new Error('interrupted');
      const sample = await start(argument);
      if (i > 0) samples.push(sample);
    }
  }
  return cold;
}

/** Leaves signed-in users in a new file, and gives what `start` takes. */
async function prepare(subject) {
  const child = new Child(new URL('worker.js', import.meta.url), 'cold start');
  try {
    await child.call('open', { ...subject, users: 32 });
    const [someone] = await child.call('requests');
    await child.call('close');
    return JSON.stringify({ ...subject, ...someone });
  } finally {
    await child.stop();
  }
}

/**
 * `{ total, import, open, session }` in milliseconds; the parts are as seen from inside.
 *
 * @param {string} argument what `prepare` gave, or `bare` or `web` for Node itself
 */
function start(argument) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [CHILD, argument], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let total;
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      total ??= performance.now() - began;
      text += chunk;
    });
    child.on('error', reject).on('close', (code, signal) => {
      if (code === 0 && total !== undefined) resolve({ total, ...JSON.parse(text) });
      else reject(new Error(`a cold start ended with ${code ?? signal}`));
    });
  });
}
