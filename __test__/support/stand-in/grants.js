import { randomBytes } from 'node:crypto';

/**
 * Codes and tokens in memory.
 *
 * @typedef {object} Grant what a user allowed at the authorization endpoint
 * @property {string} redirectUri
 * @property {string[]} scopes
 * @property {string} [state]
 * @property {string} [nonce]
 * @property {string} [challenge] of PKCE
 * @property {string} [deviceId]
 * @property {Record<string, string>} asked the parameters of the authorization request
 * @property {object} profile what the user looked like at that moment
 */
export class Grants {
  #codes = new Map();
  #access = new Map();
  #refresh = new Map();
  #now;

  constructor(now) {
    this.#now = now;
  }

  /** @param {Grant} grant @param {number} seconds */
  issueCode(grant, seconds) {
    const code = secret('code');
    this.#codes.set(code, { grant, diesAt: this.#now() + seconds * 1000 });
    return code;
  }

  /** Any attempt uses the code up (RFC 6749 4.1.2). */
  spendCode(code) {
    const record = this.#codes.get(code);
    this.#codes.delete(code);
    return this.#alive(record);
  }

  issueAccessToken(grant, seconds = 7200) {
    const token = secret('access');
    this.#access.set(token, { grant, diesAt: this.#now() + seconds * 1000 });
    return token;
  }

  /** @returns {Grant | undefined} */
  readAccessToken(token) {
    return this.#alive(this.#access.get(token));
  }

  issueRefreshToken(grant) {
    const token = secret('refresh');
    this.#refresh.set(token, { grant, diesAt: Infinity });
    return token;
  }

  /** @returns {Grant | undefined} */
  readRefreshToken(token) {
    return this.#alive(this.#refresh.get(token));
  }

  retireRefreshToken(token) {
    this.#refresh.delete(token);
  }

  /** Whether the token was known. RFC 7009 2.1: with a refresh token the whole grant ends. */
  revoke(token) {
    const grant = this.#refresh.get(token)?.grant;
    if (grant) this.revokeGrant(grant);
    return this.#access.delete(token) || grant !== undefined;
  }

  revokeGrant(grant) {
    for (const records of [this.#codes, this.#access, this.#refresh]) {
      for (const [key, record] of records) if (record.grant === grant) records.delete(key);
    }
  }

  /** Access tokens that were issued so far are dead; refresh tokens live on. */
  expireTokens() {
    this.#access.clear();
  }

  #alive(record) {
    return record && this.#now() < record.diesAt ? record.grant : undefined;
  }
}

/** Long and odd enough to find a column that is too short or an encoding that is forgotten. */
function secret(kind) {
  return `stand-in.${kind}_${randomBytes(96).toString('base64url')}~`;
}
