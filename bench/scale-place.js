// One database of a given size, the library on it, and what is done there.

import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { headersWith, returnFrom } from './browser.js';
import { expiredSql, ownerOf, populate, sessionIdOf, tokenOf } from './scale-population.js';

/** New users start here. */
const FIRST_NEW = 1_000_000_000;
const MODEL_USER = 'u999999999999';

export class Place {
  #library;
  #options;
  #population;
  #peer;
  #client;
  #taken = new Set();
  #created = FIRST_NEW;
  #walked;

  /** @param {typeof import('./peers/kavachos.js')} library */
  constructor(library, options, { users, sessions }) {
    this.#library = library;
    this.#options = options;
    this.#population = { users, sessions, now: Date.now() };
    this.url = options.database.url;
  }

  /** Tables, rows, and the library on them: `{ seconds, bytes }`. */
  async fill() {
    const start = performance.now();
    const model = await this.another();
    await this.#signIn(model, MODEL_USER);
    await model.close();
    await populate(() => this.#connect(), this.#population);
    this.#client = await this.#connect();
    await this.#warm();
    // The server counts what a connection did when it ends.
    await sleep(SETTLE);
    this.#walked = await this.#countWalks();
    this.#peer = await this.another();
    const [{ bytes }] = await this.#query('SELECT pg_database_size(current_database()) AS bytes');
    return { seconds: (performance.now() - start) / 1000, bytes: Number(bytes) };
  }

  another() {
    return this.#library.open(this.#options);
  }

  async bare() {
    await this.#client.query('SELECT 1');
  }

  async check(peer = this.#peer) {
    const number = this.#next();
    const headers = headersWith(`${COOKIE}=${tokenOf(number)}`);
    const found = await peer.session(headers);
    if (found?.email !== `${ownerOf(number)}@example.com`) {
      throw new Error(`session ${number} is not that of ${ownerOf(number)}`);
    }
  }

  async signInKnown(peer = this.#peer) {
    await this.#signIn(peer, `u${1 + Math.floor(Math.random() * this.#population.users)}`);
  }

  async signInNew(peer = this.#peer) {
    this.#created += 1;
    await this.#signIn(peer, `u${this.#created}`);
  }

  async revoke(peer = this.#peer) {
    const number = this.#next();
    const isDone = await peer.revoke(sessionIdOf(this.#population, number));
    if (!isDone) throw new Error(`session ${number} was not there to be revoked`);
  }

  /** Nobody sees them before `meanwhile` is done. */
  async addExpired(count, meanwhile) {
    await this.#query('BEGIN');
    await this.#query(expiredSql(this.#population, count));
    await meanwhile();
    await this.#query('COMMIT');
    await this.#query('VACUUM (ANALYZE) kavach_sessions');
    await this.#query('CHECKPOINT');
  }

  async countExpired() {
    const sql = 'SELECT count(*) AS count FROM kavach_sessions WHERE expires_at < $1';
    const [{ count }] = await this.#query(sql, [this.#population.now]);
    return Number(count);
  }

  /** How often the server read a whole table since it was filled: `{ name, count }` of each. */
  async walks() {
    const now = await this.#countWalks();
    return now.map(({ name, count }, i) => ({ name, count: count - this.#walked[i].count }));
  }

  close() {
    return this.#peer.close();
  }

  /** What a server that has run for a while has at hand: its tables in the system's cache, its indexes in its own. */
  async #warm() {
    await this.#query('CREATE EXTENSION IF NOT EXISTS pg_prewarm');
    await this.#query(WARM_TABLES);
    await this.#query(WARM_INDEXES);
  }

  async #signIn(peer, user) {
    const { url, cookie } = await peer.authorize();
    await peer.callback(returnFrom(url, this.#options.consumer.key, user), cookie);
  }

  /** The number of a session that was not asked for before. */
  #next() {
    for (;;) {
      const number = 1 + Math.floor(Math.random() * this.#population.sessions);
      if (this.#taken.has(number)) continue;
      this.#taken.add(number);
      return number;
    }
  }

  async #query(sql, values) {
    return (await this.#client.query(sql, values)).rows;
  }

  async #countWalks() {
    const rows = await this.#query(WALKS);
    return rows.map(({ name, count }) => ({ name, count: Number(count) }));
  }

  async #connect() {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    // For the loading alone; the library's connections have what the server gives.
    await client.query("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'");
    await client.query('SET synchronous_commit = off');
    return client;
  }
}

const SETTLE = 300;
const COOKIE = '__Host-kavach_session';

const OURS = `relname IN ('kavach_users', 'kavach_oauth_accounts', 'kavach_sessions')`;
const WARM_TABLES = `SELECT pg_prewarm(relid, 'read') FROM pg_stat_user_tables WHERE ${OURS}`;
const WARM_INDEXES = `SELECT pg_prewarm(indexrelid) FROM pg_stat_user_indexes WHERE ${OURS}`;

const WALKS = `SELECT relname AS name, seq_scan AS count FROM pg_stat_user_tables
  WHERE ${OURS} ORDER BY relname`;
