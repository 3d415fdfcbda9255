// Cells of the tables: medians, with the least and the greatest in brackets.

import { figure, spread, summary } from '../statistics.js';

/** What is read from a sample, and how it is called. */
export const UNITS = {
  rate: { title: 'per second', read: ({ perSecond }) => perSecond },
  cpu: { title: 'CPU µs each, all threads', read: ({ cpu }) => cpu },
  delay: { title: 'milliseconds', read: ({ delay }) => delay },
};

/** `undefined` where there are no samples. */
export function median(samples, { read } = UNITS.rate) {
  return samples?.length > 0 ? summary(samples.map(read)).median : undefined;
}

export function cell(samples, { read } = UNITS.rate) {
  return samples?.length > 0 ? spread(summary(samples.map(read))) : '';
}

/** The ratio of two medians: empty where there is nothing to compare. */
export function ratio(own, other) {
  if (own === undefined || !other) return '';
  const value = own / other;
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
