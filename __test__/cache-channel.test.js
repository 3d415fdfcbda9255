// The channel that tells the cache of sessions what changes in the database: what happens when it
// is late, lost or impossible.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { hashOf, newToken, startCached } from './support/cache-app.js';
import {
  STALENESS, changes, ends, isAtHand, isRemembered, now, until, warm, watched,
} from './support/cache-checks.js';
import { isListener, startProxy } from './support/cache-proxy.js';
import { withoutSql } from './support/cache-sql.js';
import { databases } from './support/database-matrix.js';

for (const database of databases().filter(({ name }) => name !== 'sqlite-memory')) {
  const isPostgres = database.name === 'postgres';
  const isMaria = database.name === 'mysql';
  // Much of it is waiting.
  const waiting = { skip: withoutSql(database), concurrency: 4 };
  describe(`the channel on ${database.name}`, waiting, () => {
    let world;
    const ending = [];
    after(() => Promise.all(ending.map((end) => end())));
    before(async () => {
      world = await startCached((end) => ending.push(end), database);
    });

    /** An instance behind a proxy, and a session that it knows. */
    async function behindProxy(t, { session: options, ...proxied } = {}) {
      const proxy = await startProxy(world.options, proxied);
      t.after(() => proxy.close());
      const kavach = await world.open(options, proxy.options);
      const session = await world.signIn(kavach);
      return { proxy, kavach, session };
    }

    test('is on within two seconds of use, and the log says so once', async () => {
      const kavach = await world.open();
      const session = await world.signIn(kavach);
      assert.equal(await isRemembered(kavach, session), false);
      await warm(kavach, session.token, 2000);
      const { level } = await kavach.turnedOn();
      assert.equal(level, 'info');
      for (let i = 0; i < 100; i += 1) {
        await kavach.auth.session.validate(session.token);
        await sleep(5);
      }
      const ours = kavach.lines.filter(({ message }) => message.includes('cache'));
      assert.equal(ours.length, 1, JSON.stringify(ours));
    });

    test('cannot be had without a trigger: the cache stays off', async (t) => {
      const own = await startCached((end) => t.after(end), database);
      await (await own.open()).close();
      const triggers = await own.sql(TRIGGERS[own.provider]);
      assert.ok(triggers.length >= 4, `${triggers.length} triggers`);
      const { name, of } = triggers[Math.floor(Math.random() * triggers.length)];
      await own.sql(`DROP TRIGGER ${name} ${isPostgres ? `ON ${of}` : ''}`);
      const kavach = await own.open();
      await assertOff(own, kavach);
      const { level, cause } = await kavach.turnedOff();
      assert.equal(level, 'warn');
      assert.match(cause, /trigger/, name);
    });

    test('tells of a change within a second of its commit, however late', async () => {
      // In SQLite nobody else can write before the commit.
      const patience = database.name === 'sqlite-file' ? 300 : 6500;
      const { sql } = world;
      const kavach = await world.open();
      const session = await world.signIn(kavach);
      const witness = await world.signIn(kavach);
      await warm(kavach, session.token);
      const late = await world.connect();
      await late('BEGIN');
      await late('DELETE FROM kavach_sessions WHERE id = ?', [session.id]);
      const stop = now() + patience;
      for (let i = 0; now() < stop; i += 1) {
        if (database.name !== 'sqlite-file') {
          const name = `Jane ${i}`;
          await sql('UPDATE kavach_users SET name = ? WHERE id = ?', [name, witness.user]);
          await changes(kavach, witness, now(), ({ user }) => user.name === name);
        }
        assert.ok(await kavach.auth.session.validate(session.token), 'not committed yet');
        await sleep(20);
      }
      await warm(kavach, session.token);
      await late('COMMIT');
      await ends(kavach, session, now());
    });

    // A file has no connection to lose.
    const onServers = database.name === 'sqlite-file' ? () => {} : test;

    onServers('lost, turns the cache off until it is back', async (t) => {
      const { proxy, kavach, session } = await behindProxy(t);
      await warm(kavach, session.token);
      proxy.drop();
      const { level, cause } = await kavach.turnedOff();
      assert.equal(level, 'warn');
      assert.ok(cause.length > 10, cause);
      const again = () => watched(kavach.auth.session.validate(session.token)).catch(() => ({}));
      await until(async () => (await again()).fromMemory, 8000, 'the cache');
      await kavach.turnedOn(2);
    });

    for (const [maxStaleness, directions] of [[1, ['down']], [1, ['up']], [2, ['up', 'down']]]) {
      const stalls = `that stalls (${directions}) turns the cache off within ${maxStaleness} s`;
      onServers(stalls, async (t) => {
        const options = { session: { cache: { maxStaleness } } };
        const { proxy, kavach, session } = await behindProxy(t, options);
        await warm(kavach, session.token);
        const release = proxy.stall(directions);
        const stalled = now();
        const asked = [];
        let last;
        while (now() < stalled + 1000 * maxStaleness + 300) {
          const start = now();
          const check = kavach.auth.session.validate(session.token);
          asked.push(check.catch(({ code }) => assert.equal(code, 'database_unavailable')));
          if (await isAtHand(check)) last = start - stalled;
          await sleep(10);
        }
        release();
        assert.ok(last <= 1000 * maxStaleness, `${last} ms`);
        // It was proven lately, and that is good for as long as it is.
        assert.ok(last > 1000 * maxStaleness - 800, `${last} ms`);
        await Promise.all(asked);
        await warm(kavach, session.token, 8000);
      });
    }

    onServers('does not let in an answer from before a change', async (t) => {
      const { proxy, kavach, session } = await behindProxy(t);
      for (let round = 0; round < 3; round += 1) {
        await warm(kavach, session.token);
        const other = await world.signIn(kavach);
        // Nobody has asked for it yet; the answer of the database is on its way.
        const { held, release } = proxy.holdAnswerTo(hashOf(other.token));
        const early = kavach.auth.session.validate(other.token);
        await held;
        await world.sql('DELETE FROM kavach_sessions WHERE id = ?', [other.id]);
        // Long enough for the news to arrive before the answer.
        await sleep(STALENESS + 20);
        release();
        assert.equal((await early).session.id, other.id);
        for (let i = 0; i < 3; i += 1) {
          assert.equal(await kavach.auth.session.validate(other.token), null);
        }
      }
    });

    if (isPostgres) postgresOnly(() => world, behindProxy);
    if (isMaria) mariaOnly(database);
  });
}

