// What the pages in docs/concepts and docs/recipes name is there: times, errors, attacks, tables.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { attacks, errorTable } from './support/docs-claims.js';
import { ROOT, code, codes, page, pagesIn } from './support/docs.js';

const concepts = [...pagesIn('docs/concepts'), ...pagesIn('docs/recipes')].map(page);

test('the times of a session are those of README.md', () => {
  const options = page('README.md').tables.find(({ heading }) => heading === 'Options').rows;
  const defaults = new Map(options.map(([name, value]) => [code(name), value]));
  const { rows } = page('docs/concepts/sessions.md').tables[0];
  assert.equal(rows.length, 4);
  for (const [name, value] of rows) {
    const stated = defaults.get(`auth.session.${code(name)}`);
    assert.equal(/\(([^)]+)\)/.exec(stated)[1], value, name);
  }
});

test('the errors that are named exist', () => {
  const names = errorTable().map(({ name }) => name);
  const named = concepts.flatMap(({ prose, blocks }) => {
    const diagrams = blocks.filter(({ language }) => language === 'mermaid');
    const drawn = diagrams.flatMap(({ text }) => text.match(/(?<=\(\[")[a-z]+_\w+(?="\]\))/g) ?? []);
    return [...codes(prose), ...drawn];
  });
  const errors = named.filter((text) => /^(?!kavach_)[a-z]+(_[a-z]+)+$/.test(text));
  assert.deepEqual(errors.filter((name) => !names.includes(name)), []);
  assert.ok(errors.includes('account_not_linked'));
});

test('the attacks that the flow defends against are in docs/security.md', () => {
  const known = attacks(page('docs/security.md')).map(({ number }) => number);
  const cells = page('docs/concepts/flow.md').tables.flatMap(({ rows }) => rows.flat());
  const lists = cells.flatMap((cell) => /\[([\d, to]+)\]$/.exec(cell)?.[1] ?? []);
  const named = lists.flatMap((list) => list.match(/\d+/g).map(Number));
  assert.ok(named.length > 15);
  assert.deepEqual(named.filter((number) => !known.includes(number)), []);
});

test('the tables that are named exist', () => {
  const directory = join(ROOT, 'migrations/sqlite');
  const sql = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
  const text = concepts.flatMap(({ blocks, prose }) => [prose, ...blocks.map((each) => each.text)]);
  const named = text.join('\n').match(/kavach_(oauth_\w+|users|sessions)\b/g);
  assert.ok(named.includes('kavach_oauth_accounts'));
  for (const name of new Set(named)) assert.ok(sql.join('\n').includes(name), name);
});
