// The results as Markdown, as JSON, and as the figures of docs/performance.md.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { floors, memories } from './floors.js';
import { heading } from './heading.js';
import { idTokens, requests } from './oauth.js';
import { marks } from './marks.js';
import { scale } from './scale.js';
import { coldStarts } from './starts.js';
import { work } from './work.js';

const RESULTS = new URL('../results/', import.meta.url);
const PAGE = new URL('../../docs/performance.md', import.meta.url);

/** @param {import('../run.js').Results} results */
export function markdown(results) {
  return ['# Benchmark', '', ...sections(results)].join('\n');
}

/** @returns {string} the path of the file */
export function save(results) {
  const name = results.started.replaceAll(':', '-').replace(/\..*$/, '');
  const file = new URL(`${name}.json`, RESULTS);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return fileURLToPath(file);
}

/** Replaces what is between the marks; the rest of the page is written by hand. */
export function writePage(results) {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = results.scale ? SCALE : FIGURES;
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before === -1 || after < before) throw new Error(`${PAGE} has no place for the figures`);
  const figures = sections(results).join('\n');
  const head = page.slice(0, before + begin.length);
  writeFileSync(PAGE, `${head}\n\n${figures}\n${page.slice(after)}`);
  return fileURLToPath(PAGE);
}

function sections(results) {
  const { subjects, counts = [] } = results;
  const databases = [...new Set([...subjects, ...counts].map(({ database }) => database))];
  return [
    ...heading(results),
    ...marks(results),
    ...databases.flatMap((database) => work(results, database)),
    ...floors(results),
    ...coldStarts(results),
    ...memories(results),
    ...idTokens(results),
    ...requests(results),
    ...scale(results),
  ];
}

const FIGURES = ['<!-- figures -->', '<!-- end of figures -->'];
const SCALE = ['<!-- scale -->', '<!-- end of scale -->'];
