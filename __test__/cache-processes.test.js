// Three processes on one database, each with a cache of sessions: thousands of changes at random,
// by all of them and behind their backs, while all of them check all the time. Every answer is
// judged against a model of what may be answered when.
//
// KAVACH_SEED repeats the choices of a run; KAVACH_CACHE_ROUNDS makes it so many times as long.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { until } from './support/cache-checks.js';
import { faults } from './support/cache-faults.js';
import { startFleet } from './support/cache-fleet.js';
import { Model } from './support/cache-model.js';
import { WEIGHTS, newUser, operations } from './support/cache-operations.js';
import { seeded } from './support/cache-random.js';
import { openSql, withoutSql } from './support/cache-sql.js';
import { databases } from './support/database-matrix.js';

const ROUNDS = Number(process.env.KAVACH_CACHE_ROUNDS ?? 1);
const SIZE = 3;
const LANES = 16;
const USERS = 24;
// The default of `maxStaleness`, to the millisecond: a check may be judged against the moment at
// which it was asked, which is before the moment at which it was answered.
const BOUND = 1000;
const CALM_OPERATIONS = 300;
const WILD_OPERATIONS = 2700;
// How many checks each process makes every two milliseconds.
const CALM = 2;
const BUSY = 5;

/** How late a revocation may be, and how many are timed, each in two other processes. */
const PROMISES = {
  'sqlite-file': { p99: BOUND, samples: 50 },
  'postgres': { p99: 50, samples: 150 },
  'mysql': { p99: BOUND, samples: 50 },
};

for (const database of databases().filter(({ name }) => name in PROMISES)) {
  const skip = withoutSql(database);
  const promise = PROMISES[database.name];
  describe(`three caches on ${database.name}`, { skip }, () => {
    test('[38] never tell what is no longer true for longer than they may', async (t) => {
      const world = await start(t, database);
      const { model, random } = world;
      t.diagnostic(`KAVACH_SEED=${random.seed}`);

      await work(world, { count: CALM_OPERATIONS, pause: 60 });
      const late = await lateness(t, world, promise);
      const calm = structuredClone(world.counts);
      await pace(world, BUSY);
      world.mayFail = true;
      const calmDown = rage(t, world);
      await work(world, { count: WILD_OPERATIONS * ROUNDS, pause: 15 });
      await calmDown();
      const cameBack = await recover(world);
      for (const process of world.fleet) assert.equal(await process.close(), 0);

      const { kinds, hit, counts } = world;
      t.diagnostic(`changes: ${JSON.stringify(kinds)}`);
      t.diagnostic(`faults: ${JSON.stringify(hit)}`);
      t.diagnostic(`checks: ${JSON.stringify({ calm, all: counts })}`);
      assert.equal(model.lies.length, 0, `${model.lies.length} lies, such as\n${model.lies[0]}`);
      assert.ok(late.p99 <= promise.p99, `p99 ${late.p99} ms`);
      assert.ok(late.worst <= BOUND, `worst ${late.worst} ms`);
      for (const { failed } of calm) assert.deepEqual(failed, {});
      for (const { checks, failed: { database_unavailable: _, ...others } } of counts) {
        assert.ok(checks > WILD_OPERATIONS, `${checks} checks`);
        assert.deepEqual(others, {});
      }
      const least = database.name === 'sqlite-file' ? 0.5 : 0.2;
      for (const [all, share] of [[calm, 0.5], [counts, least]]) {
        for (const { checks, fromMemory } of all) {
          assert.ok(fromMemory > share * checks, `${fromMemory} of ${checks} checks from memory`);
        }
      }
      assert.deepEqual(cameBack, Array(SIZE).fill(true));
    });
  });
}

