// An instance on a database that plain SQL reaches too. Users are made by SQL, so that nobody has
// to sign in.

import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { createKavach } from '../../index.js';
import { BASE_URL, SECRET } from './app-config.js';
import { until } from './cache-checks.js';
import { openSql } from './cache-sql.js';

const ON = 'the session cache is on';
const OFF = 'the session cache is off: every check asks the database';
const IN_ONE_STATEMENT = 400;

/**
 * A fresh database of the matrix; `after` is told what to do in the end, last things first.
 *
 * - `open`: an instance, with `session` options and, if it is given, another way to the database
 * - `connect`: a connection for plain SQL
 */
export async function startCached(after, database) {
  const { options, drop } = await database.fresh();
  // The last to come is the first to go.
  const closers = [drop];
  after(async () => {
    for (const close of closers) await close();
  });
  const { provider } = options;

  async function open(session = {}, location = options) {
    const lines = [];
    const kavach = await createKavach({
      database: location,
      secret: SECRET,
      baseUrl: BASE_URL,
      rateLimit: { enabled: false },
      auth: { session },
      logger: (level, message, { cause }) => lines.push({ level, message, cause }),
    });
    closers.unshift(() => kavach.close());
    const said = (message) => lines.filter((line) => line.message === message);
    /** Waits for the cache to have been turned on, or off, so many times; gives the last line. */
    const turned = (message, times) =>
      until(() => said(message).length >= times && said(message).at(-1), 5000, message);
    return {
      ...kavach,
      lines,
      turnedOn: (times = 1) => turned(ON, times),
      turnedOff: (times = 1) => turned(OFF, times),
      isSilentOn: () => said(ON).length === 0,
    };
  }

  async function connect() {
    const sql = await openSql(options);
    closers.unshift(() => sql.close());
    return sql.query;
  }

  let query;
  const sql = async (...args) => (query ??= await connect())(...args);

  async function newUser() {
    const id = randomUUID();
    await sql(
      `INSERT INTO kavach_users (id, email, email_verified, name, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?)`,
      [id, `${id}@example.com`, provider === 'postgres' ? true : 1, 'Jane', 1, 1],
    );
    return id;
  }

  /** A new user with a session: `{ user, id, token }`. */
  async function signIn(kavach, user) {
    const owner = user ?? (await newUser());
    const { session, token } = await kavach.auth.session.create(owner);
    return { user: owner, id: session.id, token };
  }

  /** So many sessions of one user, made by plain SQL; gives their tokens. */
  async function signInOften(user, count) {
    const tokens = Array.from({ length: count }, newToken);
    const now = Date.now();
    for (let i = 0; i < count; i += IN_ONE_STATEMENT) {
      const rows = tokens.slice(i, i + IN_ONE_STATEMENT)
        .map((token) => [hashOf(token), randomUUID(), user, now, now, now + 1e9]);
      await sql(
        `INSERT INTO kavach_sessions (token_hash, id, user_id, created_at, extended_at, expires_at)
        VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
        rows.flat(),
      );
    }
    return tokens;
  }

  return { provider, options, sql, connect, open, drop, newUser, signIn, signInOften };
}

export function newToken() {
  return `kvs_${randomBytes(32).toString('base64url')}`;
}

/** What the database knows a token by. */
export function hashOf(token) {
  return createHash('sha256').update(token).digest();
}
