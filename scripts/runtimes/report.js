// The results of `npm run matrix`, as docs/runtimes.md has them.

import { EXCEPTIONS } from './exceptions.js';

/** What is counted, in the order of the columns. */
export const COUNTS = ['passed', 'failed', 'skipped', 'excepted'];

const MARKS = ['<!-- matrix -->', '<!-- end of matrix -->'];
const NAMES = { node: 'Node.js', bun: 'Bun', deno: 'Deno' };

/** One line for each runtime. */
export function table(results) {
  return lines(
    ['runtime', 'version', ...COUNTS],
    results.map(({ name, version, ...counts }) => [
      name, version, ...COUNTS.map((count) => counts[count]),
    ]),
  );
}

/** The page with other results between its marks. */
export function page(text, results) {
  const [begin, end] = MARKS.map((mark) => text.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error(`the page does not hold ${MARKS.join(' and ')}`);
  const content = [table(results), exceptions()].join('\n\n');
  return `${text.slice(0, begin + MARKS[0].length)}\n\n${content}\n\n${text.slice(end)}`;
}

function exceptions() {
  const rows = Object.entries(EXCEPTIONS).flatMap(([kind, list]) =>
    list.map(({ file, test, why }) => [
      NAMES[kind], `\`${file}\``, test ? 'some' : 'all', why,
    ]),
  );
  return lines(['excepted on', 'of the tests in', '', 'because'], rows);
}

function lines(columns, rows) {
  return [columns, columns.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