async function start(t, database) {
  const { options, drop } = await database.fresh();
  t.after(drop);
  const random = seeded();
  const model = new Model({ bound: BOUND, size: SIZE });
  const counts = Array.from({ length: SIZE }, () => ({ checks: 0, fromMemory: 0, failed: {} }));
  const onChecks = (index, checks) => {
    const count = counts[index];
    for (const check of checks) {
      const [, , , , fromMemory, code] = check;
      count.checks += 1;
      count.fromMemory += fromMemory;
      if (code) count.failed[code] = (count.failed[code] ?? 0) + 1;
      model.judge(index, check);
    }
  };
  const fleet = await startFleet(t, { database: options, size: SIZE, burst: CALM, onChecks });
  const world = {
    model, fleet, random, counts, provider: options.provider, mayFail: false, kinds: {}, hit: {},
  };
  const connect = async () => {
    const sql = await openSql(options);
    t.after(() => sql.close());
    return sql;
  };
  world.sql = await connect();
  world.lanes = [];
  for (let i = 0; i < LANES; i += 1) {
    const sql = await connect();
    const { provider } = options;
    const make = { model, fleet, random, sql, provider, mayFail: () => world.mayFail };
    world.lanes.push({ sql, changes: operations(make) });
  }
  world.idle = [];
  for (let i = 0; i < USERS; i += 1) {
    world.idle.push(await newUser(model, world.sql, options.provider));
  }
  return world;
}

/** Makes so many changes, several at once, but one at a time for each user. */
async function work({ lanes, idle, fleet, random, model, kinds, provider }, { count, pause }) {
  let left = count;
  await Promise.all(lanes.map(async ({ sql, changes }) => {
    while (left > 0) {
      left -= 1;
      const [user] = idle.splice(Math.floor(random.next() * idle.length), 1);
      const kind = user.tokens.size === 0 ? 'create' : random.weighted(WEIGHTS);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      await changes[kind](user, random.pick(fleet));
      idle.push(user.isGone ? await newUser(model, sql, provider) : user);
      await sleep(random.between(0, pause));
    }
  }));
}

/**
 * Measures how long after a revocation the other processes still know the session. A machine that
 * is busy with something else must be so three times in a row to be taken for a late library.
 */
async function lateness(t, world, promise) {
  let p99;
  let worst;
  for (let attempt = 0; attempt < 3 && !(p99 <= promise.p99); attempt += 1) {
    const late = await measure(world, promise.samples);
    p99 = late[Math.ceil(late.length * 0.99) - 1];
    worst = late.at(-1);
    t.diagnostic(`revocations elsewhere: p99 ${p99.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`);
  }
  return { p99, worst };
}

async function measure({ lanes, idle, fleet, random }, samples) {
  const late = [];
  let left = samples;
  await Promise.all(lanes.slice(0, LANES / 4).map(async ({ changes }) => {
    while (left-- > 0) {
      const user = idle.shift();
      const [here, ...others] = rotated(fleet, random.between(0, SIZE - 1));
      const token = await changes.create(user, here);
      // Long enough to be known everywhere.
      await sleep(random.between(60, 120));
      const followed = others.map((process) => process.ask('follow', token.token));
      await sleep(random.between(5, 30));
      const [[, acknowledged]] = await changes['revoke this'](token, here);
      for (const { value } of await Promise.all(followed)) {
        // It may have begun to ask too late.
        if (value !== undefined) late.push(Math.max(0, value - acknowledged));
      }
      idle.push(user);
    }
  }));
  return late.sort((a, b) => a - b);
}

const rotated = (list, by) => [...list.slice(by), ...list.slice(0, by)];

/** Lets things go wrong, two at a time, until the function that it returns is called. */
function rage(t, { fleet, random, sql, provider, hit }) {
  const all = faults({ provider, random, sql });
  let isOver = false;
  const raging = Promise.all([0, 1].map(async () => {
    while (!isOver) {
      const name = random.pick(Object.keys(all));
      hit[name] = (hit[name] ?? 0) + 1;
      await all[name](random.pick(fleet));
      await sleep(random.between(50, 1000));
    }
  }));
  const calmDown = () => {
    isOver = true;
    return raging;
  };
  // A test that has failed leaves nothing to harm.
  t.after(() => void calmDown().catch(() => {}));
  return calmDown;
}

/** Waits, now that nothing goes wrong any more, for every cache to come back: which of them did. */
async function recover({ counts }) {
  const cameBack = await Promise.all(counts.map(async (count, index) => {
    const before = count.fromMemory;
    const isBack = () => count.fromMemory > before + 100;
    return until(isBack, 8000, `the cache of process ${index}`).catch(() => false);
  }));
  // The last changes have to be known by now, too.
  await sleep(BOUND + 200);
  return cameBack;
}

function pace({ fleet }, burst) {
  return Promise.all(fleet.map((process) => process.ask('pace', burst)));
}
