// Databases for the peers, each its own: SQLite in a directory of ours, PostgreSQL from the server
// that the tests use, or the one that KAVACH_TEST_POSTGRES_URL names.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { logOf } from './statement-log.js';

/**
 * @param {string[]} wanted some of `DATABASES` in cases.js
 * @param {Record<string, string | number>} [postgres] settings for a server that we start
 */
export async function openDatabases(wanted, postgres) {
  const directory = mkdtempSync(join(tmpdir(), 'kavachos-bench-'));
  const server = wanted.includes('postgres') ? await startPostgres(postgres) : undefined;
  const made = [];

  return {
    available: wanted.filter((provider) => provider !== 'postgres' || server.url),
    missing: server?.missing ?? [],

    /** A new, empty one: `{ provider, url }`. */
    async fresh(provider) {
      const name = `kavach_bench_${randomBytes(6).toString('hex')}`;
      if (provider === 'sqlite') return { provider, url: join(directory, `${name}.db`) };
      await query(server.url, `CREATE DATABASE ${name}`);
      made.push(name);
      return { provider, url: Object.assign(new URL(server.url), { pathname: `/${name}` }).href };
    },

    /**
     * From the next connection on, the server's log has every statement: see statement-log.js.
     * `undefined` where we may not say so, or cannot read it.
     */
    async logStatements({ url }) {
      const name = new URL(url).pathname.slice(1);
      try {
        await query(server.url, `ALTER DATABASE ${name} SET log_statement = 'all'`);
        const log = await logOf((sql) => query(server.url, sql));
        const probe = await log?.during(() => query(url, 'SELECT 1'));
        return probe?.work === 1 ? log : undefined;
      } catch (error) {
        if (error.code !== INSUFFICIENT_PRIVILEGE) throw error;
        return undefined;
      }
    },

    /** What matters for the figures, as the servers say it. */
    async settings() {
      const lines = wanted.includes('sqlite')
        ? ['SQLite: a file with a write-ahead log, as each peer opens it']
        : [];
      if (!server?.url) return lines;
      const [row] = await query(
        server.url,
        `SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
          current_setting('synchronous_commit') AS commit,
          current_setting('shared_buffers') AS buffers`,
      );
      return [
        ...lines,
        `PostgreSQL ${row.version}: fsync ${row.fsync}, synchronous_commit ${row.commit}, `
          + `shared_buffers ${row.buffers}`,
      ];
    },

    async close() {
      try {
        // Of a server that somebody else runs, nothing may be left.
        for (const name of made) await query(server.url, `DROP DATABASE ${name} WITH (FORCE)`);
      } finally {
        await server?.stop();
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

async function startPostgres(settings) {
  const given = process.env.KAVACH_TEST_POSTGRES_URL;
  if (given) return { url: given, stop: async () => {} };
  // What is named is not started, and there is nothing here for MariaDB to do.
  process.env.KAVACH_TEST_MYSQL_URL ??= 'not used';
  const { startDatabases } = await import('../__test__/support/databases.js');
  const { env, missing, stop } = await startDatabases(settings);
  return { url: env.KAVACH_TEST_POSTGRES_URL, missing, stop };
}

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';
