// Every link of the documentation leads somewhere, and every page can be reached.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

import { ROOT, page, pages } from './support/docs.js';

const INDEX = 'docs/README.md';
const OTHERS = ['CHANGELOG.md', 'bench/README.md'];

const all = pages();

test('links and images lead somewhere, to the heading that they name', () => {
  const problems = [];
  for (const { name, links, anchors } of [...all, ...OTHERS.map(page)]) {
    for (const { link, path, fragment } of links.map(parse).filter(Boolean)) {
      const target = join(ROOT, dirname(name), path);
      if (!existsSync(target)) problems.push(`${name}: ${link} leads nowhere`);
      else if (fragment) {
        const there = path ? page(relative(ROOT, target)).anchors : anchors;
        if (!there.includes(fragment)) problems.push(`${name}: ${link} names no heading`);
      }
    }
  }
  assert.deepEqual(problems, []);
});

test('every page can be reached from the index, and the index from README.md', () => {
  const byName = new Map(all.map((page) => [page.name, page]));
  const reached = new Set();
  const visit = (name) => {
    if (reached.has(name) || !byName.has(name)) return;
    reached.add(name);
    for (const { path } of byName.get(name).links.map(parse).filter(Boolean)) {
      visit(relative(ROOT, join(ROOT, dirname(name), path)).replaceAll('\\', '/'));
    }
  };
  visit(INDEX);
  assert.deepEqual(all.map(({ name }) => name).filter((name) => !reached.has(name)), []);
  assert.ok(byName.get('README.md').links.includes(INDEX), `README.md links ${INDEX}`);
});

/** The parts of a link inside the repository; `undefined` for one that leads elsewhere. */
function parse(link) {
  if (/^(https?|mailto):/.test(link)) return undefined;
  const [path, fragment] = link.split('#');
  return { link, path, fragment };
}
