// Changes at random, by every process and by plain SQL, each noted in the model.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { now } from './cache-checks.js';
import { SQL } from './cache-model.js';

const FAR = 8_640_000_000_000;
// Wall clocks are read in whole milliseconds.
const TICK = 2;
const TRANSIENT = /deadlock|lock wait|is locked|record has changed/i;
const RETRY_FOR = 30_000;
/** How long a token that has ended is still asked for, over the bound. */
const LINGER = 700;

/**
 * - `sql`: a connection of its own
 * - `mayFail`: whether the database may be out of reach of the processes
 *
 * Resolves to functions that take `(user, process)` and make one change each.
 */
export function operations({ model, fleet, random, sql, provider, mayFail = () => false }) {
  const live = (user) => [...user.tokens].filter(({ hasEnded }) => !hasEnded);
  // Nobody waits: a process may be paused, and hears of things in order.
  const tell = (task, ...args) => {
    for (const process of fleet) process.ask(task, ...args).catch(() => {});
  };

  /** Has a process do it, again and again if its database is out of reach. */
  async function done(process, task, ...args) {
    for (const deadline = now() + RETRY_FOR; ; await sleep(50)) {
      try {
        return await process.ask(task, ...args);
      } catch (error) {
        const isFault = error.code === 'database_unavailable' && mayFail();
        if (!isFault || now() > deadline) throw error;
      }
    }
  }
  const call = (process, method, ...args) => done(process, 'call', method, ...args);

  /** Runs statements in one transaction or, when it is one, by itself. */
  async function run(statement, ...params) {
    for (const deadline = now() + RETRY_FOR; ; await sleep(5)) {
      try {
        return await sql.query(statement, params);
      } catch (error) {
        if (!TRANSIENT.test(error.message) || now() > deadline) throw error;
      }
    }
  }

  async function watch(user, process) {
    const { value } = await call(process, 'auth.session.create', user.id);
    const token = model.addToken(user, { id: value.session.id, token: value.token });
    tell('watch', token.number, token.token);
    return token;
  }

  /** Ends tokens: `act` makes the change and resolves to all `[maker, time]`, as this does. */
  async function end(tokens, act, begun) {
    const noted = tokens.map((token) => {
      token.hasEnded = true;
      return token.isLive.begin(false, begun);
    });
    const makers = await act();
    for (const note of noted) for (const maker of makers) note(...maker);
    for (const { number } of tokens) tell('end', number);
    for (const token of tokens) setTimeout(forget, model.bound + LINGER, token);
    return makers;
  }

  function forget(token) {
    token.user.tokens.delete(token);
    token.records = [];
    tell('forget', token.number);
  }

  const by = (process, ...args) => async () => {
    const { acknowledged } = await done(process, ...args);
    return [[process.index, acknowledged]];
  };
  const bySql = (statement, ...params) => async () => {
    await run(statement, ...params);
    return [[SQL, now()]];
  };

  const one = (change) => async (user, process) => {
    const token = random.pick(live(user));
    return token && change(token, process);
  };

  const revoke = (token, process) =>
    end([token], by(process, 'call', 'auth.session.revoke', token.id));

  return {
    create: watch,
    revoke: one(revoke),
    'revoke this': revoke,

    'revoke twice': one((token, process) =>
      end([token], async () => {
        const two = [process, fleet[(process.index + 1) % fleet.length]];
        const acts = two.map((one) => by(one, 'call', 'auth.session.revoke', token.id)());
        return (await Promise.all(acts)).flat();
      })),

    'sign out': one((token, process) => end([token], by(process, 'signOut', token.token))),

    'revoke all': (user, process) =>
      end([...user.tokens], by(process, 'call', 'auth.session.revokeAll', user.id)),

    'revoke all others': one((token, process) => {
      const others = [...token.user.tokens].filter((other) => other !== token);
      const except = { except: token.id };
      const { id } = token.user;
      return end(others, by(process, 'call', 'auth.session.revokeAll', id, except));
    }),

    disable: async (user, process) => {
      await end([...user.tokens], by(process, 'call', 'users.disable', user.id));
      await sleep(random.between(0, 50));
      await call(random.pick(fleet), 'users.enable', user.id);
    },

    'delete user': async (user, process) => {
      user.isGone = true;
      await end([...user.tokens], by(process, 'call', 'users.delete', user.id));
    },

    'delete user by SQL': async (user) => {
      user.isGone = true;
      await end([...user.tokens], bySql('DELETE FROM kavach_users WHERE id = ?', user.id));
    },

    'delete by SQL': one((token) =>
      end([token], bySql('DELETE FROM kavach_sessions WHERE id = ?', token.id))),

    'delete all by SQL': (user) =>
      end([...user.tokens], bySql('DELETE FROM kavach_sessions WHERE user_id = ?', user.id)),

    rename: async (user) => {
      const name = nameOf(user.number);
      const note = user.name.begin(name);
      await run('UPDATE kavach_users SET name = ? WHERE id = ?', name, user.id);
      note(SQL, now());
    },

    'keep out by SQL': async (user) => {
      for (const until of [FAR, null]) {
        const note = user.isIn.begin(until === null);
        await run('UPDATE kavach_users SET disabled_until = ? WHERE id = ?', until, user.id);
        note(SQL, now());
        await sleep(random.between(0, 30));
      }
    },

    expire: one((token) => {
      const after = random.pick([-1000, 0, 30, 200, 600, 1500]);
      const expiresAt = Date.now() + after;
      const moment = now() + after;
      const statement = 'UPDATE kavach_sessions SET expires_at = ? WHERE id = ?';
      const act = async () => {
        const [[maker, time]] = await bySql(statement, expiresAt, token.id)();
        // Known in time, it takes effect on time.
        return [[maker, Math.max(time, moment + TICK - model.bound)]];
      };
      return end([token], act, Math.max(now(), moment - TICK));
    }),

    rotate: one(async (token) => {
      const fresh = `kvs_${randomBytes(32).toString('base64url')}`;
      const hash = createHash('sha256').update(fresh).digest();
      await end([token], bySql(
        'UPDATE kavach_sessions SET token_hash = ? WHERE id = ?', hash, token.id,
      ));
      const next = model.addToken(token.user, { id: token.id, token: fresh });
      tell('watch', next.number, next.token);
    }),

    'commit late': one(async (token) => {
      await run('BEGIN');
      await run('DELETE FROM kavach_sessions WHERE id = ?', token.id);
      // In SQLite nobody else can write meanwhile.
      await sleep(random.between(1, provider === 'sqlite' ? 20 : 400));
      await end([token], bySql('COMMIT'));
    }),

    'roll back': one(async (token) => {
      await run('BEGIN');
      await run('DELETE FROM kavach_sessions WHERE id = ?', token.id);
      await run('ROLLBACK');
    }),
  };
}

/** How often each is chosen. */
export const WEIGHTS = [
  [42, 'create'], [8, 'revoke'], [3, 'revoke twice'], [3, 'sign out'], [2, 'revoke all'],
  [3, 'revoke all others'], [2, 'disable'], [1, 'delete user'], [1, 'delete user by SQL'],
  [8, 'delete by SQL'], [1, 'delete all by SQL'], [10, 'rename'], [2, 'keep out by SQL'],
  [6, 'expire'], [3, 'rotate'], [2, 'commit late'], [2, 'roll back'],
];

/** Makes a user by plain SQL. */
export async function newUser(model, sql, provider) {
  const id = randomUUID();
  const name = nameOf(model.users.length);
  await sql.query(
    `INSERT INTO kavach_users (id, email_verified, name, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?)`,
    [id, provider === 'postgres' ? false : 0, name, Date.now(), Date.now()],
  );
  return model.addUser(id, name);
}

let names = 0;
const nameOf = (number) => `user ${number}, name ${(names += 1)}`;
