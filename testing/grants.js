import { randomUUID } from 'node:crypto';

/**
 * Codes and tokens in memory. All lookups are by key, and each kind keeps its `LIMIT` newest, so a
 * benchmark can run for hours.
 *
 * @typedef {object} Grant what a user allowed a consumer
 * @property {string} consumer its key
 * @property {string} user
 * @property {readonly string[]} scopes
 */
export class Grants {
  #codes = new Map();
  #access = new Map();
  #refresh = new Map();
  #ttl;
  #now;

  constructor({ accessTokenTtl, codeTtl, refreshGrace, now }) {
    this.#ttl = { access: accessTokenTtl, code: codeTtl, grace: refreshGrace };
    this.#now = now;
  }

  get accessTokenTtl() {
    return this.#ttl.access;
  }

  /** @param {Grant} grant @param {string | undefined} redirectUri as it was sent */
  issueCode(grant, redirectUri) {
    const code = `standin-code-${randomUUID()}`;
    keep(this.#codes, code, { grant, redirectUri, diesAt: this.#in(this.#ttl.code) });
    return code;
  }

  /** Any attempt uses the code up. @param {string} code */
  spendCode(code) {
    const record = this.#codes.get(code);
    this.#codes.delete(code);
    return this.#alive(record);
  }

  /** @param {Grant} grant @param {number} length */
  issueAccessToken(grant, length) {
    const id = randomUUID();
    keep(this.#access, id, { grant, length, diesAt: this.#in(this.#ttl.access) });
    return writeAccessToken(id, length);
  }

  /** @returns {Grant | 'expired' | undefined} undefined when it was never issued, or revoked */
  readAccessToken(token) {
    const id = token.slice(ACCESS_PREFIX.length, ACCESS_PREFIX.length + UUID_LENGTH);
    const record = this.#access.get(id);
    // The whole of it: a token that a short database column cut off must not work.
    if (!record || writeAccessToken(id, record.length) !== token) return undefined;
    return this.#alive(record)?.grant ?? 'expired';
  }

  /** @param {Grant} grant @param {number} lifetime in seconds */
  issueRefreshToken(grant, lifetime) {
    const token = `standin-refresh-${randomUUID()}`;
    keep(this.#refresh, token, { grant, diesAt: this.#in(lifetime) });
    return token;
  }

  /** @returns {Grant | undefined} */
  readRefreshToken(token) {
    return this.#alive(this.#refresh.get(token))?.grant;
  }

  /** A used one lives on for the grace, counted from its first use. */
  retireRefreshToken(token) {
    const record = this.#refresh.get(token);
    record.diesAt = Math.min(record.diesAt, this.#in(this.#ttl.grace));
  }

  revokeAll(user) {
    for (const records of [this.#codes, this.#access, this.#refresh]) {
      for (const [key, { grant }] of records) {
        if (grant.user === user) records.delete(key);
      }
    }
  }

  expireTokens() {
    for (const record of this.#access.values()) record.diesAt = this.#now();
  }

  #in(seconds) {
    return this.#now() + seconds * 1000;
  }

  #alive(record) {
    return record && this.#now() < record.diesAt ? record : undefined;
  }
}

function keep(records, key, record) {
  records.set(key, record);
  // A Map iterates in order of insertion: the first key is the oldest.
  if (records.size > LIMIT) records.delete(records.keys().next().value);
}

/** Only the id is kept in memory; the filler that makes tokens long is the same for all. */
function writeAccessToken(id, length) {
  // Real ones hold `-` and `_` and end in `=`.
  return `${ACCESS_PREFIX}${id}_`.padEnd(length - 1, 'not-a-real-token_') + '=';
}

const ACCESS_PREFIX = 'standin-access_';
const UUID_LENGTH = 36;
const LIMIT = 200_000;