function postgresOnly(worldOf, behindProxy) {
  test('whose listener is killed turns the cache off, and it comes back', async (t) => {
    const world = await startCached((end) => t.after(end), byName().postgres);
    const kavach = await world.open();
    const session = await world.signIn(kavach);
    await warm(kavach, session.token);
    for (let time = 1; time <= 2; time += 1) {
      const killed = await world.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'kavachos cache' AND datname = current_database()`,
      );
      assert.ok(killed.length > 0);
      const { cause } = await kavach.turnedOff(time);
      assert.match(cause, /closed|terminat/);
      // Whatever was changed meanwhile is known.
      const other = await world.signIn(kavach);
      await world.sql('DELETE FROM kavach_sessions WHERE id = ?', [other.id]);
      assert.equal(await kavach.auth.session.validate(other.token), null);
      await warm(kavach, session.token, 8000);
      await kavach.turnedOn(time + 1);
    }
  });

  test('whose listener alone stalls lets every check reach the database', async (t) => {
    const { proxy, kavach, session } = await behindProxy(t);
    await warm(kavach, session.token);
    const release = proxy.stall(['down'], isListener);
    const stalled = now();
    await worldOf().sql('DELETE FROM kavach_sessions WHERE id = ?', [session.id]);
    await ends(kavach, session, now());
    await sleep(Math.max(0, stalled + STALENESS - now()));
    const other = await worldOf().signIn(kavach);
    for (let i = 0; i < 20; i += 1) {
      assert.equal(await isRemembered(kavach, other), false);
      await sleep(10);
    }
    release();
    await warm(kavach, other.token, 8000);
    assert.equal(await kavach.auth.session.validate(session.token), null);
  });

  for (const [what, swallows] of [
    ['no notifications', () => true],
    ['only notifications of its own', (isOwn) => !isOwn],
  ]) {
    test(`through a pooler that delivers ${what} is none`, async (t) => {
      const { kavach } = await behindProxy(t, { swallows });
      await assertOff(worldOf(), kavach);
      assert.match((await kavach.turnedOff()).cause, /pooler/);
    });
  }

  test('cannot be had where the server refuses triggers: all else works', async (t) => {
    const { postgres: database } = byName();
    const own = await startCached((end) => t.after(end), database);
    await own.sql(`CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'not here' USING ERRCODE = '0A000'; END $$`);
    await own.sql(`CREATE EVENT TRIGGER refuse_triggers ON ddl_command_start
      WHEN TAG IN ('CREATE FUNCTION', 'CREATE TRIGGER') EXECUTE FUNCTION refuse()`);
    await assertOff(own, await own.open());
    // Neither does it harm whoever comes next.
    await assertOff(own, await own.open());
    await own.sql('DROP EVENT TRIGGER refuse_triggers');
    const kavach = await own.open();
    await warm(kavach, (await own.signIn(kavach)).token);
  });

  test('costs nothing while nobody asks', async (t) => {
    const own = await startCached((end) => t.after(end), byName().postgres);
    const kavach = await own.open();
    const session = await own.signIn(kavach);
    await warm(kavach, session.token);
    const activity = () =>
      own.sql(
        `SELECT pid, state, query_start::text, state_change::text FROM pg_stat_activity
        WHERE application_name LIKE 'kavachos%' AND datname = current_database() ORDER BY pid`,
      );
    const busy = await activity();
    assert.ok(busy.length >= 2, `${busy.length} connections`);
    await sleep(500);
    assert.notDeepEqual(await activity(), busy);
    await sleep(11_500);
    const idle = await activity();
    await sleep(2000);
    assert.deepEqual(await activity(), idle);
    // What happened meanwhile is known at the first question.
    await own.sql('DELETE FROM kavach_sessions WHERE id = ?', [session.id]);
    assert.equal(await kavach.auth.session.validate(session.token), null);
    await warm(kavach, (await own.signIn(kavach)).token);
  });
}

function mariaOnly(database) {
  test('cannot be had by an account that may not make triggers: all else works', async (t) => {
    const own = await startCached((end) => t.after(end), database);
    const url = new URL(own.options.url);
    const name = `k${newToken().slice(-12)}`.replaceAll('-', '_');
    const schema = url.pathname.slice(1);
    const rights = 'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES, DROP';
    await own.sql(`CREATE USER '${name}'@'%' IDENTIFIED BY 'modest'`);
    await own.sql(`GRANT ${rights} ON ${schema}.* TO '${name}'@'%'`);
    [url.username, url.password] = [name, 'modest'];
    try {
      await assertOff(own, await own.open({}, { ...own.options, url: url.href }));
    } finally {
      await own.sql(`DROP USER '${name}'@'%'`);
    }
  });
}

const byName = () => Object.fromEntries(databases().map((one) => [one.name, one]));

/** No answer comes from memory, for longer than the cache takes to be on, and each is right. */
async function assertOff(world, kavach) {
  const session = await world.signIn(kavach);
  for (const stop = now() + 3000; now() < stop; await sleep(20)) {
    assert.equal(await isRemembered(kavach, session), false);
    assert.ok(await kavach.auth.session.validate(session.token));
  }
  await world.sql('DELETE FROM kavach_sessions WHERE id = ?', [session.id]);
  assert.equal(await kavach.auth.session.validate(session.token), null);
  await kavach.turnedOff();
  assert.ok(kavach.isSilentOn());
}

const TRIGGERS = {
  sqlite: `SELECT name, tbl_name AS "of" FROM sqlite_master WHERE type = 'trigger'`,
  postgres: `SELECT tgname AS name, tgrelid::regclass::text AS "of" FROM pg_trigger
    WHERE NOT tgisinternal`,
  mysql: `SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS
    WHERE TRIGGER_SCHEMA = DATABASE()`,
};
