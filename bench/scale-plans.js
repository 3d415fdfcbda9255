// How PostgreSQL finds what the library's statements ask for, as they were sent.

import pg from 'pg';

/**
 * The plans that walk through a table of people or sessions, and how many statements there were:
 * `{ count, found: [{ statement, plan }] }`.
 *
 * @param {string} url of the database
 * @param {string[]} statements
 */
export async function offending(url, statements) {
  const asked = [...new Set(statements)].filter((text) => OURS.test(text));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = [];
    for (const statement of asked) {
      // The plan without the arguments: it is the one that a prepared statement comes to have.
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN) ${statement}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      if (WALKS.test(plan)) found.push({ statement, plan });
    }
    return { count: asked.length, found };
  } finally {
    await client.end();
  }
}

const GROWING = 'kavach_(users|oauth_accounts|sessions)';
const OURS = new RegExp(`^\\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\\b.*\\b${GROWING}\\b`, 's');
const WALKS = new RegExp(`Seq Scan on ${GROWING}\\b`);
