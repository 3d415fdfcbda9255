// Bulk loading as a restore does it: the rows first, then the indexes and what constrains them.

/**
 * Runs a statement for each table, all at once, while it has neither indexes nor constraints; then
 * makes them as they were, and tells the planner.
 *
 * @param {() => Promise<import('pg').Client>} connect
 * @param {Record<string, string>} statements by table
 */
export async function withoutIndexes(connect, statements) {
  const tables = Object.keys(statements);
  const first = await connect();
  const constraints = await first.query(CONSTRAINTS, [tables]).then(({ rows }) => rows);
  const indexes = await first.query(INDEXES, [tables]).then(({ rows }) => rows);
  const foreign = constraints.filter(({ kind }) => kind === 'f');
  const own = constraints.filter(({ kind }) => kind !== 'f');
  for (const { owner, name } of [...foreign, ...own]) {
    await first.query(`ALTER TABLE ${owner} DROP CONSTRAINT ${name}`);
  }
  for (const { name } of indexes) await first.query(`DROP INDEX ${name}`);

  await Promise.all(tables.map(async (table) => {
    const client = await connect();
    try {
      const mine = ({ owner }) => owner === table;
      await client.query(statements[table]);
      for (const { definition } of indexes.filter(mine)) await client.query(definition);
      for (const constraint of own.filter(mine)) await client.query(added(constraint));
    } finally {
      await client.end();
    }
  }));
  for (const constraint of foreign) await first.query(added(constraint));
  // One after another: each may use several processes of the server.
  for (const table of tables) await first.query(`VACUUM (ANALYZE) ${table}`);
  await first.query('CHECKPOINT');
  await first.end();
}

function added({ owner, name, definition }) {
  return `ALTER TABLE ${owner} ADD CONSTRAINT ${name} ${definition}`;
}

const CONSTRAINTS = `
  SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name, contype AS kind,
    pg_get_constraintdef(oid) AS definition
  FROM pg_constraint
  WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype IN ('p', 'u', 'f')`;

const INDEXES = `
  SELECT indrelid::regclass::text AS owner, indexrelid::regclass::text AS name,
    pg_get_indexdef(indexrelid) AS definition
  FROM pg_index
  WHERE indrelid = ANY ($1::text[]::regclass[])
    AND NOT EXISTS (
      SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))`;
