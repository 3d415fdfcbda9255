// `npm run bench`: measures every peer on every database, beside the floor, and prints Markdown.
//
// One run, three kinds of processes: the stand-in for the provider; a worker for each peer on each
// database and for the floor; this one, which only says whose turn it is. The turns interleave, so
// that a disturbance hits everybody alike.

import { Child } from './child.js';
import { coldStart, prepareColdStart } from './cold-start.js';
import { openDatabases } from './databases.js';
import { verifications } from './id-token.js';
import { prepareVerifier } from './id-token-rust.js';
import { describeMachine, prepareAddon } from './machine.js';
import { readOptions } from './options.js';
import { markdown, save } from './report.js';
import { countRequests } from './requests.js';

const BASE_URL = 'https://bench.example';
const SECRET = 'a secret for benchmarks, longer than 32 characters';

const options = readOptions();
const machine = describeMachine();
if (machine.load > 0.5 && !options.quick) {
  console.error(`The load is ${machine.load.toFixed(2)}: what else runs here is in the figures.`);
}
const addon = prepareAddon(options);
const verifier = options.idToken ? prepareVerifier(options) : undefined;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    Child.killAll();
  });
}

const standIn = new Child(new URL('stand-in.js', import.meta.url), 'the stand-in');
const databases = await openDatabases(options.databases);
try {
  const results = await run();
  console.log(markdown(results));
  console.error(`Every sample: ${save(results)}`);
} catch (error) {
  if (!interrupted) throw error;
  console.error('Interrupted.');
  process.exitCode = 130;
} finally {
  await standIn.stop();
  await databases.close();
}

/** @typedef {Awaited<ReturnType<typeof run>>} Results */
async function run() {
  const started = new Date().toISOString();
  const { peers, missing } = await loadPeers();
  const known = [{ name: 'floor', callbackPath: '/floor' }, ...peers].map((peer) => ({
    ...peer,
    consumer: {
      key: peer.name,
      secret: 'a consumer secret',
      callbackUrl: `${BASE_URL}${peer.callbackPath}`,
    },
  }));
  const endpoints = await standIn.call('start', known.map(({ consumer }) => consumer));
  const common = { baseUrl: BASE_URL, secret: SECRET, endpoints };
  const [floorPeer, ...others] = known;

  const workers = [];
  try {
    const { consumer } = floorPeer;
    const floor = await open({ ...floorPeer, options: { ...common, consumer } });
    const subjects = [];
    for (const provider of options.cases.length > 0 ? databases.available : []) {
      for (const peer of others) subjects.push(await open(await on(peer, provider, common)));
    }
    const turns = turnsOf(floor, subjects);
    for (const turn of turns) await take(turn, options.warmup);
    for (let i = 1; i <= options.repetitions; i += 1) {
      console.error(`repetition ${i} of ${options.repetitions}`);
      for (const turn of turns) await take(turn, options.milliseconds, true);
    }
    for (const one of [floor, ...subjects]) one.memory = await one.worker.call('memory');
    const idToken = options.idToken ? await verifications(options, verifier) : undefined;
    missing.push(...(idToken?.missing ?? []));
    const requests = options.requests ? await countRequests() : undefined;
    const cold = await coldStarts(others, common);
    const { repetitions, milliseconds, quick } = options;
    return {
      started, quick, machine, addon, missing, cold,
      settings: await databases.settings(),
      options: { repetitions, milliseconds },
      measured: { memory: options.memory },
      versions: peers.map(({ name, version }) => ({ name, version })),
      floor: plain(floor),
      subjects: subjects.map(plain),
      idToken,
      requests,
    };
  } finally {
    for (const worker of workers) await worker.call('close').catch(() => {});
    await Promise.all(workers.map((worker) => worker.stop()));
  }

  async function open({ name, database, file, options: own }) {
    const label = database ? `${name} on ${database}` : name;
    console.error(`checking ${label}`);
    const worker = new Child(new URL('worker.js', import.meta.url), label);
    workers.push(worker);
    await worker.call('open', { peer: file, options: own, users: options.users });
    return { name, database, worker, samples: {} };
  }
}

/** The peers whose packages are installed; what else goes wrong in one is an error. */
async function loadPeers() {
  const peers = [];
  const missing = [...databases.missing];
  for (const name of options.peers) {
    const file = new URL(`peers/${name}.js`, import.meta.url).href;
    try {
      const { callbackPath, version } = await import(file);
      peers.push({ name, file, callbackPath, version: version() });
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || name === 'kavachos') throw error;
      missing.push({ name, reason: error.message.split('\n')[0] });
    }
  }
  return { peers, missing };
}

/** A peer with a new database of its own. */
async function on(peer, provider, common) {
  const database = await databases.fresh(provider);
  return {
    ...peer,
    database: provider,
    options: { ...common, consumer: peer.consumer, database },
  };
}

/** Who does what, in order: all peers do one thing before any does the next. */
function turnsOf(floor, subjects) {
  return [
    ...options.floors.map((what) => ({ who: floor, what })),
    ...options.cases.flatMap((what) => subjects.map((who) => ({ who, what }))),
  ];
}

async function take({ who, what: { name, operation, concurrency } }, milliseconds, keep = false) {
  const sample = await who.worker.call('run', { operation, concurrency, milliseconds });
  if (keep) (who.samples[name] ??= []).push(sample);
}

async function coldStarts(peers, common) {
  if (!options.coldStart) return undefined;
  const cold = { bare: [], web: [], peers: [] };
  const prepared = [];
  for (const peer of peers) {
    const subject = await on(peer, 'sqlite', common);
    prepared.push(await prepareColdStart({ peer: subject.file, options: subject.options }));
    cold.peers.push({ name: peer.name, samples: [] });
  }
  // A process start is short and noisy: four for each repetition, the first of all for the cache.
  const rounds = options.quick ? 1 : options.repetitions * 4;
  for (let i = 0; i <= rounds; i += 1) {
    if (interrupted) throw new Error('interrupted');
    for (const own of ['bare', 'web']) {
      const sample = await coldStart(own);
      if (i > 0) cold[own].push(sample);
    }
    for (const [at, argument] of prepared.entries()) {
      const sample = await coldStart(argument);
      if (i > 0) cold.peers[at].samples.push(sample);
    }
  }
  return cold;
}

function plain({ worker: _, ...rest }) {
  return rest;
}
