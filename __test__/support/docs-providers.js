// What the pages in docs/providers say, and what the library and the collected facts say.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as auth from '../../auth.js';
import { optionsOf } from './docs-options.js';
import { ROOT, code, codes, page } from './docs.js';

/** The facts that were collected about the providers of the catalogue. */
export const facts = JSON.parse(read('__test__/fixtures/providers.json')).filter(
  ({ id }) => id !== 'generic-oidc',
);

export const index = page('docs/providers/README.md');

/** The rows of the index: `{ id, name, email, verified, pkce, refresh, by, confidence }`. */
export const listed = index.tables
  .find(({ columns }) => columns[0] === 'provider')
  .rows.map(([link, email, verified, pkce, refresh, by, confidence]) => {
    const [, name, id] = /^\[(.+)\]\((.+)\.md\)$/.exec(link);
    return { id, name, email, verified, pkce, refresh, by, confidence };
  });

/** The provider that a factory makes; what leads its arguments are sample values. */
export function provider(id, options) {
  const leading = LED_BY_DOMAIN.includes(id) ? ['login.example.com'] : [];
  // Whatever the parser of options says comes before what the credentials lack.
  return { ...auth }[`${id}Provider`](...leading, 'client-id', 'client-secret', options);
}

/** The options that a factory takes besides the credentials. */
export async function optionsOfProvider(id) {
  const names = await optionsOf(async (extra) => provider(id, extra));
  return names.filter((name) => !CREDENTIALS.includes(name));
}

/** What every factory takes, and what only those of some kinds do. */
export async function commonOptions() {
  const lists = await Promise.all(facts.map(({ id }) => optionsOfProvider(id)));
  const [first, ...others] = lists;
  const common = first.filter((name) => others.every((list) => list.includes(name)));
  return [...common, ...OF_SOME];
}

/** The options in the first columns of the tables of a page. */
export function optionsNamed({ tables }) {
  return tables
    .filter(({ columns }) => columns[0] === 'option')
    .flatMap(({ rows }) => rows.flatMap(([name]) => codes(name)));
}

/** The scopes of a page: those that are asked for always, and the others. */
export function scopesOf({ tables }) {
  const rows = tables.find(({ columns }) => columns[0] === 'scope')?.rows ?? [];
  const those = (when) => rows.filter((row) => row[2] === when).map(([scope]) => code(scope));
  const [always, added] = [those('always'), those('when added')];
  if (always.length + added.length !== rows.length) throw new Error('a scope is asked for oddly');
  return { always, added };
}

/** Whether any profile that we know of this provider has an address that counts as verified. */
export function verifies(id) {
  const cases = JSON.parse(read(`__test__/fixtures/profiles/${id}.json`));
  return cases.some(({ profile }) => profile.emailVerified === true);
}

export function read(name) {
  return readFileSync(join(ROOT, name), 'utf8');
}

const CREDENTIALS = ['id', 'clientId', 'clientSecret'];
const OF_SOME = ['emailsUrl', 'issuer'];
const LED_BY_DOMAIN = ['auth0', 'okta', 'cognito'];
