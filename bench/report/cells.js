// Cells of the tables: medians, with the least and the greatest in brackets.

import { figure, spread, summary } from '../statistics.js';

/** What is read from a sample, and how it is called. */
export const UNITS = {
  rate: { title: 'per second', read: ({ perSecond }) => perSecond },
  cpu: { title: 'CPU µs each, all threads', read: ({ cpu }) => cpu },
  delay: { title: 'milliseconds', read: ({ delay }) => delay },
};

export function cell(samples, { read } = UNITS.rate) {
  return samples?.length > 0 ? spread(summary(samples.map(read))) : '';
}

/**
 * The median of the quotients of each repetition, whose two figures a machine that changes its speed
 * changes alike; `undefined` where there is nothing to compare.
 *
 * @param {number[]} [own] @param {number[]} [other] figures of the repetitions
 */
export function quotient(own = [], other = []) {
  const pairs = own.slice(0, other.length).map((one, i) => one / other[i]);
  const value = pairs.length > 0 ? summary(pairs).median : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** A quotient as text. */
export function ratio(value) {
  if (value === undefined) return '';
  if (value === 0) return '0';
  return value < 0.1 ? value.toPrecision(2) : figure(value);
}

/** Lines of a Markdown table; none where there are no rows. */
export function table(title, head, rows) {
  if (rows.length === 0) return [];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    ...(title ? [title, ''] : []),
    line(head),
    line(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map(line),
    '',
  ];
}
