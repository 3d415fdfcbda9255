// The databases that other libraries fill and that kavachos then takes over: one connection for
// them, by Kysely, and a way to run the scripts of the pages as a database's own shell does.

import sqlite from 'node-sqlite3-wasm';
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from 'kysely';
import mysql from 'mysql2';
import pg from 'pg';

import { databases } from './database-matrix.js';
import { page } from './docs.js';

/** Those of the matrix that outlive the library which made them. */
export const lasting = databases().filter(({ name }) => name !== 'sqlite-memory');

/** A database for all the world's names, which MariaDB does not make by itself. */
export async function freshDatabase(database) {
  const { options, drop } = await database.fresh();
  if (options.provider === 'mysql') {
    await runScript(options, 'ALTER DATABASE CHARACTER SET utf8mb4');
  }
  return { options, drop };
}

/** Kysely on a database of the matrix; `destroy()` closes it. */
export function openKysely({ provider, url }) {
  const dialect = {
    sqlite: () => new SqliteDialect({ database: () => new SqliteForKysely(url) }),
    postgres: () => new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
    mysql: () => new MysqlDialect({ pool: mysql.createPool({ uri: url, timezone: 'Z' }) }),
  };
  return new Kysely({ dialect: dialect[provider]() });
}

/** The text of a block of SQL: ```` ```sql copy-sqlite.sql ```` is `copy` for SQLite. */
export function scriptOf(name, script, provider) {
  const file = `${script}-${provider}.sql`;
  const found = page(name).blocks.filter((block) => block.file === file);
  if (found.length !== 1) throw new Error(`${name}: ${found.length} blocks named ${file}`);
  return found[0].text;
}

/**
 * Runs a script on a connection of its own and stops at the first error, as `psql`, `mysql` and
 * `sqlite3 -bail` do; what it had begun is undone then. The library must not have an SQLite file
 * open meanwhile.
 */
export function runScript({ provider, url }, text) {
  return { sqlite: runSqlite, postgres: runPostgres, mysql: runMysql }[provider](url, text);
}

/** The rows that a query gives, as plain objects. */
export async function rowsOf(options, query) {
  if (options.provider !== 'sqlite') return (await runScript(options, query)) ?? [];
  return withSqlite(options.url, (database) => database.all(query));
}

function runSqlite(file, text) {
  return withSqlite(file, (database) => database.exec(text));
}

async function runPostgres(connectionString, text) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function runMysql(uri, text) {
  const connection = mysql.createConnection({ uri, multipleStatements: true }).promise();
  try {
    return (await connection.query(text))[0];
  } finally {
    await connection.end();
  }
}

function withSqlite(file, use) {
  const database = openSqlite(file);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

// SQLite in WebAssembly has no shared memory, so a write-ahead log needs a lock for one alone.
function openSqlite(file) {
  const database = new sqlite.Database(file);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA foreign_keys = ON');
  return database;
}

/** What Kysely expects of a driver for SQLite; its own choice is a native package. */
class SqliteForKysely {
  #database;

  constructor(file) {
    this.#database = openSqlite(file);
  }

  prepare(text) {
    const reader = /^\s*(select|with|pragma)\b|\breturning\b/i.test(text);
    const storable = (values) => values.map((value) => value ?? null);
    return {
      reader,
      all: (values) => this.#database.all(text, storable(values)),
      run: (values) => this.#database.run(text, storable(values)),
      iterate: (values) => this.#database.all(text, storable(values)),
    };
  }

  close() {
    this.#database.close();
  }
}
