// Reads Markdown as far as the documentation uses it: fenced blocks, tables, links, headings.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** README.md, CONTRIBUTING.md and all pages below docs/, parsed. */
export function pages() {
  return ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs', { recursive: true })].map(page);
}

/** The paths of the pages in a directory. */
export function pagesIn(directory, { recursive = false } = {}) {
  const names = readdirSync(join(ROOT, directory), { recursive })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md'));
  return names.sort().map((name) => `${directory}/${name}`);
}

/**
 * - `blocks`: `{ language, file, text, where, page }`; ```` ```ts server.ts ```` names a file
 * - `prose`: everything else
 * - `tables`: `{ heading, columns, rows }`; a row is an array of cells
 * - `anchors`: what `#…` may name
 * - `links`: the targets of links and images
 */
export function page(name) {
  const lines = readFileSync(join(ROOT, name), 'utf8').split('\n');
  const blocks = [];
  const prose = [];
  let open;
  lines.forEach((line, at) => {
    const [, fence, info] = /^\s*(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open && fence?.startsWith(open.fence) && info.trim() === '') {
      blocks.push({ ...open.block, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else if (open) {
      open.lines.push(line);
    } else if (fence) {
      const [language = '', file] = info.trim().split(/\s+/);
      open = { fence, lines: [], block: { language, file, where: `${name}:${at + 1}`, page: name } };
    } else {
      prose.push(line);
    }
  });
  if (open) throw new Error(`${open.block.where}: the block does not end`);

  const text = prose.join('\n');
  const indented = prose.find((line, at) => /^ {4}\S/.test(line) && prose[at - 1] === '');
  if (indented) throw new Error(`${name}: an indented block would escape the tests: ${indented}`);
  const headings = prose.flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? []);
  return {
    name,
    blocks,
    prose: text,
    tables: tables(prose),
    anchors: headings.map(anchor),
    links: [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target),
  };
}

/** The code in a cell, a cell without code as it stands. */
export function code(cell) {
  return /^`([^`]+)`/.exec(cell)?.[1] ?? cell;
}

/** Every piece of code in a cell. */
export function codes(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
}

function tables(lines) {
  const found = [];
  let heading = '';
  for (let at = 0; at < lines.length; at += 1) {
    heading = /^#+ (.*)$/.exec(lines[at])?.[1] ?? heading;
    if (!/^\|[-|]+\|$/.test(lines[at])) continue;
    const columns = cells(lines[at - 1]);
    const rows = [];
    while (lines[at + 1]?.startsWith('|')) rows.push(cells(lines[(at += 1)]));
    found.push({ heading, columns, rows });
  }
  return found;
}

// A bar inside code is written as it is: cells end at a bar that stands between blanks.
function cells(line) {
  return line.replace(/^\| | \|$/g, '').split(' | ');
}

// As GitHub makes them.
function anchor(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-');
}
