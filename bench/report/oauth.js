// Of the library alone: verification of id_tokens beside jose, and what each provider is asked.

import { REQUESTED } from '../cases.js';
import { figure } from '../statistics.js';
import { UNITS, cell, quotient, table } from './cells.js';

export function idTokens({ idToken }) {
  if (!idToken) return [];
  const { version, rows } = idToken;
  const names = CONTESTANTS.filter(([name]) => rows.some(({ samples }) => samples[name]));
  const cells = (show) => rows.map(({ algorithm, samples }) => [
    algorithm, ...names.map(([name]) => show(samples[name], samples.kavachos)),
  ]);
  const rates = (samples) => samples.map(UNITS.rate.read);
  const times = (own, ours) => {
    if (!ours || own === ours) return cell(own);
    return `${cell(own)}; kavachos ${figure(quotient(rates(ours), rates(own)))} ×`;
  };
  const title = `## Verification of id_tokens${version ? `, beside jose ${version}` : ''}`;
  const head = names.map(([, text]) => text);
  return [
    ...table(title, ['per second', ...head], cells(times)),
    ...table('', [UNITS.cpu.title, ...head], cells((own) => cell(own, UNITS.cpu))),
  ];
}

export function requests({ requests: counted }) {
  if (!counted) return [];
  const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const shown = (cold, warm) => (cold === warm ? cold || '' : `${cold} → ${warm}`);
  const rows = counted.map(({ id, cold, warm }) => [
    id,
    ...REQUESTED.map(({ endpoint }) => shown(cold[endpoint], warm[endpoint])),
    shown(total(cold), total(warm)),
  ]);
  const head = ['first sign-in → later ones', ...REQUESTED.map(({ title }) => title), 'all'];
  return table('## Requests to the provider for a sign-in', head, rows);
}

/** Of id-token.js. */
const CONTESTANTS = [
  ['kavachos', 'kavachos, one thread'],
  ['jose-1', 'jose, 1 at a time'],
  ['jose-32', 'jose, 32 at a time'],
];
