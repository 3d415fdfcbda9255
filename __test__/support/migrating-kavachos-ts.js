// The tables of the TypeScript project of the same name, as far as its sign-in uses them or refers
// to them. It cannot be installed, so they follow the columns of its published source.

import { runScript } from './migrating-databases.js';

/** Makes its tables and writes the rows of `users` and `accounts`, whose times are dates. */
export async function fillTables(options, { users, accounts }) {
  await makeTables(options);
  const tables = { kavach_users: users, kavach_oauth_accounts: accounts };
  const statements = Object.entries(tables).flatMap(([table, rows]) => {
    return rows.map((row) => insert(options.provider, table, row));
  });
  await runScript(options, statements.join(';\n'));
}

export async function makeTables(options) {
  const { time, bool, json } = TYPES[options.provider];
  const required = `${time} NOT NULL`;
  const owner = 'user_id TEXT NOT NULL REFERENCES kavach_users (id)';
  await runScript(options, [
    `CREATE TABLE kavach_users (
      id TEXT NOT NULL PRIMARY KEY, email TEXT NOT NULL UNIQUE, username TEXT UNIQUE, name TEXT,
      external_id TEXT, external_provider TEXT, metadata ${json}, banned ${bool}, ban_reason TEXT,
      ban_expires_at ${time}, force_password_reset ${bool}, email_verified ${bool},
      created_at ${required}, updated_at ${required}
    )`,
    `CREATE TABLE kavach_agents (
      id TEXT NOT NULL PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES kavach_users (id),
      name TEXT NOT NULL
    )`,
    `CREATE TABLE kavach_rate_limits (
      id TEXT NOT NULL PRIMARY KEY,
      agent_id TEXT NOT NULL REFERENCES kavach_agents (id) ON DELETE CASCADE,
      resource TEXT NOT NULL, window_start ${required}, count INTEGER NOT NULL DEFAULT 0
    )`,
    `CREATE TABLE kavach_sessions (
      id TEXT NOT NULL PRIMARY KEY, ${owner}, expires_at ${required}, metadata ${json},
      created_at ${required}
    )`,
    `CREATE TABLE kavach_oauth_accounts (
      id TEXT NOT NULL PRIMARY KEY, ${owner} ON DELETE CASCADE, provider TEXT NOT NULL,
      provider_account_id TEXT NOT NULL, access_token TEXT NOT NULL, refresh_token TEXT,
      expires_at ${time}, created_at ${required}, updated_at ${required}
    )`,
    `CREATE TABLE kavach_oauth_states (
      state TEXT NOT NULL PRIMARY KEY, code_verifier TEXT NOT NULL, redirect_uri TEXT NOT NULL,
      provider TEXT NOT NULL, expires_at ${required}, created_at ${required}
    )`,
  ].join(';\n'));
}

const TYPES = {
  sqlite: { time: 'INTEGER', bool: 'INTEGER NOT NULL DEFAULT 0', json: 'TEXT' },
  postgres: { time: 'TIMESTAMPTZ', bool: 'BOOLEAN NOT NULL DEFAULT FALSE', json: 'JSONB' },
  mysql: { time: 'DATETIME(3)', bool: 'TINYINT(1) NOT NULL DEFAULT 0', json: 'JSON' },
};

function insert(provider, table, row) {
  const values = Object.values(row).map((value) => literal(provider, value));
  return `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`;
}

// In SQLite its query builder keeps seconds and numbers.
function literal(provider, value) {
  if (value === null) return 'NULL';
  if (value instanceof Date) {
    return provider === 'sqlite' ? `${value.getTime() / 1000}` : `'${value.toISOString()}'`;
  }
  if (typeof value === 'boolean') return provider === 'sqlite' ? `${Number(value)}` : `${value}`;
  return `'${value.replaceAll("'", "''")}'`;
}
