// What is asked of kavachos, and whether this run shows it.

import { CASES, FLOORS } from '../cases.js';
import { figure, summary } from '../statistics.js';
import { UNITS, quotient, table } from './cells.js';
import { OPERATIONS, statementsOf } from './counted.js';

const PLAIN = 'better-auth';
const CACHED = 'better-auth-cookie-cache';

/** `over`: times the rate of a peer; `floor`: part of the floor's rate, by database or for all. */
const RATES = [
  { names: ['session-1', 'session-32'], over: { [PLAIN]: 50, [CACHED]: 25 }, floor: 0.5 },
  { names: ['session-http'], over: { [PLAIN]: 12 }, floor: 0.7 },
  { names: ['authorize'], over: { [PLAIN]: 60 } },
  { names: ['sign-in-new-32'], over: { [PLAIN]: 5 }, floor: { sqlite: 0.7, postgres: 0.6 } },
  { names: ['sign-in-new-1', 'sign-in-known-1'], over: { [PLAIN]: 4 } },
];

/** At most so many SQL statements. */
const STATEMENTS = {
  authorize: 0, signInNew: 4, signInKnown: 3, sessionFirst: 1, sessionAgain: 0,
};

/** Of better-auth's cold start, each less Node's own. */
const COLD_START = 0.1;

/** @param {import('../run.js').Results} results */
export function marks(results) {
  const databases = [...new Set(results.subjects.map(({ database }) => database))];
  const rows = [
    ...databases.flatMap((database) => rates(results, database)),
    ...statements(results),
    ...coldStart(results),
  ];
  const head = ['the mark', 'database', 'wanted', 'measured', ''];
  return table('## The mark', head, rows);
}

function rates({ floor, subjects }, database) {
  const samplesOf = (peer, name) => {
    return subjects.find((one) => one.name === peer && one.database === database)?.samples[name];
  };
  const ratesOf = (samples) => samples?.map(UNITS.rate.read);
  return RATES.flatMap(({ names, over, floor: part }) => names.flatMap((name) => {
    const { title, floor: below } = CASES.find((one) => one.name === name);
    const own = ratesOf(samplesOf('kavachos', name));
    const rows = Object.entries(over).map(([peer, least]) => {
      const value = quotient(own, ratesOf(samplesOf(peer, name)));
      return atLeast(`${title} / ${peer}`, database, least, value);
    });
    if (part) {
      const least = part[database] ?? part;
      const value = quotient(own, ratesOf(floor.samples[below]));
      const { title: base } = FLOORS.find((one) => one.name === below);
      rows.push(atLeast(`${title} / ${base}`, database, least, value));
    }
    return rows.flat();
  }));
}

function statements({ counts = [] }) {
  const own = counts.find(({ name, statements: found }) => name === 'kavachos' && found);
  if (!own) return [];
  return Object.entries(STATEMENTS).map(([name, most]) => {
    const value = statementsOf(own.statements[name]);
    const { title } = OPERATIONS.find((one) => one.name === name);
    const what = `SQL statements, ${title}`;
    return line(what, own.database, `≤ ${most}`, String(value), value <= most);
  });
}

function coldStart({ cold }) {
  const own = cold?.peers.find(({ name }) => name === 'kavachos');
  const other = cold?.peers.find(({ name }) => name === PLAIN);
  if (!own || !other) return [];
  const total = (samples) => summary(samples.map((sample) => sample.total)).median;
  const bare = total(cold.bare);
  const value = (total(own.samples) - bare) / (total(other.samples) - bare);
  const title = `cold start / ${PLAIN}, less bare Node`;
  // Less than nothing is noise, and shows nothing.
  const isMet = value > 0 && value <= COLD_START;
  return [line(title, 'sqlite', `≤ ${COLD_START}`, figure(value), isMet)];
}

/** No row where one of the two was not measured. */
function atLeast(title, database, least, value) {
  if (value === undefined) return [];
  return [line(title, database, `≥ ${least}`, figure(value), value >= least)];
}

function line(title, database, wanted, measured, isMet) {
  return [title, database, wanted, measured, isMet ? 'met' : '**not met**'];
}
