// The tables of Auth.js's Kysely adapter, as its page gives them, and one index more: without it
// every sign-in would read all the accounts.

import { sql } from 'kysely';

/** @param {import('kysely').Kysely<unknown>} kysely @param {'sqlite' | 'postgres'} provider */
export async function createTables(kysely, provider) {
  for (const statement of statementsFor(TYPES[provider])) {
    await sql.raw(statement).execute(kysely);
  }
}

function statementsFor({ id, key, time }) {
  return [
    `CREATE TABLE "User" (
      id ${key}, name text, email text NOT NULL UNIQUE, "emailVerified" ${time}, image text
    )`,
    `CREATE TABLE "Account" (
      id ${key}, "userId" ${id} NOT NULL REFERENCES "User" (id) ON DELETE CASCADE,
      type text NOT NULL, provider text NOT NULL, "providerAccountId" text NOT NULL,
      refresh_token text, access_token text, expires_at bigint, token_type text, scope text,
      id_token text, session_state text
    )`,
    `CREATE TABLE "Session" (
      id ${key}, "userId" ${id} NOT NULL REFERENCES "User" (id) ON DELETE CASCADE,
      "sessionToken" text NOT NULL UNIQUE, expires ${time} NOT NULL
    )`,
    `CREATE TABLE "VerificationToken" (
      identifier text NOT NULL, token text NOT NULL UNIQUE, expires ${time} NOT NULL
    )`,
    'CREATE UNIQUE INDEX "Account_identity" ON "Account" (provider, "providerAccountId")',
    'CREATE INDEX "Account_userId_index" ON "Account" ("userId")',
    'CREATE INDEX "Session_userId_index" ON "Session" ("userId")',
  ];
}

const TYPES = {
  sqlite: {
    id: 'text',
    key: 'text PRIMARY KEY DEFAULT (lower(hex(randomblob(16))))',
    time: 'text',
  },
  postgres: {
    id: 'uuid',
    key: 'uuid PRIMARY KEY DEFAULT gen_random_uuid()',
    time: 'timestamptz',
  },
};
