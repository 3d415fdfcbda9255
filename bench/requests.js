// How many requests a provider gets for a sign-in. A number of the library alone, the same in each
// run: it is counted, not timed.

import { Child } from './child.js';

/** `{ id, cold, warm }` for each provider, with numbers by endpoint. */
export async function countRequests() {
  const child = new Child(new URL('requests-child.js', import.meta.url), 'the requests');
  try {
    const counted = [];
    for (const id of await child.call('providers')) counted.push(await child.call('count', id));
    return counted;
  } finally {
    await child.stop();
  }
}
