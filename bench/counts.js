// What hardly varies, and so is counted: the SQL statements of an operation, from PostgreSQL's own
// log; its requests to the provider, at the stand-in; the bytes that it allocates in JavaScript.

import { setTimeout as sleep } from 'node:timers/promises';

import { Child } from './child.js';

const USERS = 32;
/** Room for young objects, so that none is collected while they are counted. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** `{ name, database, statements, requests, allocated, atRest }` for each peer on each database. */
export async function countAll({ options, peers, databases, standIn, subjectOf, missing }) {
  const rows = [];
  for (const database of databases.available) {
    for (const peer of peers) {
      console.error(`counting ${peer.name} on ${database}`);
      const subject = await subjectOf(peer, database);
      const log = database === 'postgres'
        ? await databases.logStatements(subject.options.database)
        : undefined;
      if (database === 'postgres' && !log) {
        const reason = 'the log of the server is not at hand';
        missing.push({ name: `statements of ${peer.name}`, reason });
      }
      const counted = await count(subject, { standIn, log, quick: options.quick });
      rows.push({ name: peer.name, database, ...counted });
    }
  }
  return rows;
}

async function count(subject, { standIn, log, quick }) {
  const runs = quick ? 3 : 9;
  const statements = {};
  const requests = {};

  /** The second of what is counted is as the thousandth; the first may open a connection. */
  async function counted(name, action) {
    await action();
    for (let i = 0; i < runs; i += 1) {
      const before = await standIn.call('count');
      const said = log ? await log.during(action) : await action();
      (requests[name] ??= []).push((await standIn.call('count')) - before);
      if (log) (statements[name] ??= []).push(said);
    }
  }

  const start = { ...subject, users: USERS };
  const [known, allocated] = await using(start, async (child) => {
    for (const operation of ['authorize', 'signInNew', 'signInKnown']) {
      await counted(operation, () => child.call('once', operation));
    }
    const bytes = {};
    for (const operation of ['authorize', 'signInNew', 'signInKnown', 'session']) {
      bytes[operation] = await child.call('allocated', { operation, count: quick ? 20 : 150 });
    }
    return [await child.call('requests'), bytes];
  });

  // A process that has not seen these sessions yet.
  const atRest = await using(subject, async (child) => {
    const asked = [...known];
    await counted('sessionFirst', () => child.call('session', asked.pop()));
    const [someone] = known;
    await counted('sessionAgain', () => child.call('session', someone));
    const seconds = quick ? 1 : 5;
    return log && { seconds, ...(await log.during(() => sleep(seconds * 1000))) };
  });
  return { statements: log && statements, requests, allocated, atRest };
}

/** Opens the subject in a process of its own, for as long as `work` takes. */
async function using(subject, work) {
  const child = new Child(new URL('counts-child.js', import.meta.url), 'the counts', FLAGS);
  try {
    await child.call('open', subject);
    const result = await work(child);
    await child.call('close');
    return result;
  } finally {
    await child.stop();
  }
}
