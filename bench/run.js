// One run, four kinds of processes: the stand-in for the provider; a worker for each peer on each
// database and for the floor; the load for the servers of the workers; this one, which only says
// whose turn it is. The turns interleave, so that a disturbance hits everybody alike.

import { Child } from './child.js';
import { coldStarts } from './cold-start.js';
import { countAll } from './counts.js';
import { openDatabases } from './databases.js';
import { HttpLoad } from './http-load.js';
import { verifications } from './id-token.js';
import { prepareVerifier } from './id-token-rust.js';
import { loadPeers } from './peers.js';
import { countRequests } from './requests.js';
import { SCALE_SERVER, measureScale } from './scale.js';
import { groupsOf, shuffled, takeAll } from './turns.js';

const BASE_URL = 'https://bench.example';
const SECRET = 'a secret for benchmarks, longer than 32 characters';

/** @typedef {Awaited<ReturnType<typeof run>>} Results */
/** @param {ReturnType<typeof import('./options.js').readOptions>} options */
export async function run(options, isInterrupted) {
  const verifier = options.idToken ? prepareVerifier(options) : undefined;
  const standIn = new Child(new URL('stand-in.js', import.meta.url), 'the stand-in');
  const databases = await openDatabases(options.databases, options.scale ? SCALE_SERVER : {});
  try {
    const started = new Date().toISOString();
    const { peers, missing } = await loadPeers(options.peers);
    missing.push(...databases.missing);
    const endpoints = await standIn.call('start', [FLOOR, ...peers].map(consumerOf));
    const common = { baseUrl: BASE_URL, secret: SECRET, endpoints };

    /** A peer with a new database of its own, or the floor. */
    const subjectOf = async (peer, provider) => ({
      peer: peer.file,
      options: {
        ...common,
        consumer: consumerOf(peer),
        ...(provider && { database: await databases.fresh(provider) }),
      },
    });
    const context = { options, peers, databases, standIn, subjectOf, isInterrupted, missing };

    const timed = await measureAll(context);
    const idToken = options.idToken ? await verifications(options, verifier) : undefined;
    missing.push(...(idToken?.missing ?? []));
    return {
      started,
      quick: options.quick,
      options: { repetitions: options.repetitions, milliseconds: options.milliseconds },
      settings: await databases.settings(),
      versions: peers.map(({ name, version }) => ({ name, version })),
      missing,
      ...timed,
      counts: options.counts ? await countAll(context) : undefined,
      cold: options.coldStart ? await coldStarts(context) : undefined,
      idToken,
      requests: options.requests ? await countRequests() : undefined,
      scale: options.scale ? await measureScale(context) : undefined,
    };
  } finally {
    await standIn.stop();
    await databases.close();
  }
}

const FLOOR = { name: 'floor', callbackPath: '/floor' };

function consumerOf({ name, callbackPath }) {
  return { key: name, secret: 'a consumer secret', callbackUrl: `${BASE_URL}${callbackPath}` };
}

/** All turns of all repetitions: `{ floor, subjects, memory }`. */
async function measureAll({ options, peers, databases, subjectOf }) {
  const { cases, floors, repetitions, warmup } = options;
  const opened = [];
  const load = new HttpLoad();
  try {
    const floor = await open(FLOOR);
    const subjects = [];
    for (const provider of cases.length > 0 ? databases.available : []) {
      for (const peer of peers) subjects.push(await open(peer, provider));
    }
    const groups = groupsOf({ floor, subjects }, { floors, cases });
    for (const group of shuffled(groups)) {
      await takeAll({ ...group, slices: 1 }, load, { milliseconds: warmup, loopDelay: warmup });
    }
    for (let i = 1; i <= repetitions; i += 1) {
      console.error(`repetition ${i} of ${repetitions}`);
      for (const group of shuffled(groups)) {
        for (const { turn: { who, what }, sample } of await takeAll(group, load, options)) {
          (who.samples[what.name] ??= []).push(sample);
        }
      }
    }
    for (const one of opened) one.memory = await one.worker.call('memory');
    const plain = ({ name, database, samples, memory }) => ({ name, database, samples, memory });
    return {
      floor: plain(floor), subjects: subjects.map(plain), measured: { memory: options.memory },
    };
  } finally {
    for (const { worker } of opened) await worker.call('close').catch(() => {});
    await Promise.all([load.stop(), ...opened.map(({ worker }) => worker.stop())]);
  }

  async function open(peer, database) {
    const { name } = peer;
    const label = database ? `${name} on ${database}` : name;
    console.error(`checking ${label}`);
    const worker = new Child(new URL('worker.js', import.meta.url), label);
    const one = { name, database, worker, samples: {} };
    opened.push(one);
    await worker.call('open', { ...(await subjectOf(peer, database)), users: options.users });
    return one;
  }
}
