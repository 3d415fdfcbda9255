// What grows with the database, and what pruning costs those who sign in meanwhile.

import { OPERATIONS } from '../scale.js';
import { figure, spread, summary } from '../statistics.js';
import { quotient, table } from './cells.js';

/** Of a batch of deletions: for no longer can it block a sign-in. Milliseconds. */
const LONGEST_BATCH = 50;

export function scale({ scale: found }) {
  if (!found) return [];
  const { sizes, expired, pruning } = found;
  const count = (number) => number.toLocaleString('en-GB');
  const names = sizes.map(({ users, sessions }) => {
    return `${count(sessions)} sessions of ${count(users)} users`;
  });
  return [
    ...table('## As it grows', ['milliseconds, one at a time', ...names, 'ratio', 'wanted', ''],
      operations(found)),
    ...sizes.map(({ bytes, seconds }, i) => {
      return `- ${names[i]}: ${figure(bytes / 2 ** 20)} MiB, filled in ${figure(seconds)} s`;
    }),
    ...walks(found),
    '',
    ...table(`## Sign-ins while ${count(expired)} expired sessions are deleted`,
      ['milliseconds, one at a time', 'sign-ins', 'median', 'p99', 'longest'],
      [described('nothing to delete', pruning.without), described('meanwhile', pruning.during)]),
    ...blocked(pruning),
    `- deleted: ${pruning.rates.map((rate) => count(Math.round(rate))).join(', then ')} a second; `
      + `${count(pruning.left)} were left when the measuring ended`,
    '',
  ];
}

function operations({ samples }) {
  return OPERATIONS.map(({ name, title, most }) => {
    const [small, large] = samples[name];
    const value = quotient(large, small);
    const verdict = most ? [`≤ ${most}`, value <= most ? 'met' : '**not met**'] : ['', ''];
    const cells = [small, large].map((own) => spread(summary(own)));
    return [title, ...cells, figure(value), ...verdict];
  });
}

function described(title, { count, median, p99, max }) {
  return [title, count.toLocaleString('en-GB'), ...[median, p99, max].map(figure)];
}

function blocked({ without, during, batches: { count, median, p99, max } }) {
  const verdict = max <= LONGEST_BATCH ? 'met' : '**not met**';
  return [
    `- a batch of deletions, which may block a sign-in for as long as it takes: median `
      + `${figure(median)} ms, p99 ${figure(p99)}, the longest of ${count.toLocaleString('en-GB')} `
      + `${figure(max)}; wanted: ≤ ${LONGEST_BATCH} ms: ${verdict}`,
    `- what they added to the longest sign-in: ${figure(Math.max(0, during.max - without.max))} ms`,
  ];
}

function walks({ walks: counted, plans }) {
  const walked = counted.filter(({ count }) => count > 0);
  const said = walked.map(({ name, count }) => `${name} ${count} times`).join(', ');
  const lines = [`- read from one end to the other meanwhile: ${said || 'no table'}`];
  if (!plans) return lines;
  const { count, found } = plans;
  lines.push(`- of ${count} statements, planned without arguments, ${found.length || 'none'} `
    + 'would do so');
  for (const { statement, plan } of found) {
    lines.push('', '```', statement.trim(), '', plan, '```');
  }
  return lines;
}
