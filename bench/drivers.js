// The database drivers of the peers in JavaScript, with the settings that kavachos has by default.
// Only the one in use is loaded: a cold start pays for what it imports.

/** kavachos: `database.maxConnections`. */
const MAX_CONNECTIONS = 10;

/**
 * `driver` is a `better-sqlite3` database or a `pg` pool.
 *
 * @param {{ provider: 'sqlite' | 'postgres', url: string }} database
 */
export async function openDriver({ provider, url }) {
  if (provider === 'sqlite') {
    const { default: Database } = await import('better-sqlite3');
    const driver = new Database(url, { timeout: 8000 });
    driver.pragma('journal_mode = WAL');
    driver.pragma('synchronous = NORMAL');
    return { driver, close: () => driver.close() };
  }
  const { default: pg } = await import('pg');
  const driver = new pg.Pool({ connectionString: url, max: MAX_CONNECTIONS });
  // A server that ends while a connection idles is no reason to end the process.
  driver.on('error', () => {});
  return { driver, close: () => driver.end() };
}
