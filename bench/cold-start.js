// Cold start: from the start of a process until it has answered its first session, on a database
// file that is there already. As seen from outside, so that loading and linking count.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { Child } from './child.js';

const CHILD = fileURLToPath(new URL('cold-start-child.js', import.meta.url));

/**
 * Leaves signed-in users in a new file, and gives what `coldStart` takes.
 *
 * @param {{ peer: string, options: object }} subject
 */
export async function prepareColdStart(subject) {
  const child = new Child(new URL('worker.js', import.meta.url), 'cold start');
  try {
    await child.call('open', { ...subject, users: 32 });
    const someone = await child.call('someone');
    await child.call('close');
    return JSON.stringify({ ...subject, ...someone });
  } finally {
    await child.stop();
  }
}

/**
 * `{ total, import, open, web, session }` in milliseconds; the parts are as seen from inside, and
 * `web` is the first use of Node's web objects.
 *
 * @param {string} argument what `prepareColdStart` gave, or `bare` or `web` for Node itself
 */
export function coldStart(argument) {
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
