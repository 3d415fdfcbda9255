// Every database that kavachos supports, for tests that must hold on all of them:
//
//     for (const database of databases()) {
//       test(`... on ${database.name}`, { skip: database.skip }, async (t) => {
//         const { options, query, drop } = await database.fresh();
//         t.after(drop);
//       });
//     }
//
// `options` is the `database` option of createKavach. `query(sql, params)` looks inside, with `?`
// for parameters in every dialect, and resolves to rows as plain objects. On PostgreSQL and MySQL
// it may also write. On `sqlite-file` it reads a snapshot, and on `sqlite-memory` there is nothing
// that another connection could see: `canQuery` is 'write', 'read' or false.

import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import mysql from 'mysql2/promise';
import sqlite from 'node-sqlite3-wasm';
import pg from 'pg';

export function databases() {
  return [sqliteMemory(), sqliteFile(), postgres(), mariadb()];
}

function sqliteMemory() {
  return {
    name: 'sqlite-memory',
    canQuery: false,
    skip: false,
    fresh: async () => ({
      options: { provider: 'sqlite', url: ':memory:' },
      query: async () => {
        throw new Error('an in-memory database is visible to its own connection only');
      },
      drop: async () => {},
    }),
  };
}

function sqliteFile() {
  return {
    name: 'sqlite-file',
    canQuery: 'read',
    skip: false,
    fresh: async () => {
      const directory = mkdtempSync(join(tmpdir(), 'kavachos-sqlite-'));
      const file = join(directory, 'kavach.db');
      return {
        options: { provider: 'sqlite', url: file },
        query: async (sql, params = []) => readSnapshot(file, sql, params),
        drop: async () => rmSync(directory, { recursive: true, force: true }),
      };
    },
  };
}

/**
 * Reads a copy of the file and its write-ahead log with SQLite compiled to WebAssembly: Node 20 has
 * no SQLite of its own, and native packages need install scripts, which npm 11 does not run.
 */
function readSnapshot(file, sql, params) {
  if (!/^\s*(select|with|pragma)\b/i.test(sql)) {
    throw new Error('sqlite-file can only be read: a change to the copy would be lost');
  }
  const directory = mkdtempSync(join(tmpdir(), 'kavachos-snapshot-'));
  const copy = join(directory, 'copy.db');
  try {
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const database = new sqlite.Database(copy);
    try {
      // Without shared memory, which WebAssembly lacks, a write-ahead log needs this mode.
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      return database.all(sql, params);
    } finally {
      database.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function postgres() {
  return server('postgres', process.env.KAVACH_TEST_POSTGRES_URL, {
    drop: (name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
    query: async (url, sql, params) => {
      const client = new pg.Client({ connectionString: url, types: { getTypeParser } });
      await client.connect();
      try {
        let count = 0;
        return (await client.query(sql.replace(/\?/g, () => `$${++count}`), params)).rows;
      } finally {
        await client.end();
      }
    },
  });
}

function mariadb() {
  return server('mysql', process.env.KAVACH_TEST_MYSQL_URL, {
    drop: (name) => `DROP DATABASE IF EXISTS ${name}`,
    query: async (url, sql, params) => {
      const connection = await mysql.createConnection(url);
      try {
        return (await connection.query(sql, params))[0];
      } finally {
        await connection.end();
      }
    },
  });
}

function server(provider, adminUrl, dialect) {
  return {
    name: provider,
    canQuery: 'write',
    skip: adminUrl ? false : `no ${provider} server: run it through npm test`,
    fresh: async () => {
      const name = `kavach_${randomBytes(8).toString('hex')}`;
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      await dialect.query(adminUrl, `CREATE DATABASE ${name}`, []);
      return {
        options: { provider, url: url.href },
        query: (sql, params = []) => dialect.query(url.href, sql, params),
        drop: () => dialect.query(adminUrl, dialect.drop(name), []),
      };
    },
  };
}

/** 64-bit integers as numbers, as the other two dialects give them. */
function getTypeParser(oid, format) {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
}
