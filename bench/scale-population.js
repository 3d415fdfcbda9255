// People and their sessions in bulk. Everything about one follows from its number, here and in SQL
// alike, so that any of millions can be asked for without having been looked up: that would warm
// what is to be found cold.

import { createHash } from 'node:crypto';

import { withoutIndexes } from './scale-indexes.js';

/**
 * @typedef {object} Population
 * @property {number} users numbered from 1, with one account each
 * @property {number} sessions numbered from 1, two for each user
 * @property {number} now when it was made; Unix milliseconds, as all times
 */

/** What the browser of session `number` holds. */
export function tokenOf(number) {
  return `kvs_${createHash('sha256').update(`session ${number}`).digest('base64url')}`;
}

/** @param {Population} population */
export function sessionIdOf({ sessions, now }, number) {
  const time = firstDay(now) + number * Math.floor(SPAN / sessions);
  const t = time.toString(16).padStart(12, '0');
  const r = createHash('md5').update(`session ${number}`).digest('hex');
  return [t.slice(0, 8), t.slice(8), `7${r.slice(0, 3)}`, `8${r.slice(3, 6)}`, r.slice(6, 18)]
    .join('-');
}

/** The user of session `number`, as the stand-in knows them. */
export const ownerOf = (number) => `u${Math.ceil(number / 2)}`;

/**
 * Fills a database that has one user, whose rows the others get copies of.
 *
 * @param {() => Promise<import('pg').Client>} connect
 * @param {Population} population
 */
export function populate(connect, population) {
  return withoutIndexes(connect, {
    kavach_users: usersSql(population),
    kavach_oauth_accounts: accountsSql(population),
    kavach_sessions: sessionsSql(population),
  });
}

/** More sessions, whose time is over, in another order in the table than they expired in. */
export function expiredSql(population, count) {
  const { users, sessions, now } = population;
  const created = `(${firstDay(now)} + i * ${Math.floor(SPAN / count)})`;
  const number = `(${sessions} + i)`;
  return `INSERT INTO kavach_sessions (token_hash, id, user_id, created_at, extended_at, expires_at,
      ip_address, user_agent)
    SELECT ${hashSql(number)}, ${idSql('session', number, created)},
      ${userIdSql(`(1 + i * ${STRIDE} % ${users})`, population)},
      ${created}, ${created}, ${created} + ${LIFETIME}, ip_address, user_agent
    FROM ${model('kavach_sessions')}, generate_series(1::bigint, ${count}) i
    ORDER BY i * ${STRIDE} % ${count}`;
}

const DAY = 86_400_000;
const LIFETIME = 7 * DAY;

/** When they were made: between sixty and ten days ago. */
const firstDay = (now) => now - 60 * DAY;
const SPAN = 50 * DAY;

/** Less than `updateAge`, so that a check has nothing to write. */
const EXTENDED_WITHIN = DAY / 2;

/** A prime that takes neighbours far apart. */
const STRIDE = 7_368_787;

function usersSql(population) {
  const created = createdSql('(2 * n - 1)', population);
  return `INSERT INTO kavach_users (id, email, email_verified, name, image, extra, created_at,
      updated_at)
    SELECT ${userIdSql('n', population)}, 'u' || n || '@example.com', email_verified, name, image,
      extra, ${created}, ${created}
    FROM ${model('kavach_users')}, generate_series(1::bigint, ${population.users}) n`;
}

function accountsSql(population) {
  const created = createdSql('(2 * n - 1)', population);
  return `INSERT INTO kavach_oauth_accounts (id, user_id, provider, provider_account_id, tokens,
      scopes, profile, version, created_at, updated_at)
    SELECT ${idSql('account', 'n', created)}, ${userIdSql('n', population)}, provider,
      '{00000000-0000-4000-8000-' || lpad(n::text, 12, '0') || '}', tokens, scopes, profile, 1,
      ${created}, ${created}
    FROM ${model('kavach_oauth_accounts')}, generate_series(1::bigint, ${population.users}) n`;
}

function sessionsSql(population) {
  const created = createdSql('n', population);
  const extended = `(${population.now} - n * ${STRIDE} % ${EXTENDED_WITHIN})`;
  return `INSERT INTO kavach_sessions (token_hash, id, user_id, created_at, extended_at, expires_at,
      ip_address, user_agent)
    SELECT ${hashSql('n')}, ${idSql('session', 'n', created)},
      ${userIdSql('((n + 1) / 2)', population)}, ${created}, ${extended},
      ${extended} + ${LIFETIME}, ip_address, user_agent
    FROM ${model('kavach_sessions')}, generate_series(1::bigint, ${population.sessions}) n`;
}

const model = (table) => `(SELECT * FROM ${table} LIMIT 1) model`;

/** `tokenOf`, hashed as the library does it. */
function hashSql(number) {
  const random = `encode(sha256(convert_to('session ' || ${number}, 'UTF8')), 'base64')`;
  const text = `'kvs_' || rtrim(translate(${random}, '+/', '-_'), '=')`;
  return `sha256(convert_to(${text}, 'UTF8'))`;
}

function createdSql(session, { sessions, now }) {
  return `(${firstDay(now)} + ${session} * ${Math.floor(SPAN / sessions)})`;
}

/** A user is as old as the first of their sessions. */
function userIdSql(user, population) {
  return idSql('user', user, createdSql(`(2 * ${user} - 1)`, population));
}

/** A UUIDv7. */
function idSql(kind, number, time) {
  return `(SELECT left(t, 8) || '-' || right(t, 4) || '-7' || left(r, 3) || '-8' ||
      substr(r, 4, 3) || '-' || substr(r, 7, 12)
    FROM (SELECT lpad(to_hex(${time}), 12, '0') AS t, md5('${kind} ' || ${number}) AS r) parts)`;
}
