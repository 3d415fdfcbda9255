// docs/reference.md is what the types say, and says it of everything that can be imported.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { declarationsIn } from '../scripts/declarations.js';
import { ENTRIES, reference } from '../scripts/reference.js';
import { page } from './support/docs.js';
import { EXPORTS } from './support/exports.js';

const { exports } = JSON.parse(read('package.json'));
const text = read('docs/reference.md');

test('docs/reference.md is up to date', () => {
  assert.equal(text, reference(), 'run: node scripts/reference.js');
});

test('every entry point of the package is in it', () => {
  const entries = Object.entries(exports)
    .filter(([, target]) => target.types)
    .map(([path, target]) => [path.replace('.', 'kavachos'), target.types]);
  const described = Object.entries(ENTRIES).map(([name, [file]]) => [name, `./${file}.d.ts`]);
  assert.deepEqual(described, entries);
});

test('every function and class that can be imported is in it', () => {
  for (const [entry, names] of Object.entries(EXPORTS)) {
    for (const name of names) {
      const isThere = text.includes(`\n### ${name}\n`) || text.includes(`\n- \`${name}(`) ||
        text.includes(`\n- \`${name}<`);
      assert.ok(isThere, `${name} of ${entry}`);
    }
  }
});

test('every example in it is one of the types, and every type says what it is', () => {
  const files = [...Object.values(ENTRIES).map(([file]) => file), 'providers', 'provider-options'];
  const declarations = files.flatMap((file) => declarationsIn(read(`${file}.d.ts`)));
  const silent = declarations.filter(({ doc }) => doc.text === '').map(({ name }) => name);
  assert.deepEqual(silent, []);
  const examples = declarations.flatMap(({ doc, members = [] }) =>
    [doc, ...members.map((member) => member.doc)].flatMap((each) => each.examples),
  );
  const shown = page('docs/reference.md').blocks.filter(({ language }) => language === 'ts');
  assert.ok(shown.length > 15);
  // The factories stand in a list.
  const listed = declarations.filter(({ name }) => /^[a-z]\w*Provider$/.test(name));
  const left = listed.flatMap(({ doc }) => doc.examples);
  assert.equal(shown.length, examples.length - left.length);
});

function read(name) {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
}
