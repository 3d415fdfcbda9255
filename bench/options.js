// The command line.

import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { fail } from '../scripts/environment.js';
import {
  CASES, CASE_NAMES, COLD_START, COUNTS, DATABASES, FLOORS, ID_TOKEN, MEMORY, REQUESTS, SCALE,
} from './cases.js';

const USAGE = `Usage: npm run bench -- [options]

  --quick               a smoke run of seconds, with whatever addon is there
  --only NAME           a peer, or a case, or the cases whose names begin so; may be repeated;
                        ${SCALE}, which takes long, runs by its name alone
  --repetitions N       default 5, with --quick 1
  --database NAME       ${DATABASES.join(' or ')}, default both`;

export function readOptions() {
  const values = parse();
  if (values.help) {
    console.log(USAGE);
    process.exit();
  }
  const { quick, database } = values;
  const repetitions = Number(values.repetitions ?? (quick ? 1 : 5));
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    fail('--repetitions must be a whole number, at least 1.');
  }
  if (database !== undefined && !DATABASES.includes(database)) {
    fail(`--database must be ${DATABASES.join(' or ')}.`);
  }
  const { peers, names } = select(values.only ?? []);
  const scale = names.includes(SCALE);
  if (scale && (values.only.length > 1 || values.repetitions || database === 'sqlite')) {
    fail(`${SCALE} is measured alone, on PostgreSQL, and has repetitions of its own.`);
  }
  const named = CASES.filter(({ name }) => names.includes(name));
  // Memory is that of all the work: alone it would be that of none.
  const cases = named.length === 0 && names.includes(MEMORY) ? CASES : named;
  const counts = names.includes(COUNTS);
  const timed = cases.length > 0 || counts;
  const databases = database ? [database] : databasesFor({ scale, timed });
  const coldStart = names.includes(COLD_START) && databases.includes('sqlite');
  const idToken = names.includes(ID_TOKEN);
  const requests = names.includes(REQUESTS);
  if (cases.length === 0 && !counts && !coldStart && !idToken && !requests && !scale) {
    fail(`${COLD_START} is measured on SQLite only.`);
  }
  return {
    quick,
    /** Nothing left out: what docs/performance.md may show. */
    full: !quick && (scale || (!database && !values.only && repetitions >= 5)),
    repetitions,
    milliseconds: quick ? 50 : 1000,
    warmup: quick ? 20 : 500,
    /** Of one repetition: what comes late comes seldom. */
    loopDelay: quick ? 300 : 6000,
    users: quick ? 32 : 512,
    databases,
    peers: scale ? ['kavachos'] : peers,
    cases,
    floors: floorsBelow(cases),
    counts,
    coldStart,
    memory: names.includes(MEMORY),
    idToken,
    requests,
    scale,
  };
}

function parse() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        repetitions: { type: 'string' },
        database: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
}

function databasesFor({ scale, timed }) {
  if (scale) return ['postgres'];
  // A cold start is one on SQLite, and needs no server.
  return timed ? DATABASES : ['sqlite'];
}

/** Those that the cases refer to, the other client at the same concurrency, and the loop alone. */
function floorsBelow(cases) {
  const names = cases.flatMap(({ floor = '' }) => [floor, floor.replace('fetch', 'http')]);
  if (cases.length > 0) names.push('no-op');
  return FLOORS.filter(({ name }) => names.includes(name));
}

/** Peers and cases limit each other; naming none of a kind means all of it. */
function select(only) {
  const others = readdirSync(new URL('peers', import.meta.url))
    .filter((name) => name.endsWith('.js') && name !== 'kavachos.js')
    .map((name) => name.slice(0, -3));
  const all = ['kavachos', ...others.sort()];
  const peers = all.filter((name) => only.includes(name));
  const prefixes = only.filter((name) => !all.includes(name));
  const known = [...CASE_NAMES, SCALE];
  const matches = (prefix) => known.filter((name) => `${name}-`.startsWith(`${prefix}-`));
  for (const prefix of prefixes) {
    if (matches(prefix).length === 0) {
      fail(`There is no ${prefix}. There are: ${[...all, ...known].join(', ')}.`);
    }
  }
  return {
    peers: peers.length > 0 ? peers : all,
    names: prefixes.length > 0 ? prefixes.flatMap(matches) : CASE_NAMES,
  };
}
