// One table for each database: what was timed, then what was counted.

import { CASES } from '../cases.js';
import { UNITS, cell, quotient, ratio, table } from './cells.js';
import { allocations, requestsOf, statementRows } from './counted.js';

/** @param {import('../run.js').Results} results @param {string} database */
export function work({ floor, subjects, counts = [] }, database) {
  const timed = subjects.filter((subject) => subject.database === database);
  const counted = counts.filter((one) => one.database === database);
  const names = [...new Set([...timed, ...counted].map(({ name }) => name))];
  const others = names.includes('kavachos') ? names.filter((name) => name !== 'kavachos') : [];
  const head = ['', ...names, 'floor', ...others.map((name) => `kavachos / ${name}`), '× floor'];

  const groups = [
    [UNITS.rate.title, timedRows(floor, timed, UNITS.rate, ['run', 'http'])],
    [UNITS.cpu.title, timedRows(floor, timed, UNITS.cpu, ['run', 'http'])],
    [UNITS.delay.title, timedRows(floor, timed, UNITS.delay, ['loopDelay'])],
    ['SQL statements, those of transactions after the +', statementRows(counted)],
    ['requests to the provider', requestsOf(counted)],
    ['KiB allocated in JavaScript', allocations(counted)],
  ];
  const rows = groups.filter(([, found]) => found.length > 0).flatMap(([title, found]) => [
    head.map((_, i) => (i === 0 ? `**${title}**` : '')),
    ...found.map(({ title: what, values, base }) => {
      const over = (other) => ratio(quotient(values.kavachos?.figures, other?.figures));
      const ratios = others.map((name) => over(values[name]));
      const texts = names.map((name) => values[name]?.text ?? '');
      return [what, ...texts, base?.text ?? '', ...ratios, over(base)];
    }),
  ]);
  return table(`## ${database}`, head, rows);
}

/** `{ title, values: { [peer]: { text, figures } }, base }`; `base` is the floor's. */
function timedRows(floor, timed, unit, ways) {
  const entry = (samples) => {
    return samples && { text: cell(samples, unit), figures: samples.map(unit.read) };
  };
  const found = CASES.filter(({ name, how }) => {
    return ways.includes(how) && timed.some(({ samples }) => samples[name]);
  });
  return found.map(({ name, title, floor: below }) => ({
    title,
    values: Object.fromEntries(timed.map((one) => [one.name, entry(one.samples[name])])),
    base: entry(floor.samples[below]),
  }));
}
