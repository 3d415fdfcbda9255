// Rows of what counts.js counted: `{ title, values: { [peer]: { text, figures } } }`.

import { figure, spread, summary } from '../statistics.js';

export const OPERATIONS = [
  { name: 'authorize', title: 'authorize call' },
  { name: 'signInNew', title: 'sign-in, new user' },
  { name: 'signInKnown', title: 'sign-in, known user' },
  { name: 'sessionFirst', title: 'session check, first in a process' },
  { name: 'sessionAgain', title: 'session check, again' },
  { name: 'session', title: 'session check' },
];

/** Every statement of the operation itself. The channel of changes is none: see `atRest`. */
export function statementsOf(samples) {
  return summary(samples.map(({ work, transaction }) => work + transaction)).median;
}

export function statementRows(counted) {
  const rows = rowsOf(counted, ({ statements }, name) => statements?.[name], (samples) => {
    const part = (kind) => spread(summary(samples.map((sample) => sample[kind])), String);
    const transaction = part('transaction');
    const text = `${part('work')}${transaction === '0' ? '' : ` + ${transaction}`}`;
    return { text, figures: [statementsOf(samples)] };
  });
  const idle = counted.filter(({ atRest }) => atRest);
  if (idle.length === 0) return rows;
  const values = Object.fromEntries(idle.map(({ name, atRest }) => {
    const { seconds, work, transaction, channel } = atRest;
    const value = (work + transaction + channel) / seconds;
    return [name, { text: value === 0 ? '0' : figure(value), figures: [value] }];
  }));
  return [...rows, { title: 'at rest, per second', values }];
}

export function requestsOf(counted) {
  const rows = rowsOf(counted, ({ requests }, name) => requests[name], (samples) => {
    const all = summary(samples);
    return { text: spread(all, String), figures: [all.median] };
  });
  // Rows of zeros for everybody say nothing.
  return rows.filter(({ values }) => Object.values(values).some(({ figures: [value] }) => value > 0));
}

export function allocations(counted) {
  return rowsOf(counted, ({ allocated }, name) => allocated[name], (bytes) => {
    return { text: figure(bytes / 1024), figures: [bytes] };
  });
}

function rowsOf(counted, samplesOf, entry) {
  return OPERATIONS.flatMap(({ name, title }) => {
    const found = counted.filter((row) => samplesOf(row, name) !== undefined);
    if (found.length === 0) return [];
    const entries = found.map((row) => [row.name, entry(samplesOf(row, name))]);
    return [{ title, values: Object.fromEntries(entries) }];
  });
}
