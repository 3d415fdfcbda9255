// What the pages in docs/ claim about the source and about the tests, made checkable.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, codes } from './docs.js';

/** The error table of the library: `{ name, status, message }`, in its order. */
export function errorTable() {
  const [, table] = /codes! \{([^}]*)\}/.exec(read('src/error.rs'));
  const rows = [...table.matchAll(/^\s*\w+ "(\w+)" (\d+) \w+ "([^"]*)";$/gm)];
  // A row that is written differently must not go missing.
  if (rows.length !== table.trim().split('\n').length) throw new Error('src/error.rs reads oddly');
  return rows.map(([, name, status, message]) => ({ name, status: Number(status), message }));
}

/** The entries of docs/errors.md: `{ name, status, message, parts }`, in their order. */
export function errorEntries({ prose }) {
  return prose.split(/^### /m).slice(1).map((text) => {
    const [, name] = /^`(\w+)`\n/.exec(text) ?? [];
    const [, status, message] = /^Status (\d+)\. "([^"]*)"$/m.exec(text) ?? [];
    const parts = [...text.matchAll(/^- \*\*([^*]+)\*\*(.*)$/gm)].map(([, label, said]) => {
      return [label, said.trim()];
    });
    return { name, status: Number(status), message, parts };
  });
}

/** The rows of the attack tables of docs/security.md, with what they say about tests. */
export function attacks({ tables }) {
  return tables
    .filter(({ columns }) => columns[0] === 'no.')
    .flatMap(({ rows }) => rows)
    .map(([number, attack, defence, tested]) => {
      return { number: Number(number), attack, defence, tested, claims: claims(tested) };
    });
}

/** Files in a cell, with the `name` of a test in it where one follows: `` `b.rs` (`name`) ``. */
function claims(cell) {
  const found = [];
  for (const text of codes(cell)) {
    if (text.includes('/')) found.push({ file: text });
    else if (found.length > 0) found.at(-1).name = text;
    else throw new Error(`no file before ${text}`);
  }
  return found;
}

/** Why a claim is not true; `undefined` when it is. */
export function falseClaim(number, { file, name }) {
  if (!existsSync(join(ROOT, file))) return `${file} does not exist`;
  const text = read(file);
  if (file.endsWith('.rs')) {
    const isTest = name !== undefined && rustTests(text).has(name);
    return isTest ? undefined : `${file} has no test ${name}`;
  }
  return numbersTried(text).has(number) ? undefined : `${file} has no test [${number}]`;
}

/** The JavaScript test files that try an attack, by its number. */
export function filesThatTry(number) {
  return readdirSync(join(ROOT, '__test__'))
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => `__test__/${name}`)
    .filter((file) => numbersTried(read(file)).has(number));
}

/** The limits that the source sets: `{ authorize: { window, max }, … }`. */
export function defaultLimits() {
  const [, body] = /fn default_rule\(self\) -> Rule \{([\s\S]*?)\n    \}/.exec(
    read('src/limit/mod.rs'),
  );
  const window = Number(/from_secs\((\d+)\)/.exec(body)[1]);
  const arms = [...body.matchAll(/^\s*(Self::[\w:| ]+) => ([\d_]+),$/gm)];
  return Object.fromEntries(
    arms.flatMap(([, kinds, max]) =>
      [...kinds.matchAll(/Self::(\w+)/g)].map(([, kind]) => {
        return [kind.toLowerCase(), { window, max: Number(max.replaceAll('_', '')) }];
      }),
    ),
  );
}

/** The numbers in brackets at the start of test names. */
function numbersTried(text) {
  const names = [...text.matchAll(/\btest\(\s*['"`]((?:\[\d+\] )+)/g)].map(([, start]) => start);
  return new Set(names.flatMap((start) => start.match(/\d+/g).map(Number)));
}

/** Functions under a test attribute, and those in `proptest!`. */
function rustTests(text) {
  return new Set([...text.matchAll(TEST)].map(([, name]) => name));
}

const TEST = /#\[(?:tokio::)?test(?:\([^\]]*\))?\]\s+(?:#\[[^\]]*\]\s+)*(?:async )?fn (\w+)/g;

function read(name) {
  return readFileSync(join(ROOT, name), 'utf8');
}
