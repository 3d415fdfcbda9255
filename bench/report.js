// The results as Markdown. Every rate is "per second: median (min–max)"; "× floor" is the ratio of
// the medians of a peer and of the floor in the same run.

import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { CASES, FLOORS, REQUESTED } from './cases.js';
import { figure, spread, summary } from './statistics.js';

/** @param {import('./main.js').Results} results */
export function markdown(results) {
  const databases = [...new Set(results.subjects.map(({ database }) => database))];
  return [
    '# Benchmark',
    '',
    ...heading(results),
    ...floors(results),
    ...databases.flatMap((database) => [
      `## ${database}`, '', ...rates(results, database), ...processor(results, database),
    ]),
    ...idTokens(results),
    ...requests(results),
    ...coldStarts(results),
    ...memories(results),
  ].join('\n');
}

/** @returns {string} the path of the file */
export function save(results) {
  const name = results.started.replaceAll(':', '-').replace(/\..*$/, '');
  const file = new URL(`results/${name}.json`, import.meta.url);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return fileURLToPath(file);
}

function heading({ machine, addon, settings, options, versions, missing, quick }) {
  const { cores, system, node, commit, modified } = machine;
  return [
    ...(quick ? ['**A quick run: it shows that everything works, and nothing else.**', ''] : []),
    `- ${machine.cpu}, ${cores} cores, ${figure(machine.memory / 1024)} GiB, ${system}`,
    `- load of the minute before: ${machine.load.toFixed(2)}`,
    `- Node ${node}; commit ${commit}${modified ? ' and changes' : ''}`,
    `- addon: ${figure(addon.size / 2 ** 20)} MiB, ${addon.profile} profile`,
    ...settings.map((line) => `- ${line}`),
    `- ${versions.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
    `- ${options.repetitions} × ${options.milliseconds} ms each, interleaved, after a warm-up`,
    ...missing.map(({ name, reason }) => `- **skipped: ${name}**: ${reason}`),
    '',
  ];
}

function floors({ floor }) {
  const rows = FLOORS.filter(({ name }) => floor.samples[name]).map(({ name, title }) => {
    const samples = floor.samples[name];
    return [title, rate(samples), cpu(samples)];
  });
  return table('## Floor', ['without any library', 'per second', 'CPU µs each'], rows);
}

function rates({ floor, subjects }, database) {
  const peers = subjects.filter((subject) => subject.database === database);
  const rows = casesOf(peers).map(({ name, title, floor: below }) => [
    title,
    ...peers.map(({ samples }) => {
      if (!samples[name]) return '';
      const base = below && floor.samples[below];
      const ratio = base && ` = ${figure(perSecond(samples[name]) / perSecond(base))} × floor`;
      return `${rate(samples[name])}${ratio ?? ''}`;
    }),
  ]);
  return table('', ['per second', ...peers.map(({ name }) => name)], rows);
}

function processor({ subjects }, database) {
  const peers = subjects.filter((subject) => subject.database === database);
  const rows = casesOf(peers).map(({ name, title }) => [
    title,
    ...peers.map(({ samples }) => (samples[name] ? cpu(samples[name]) : '')),
  ]);
  return table('', ['CPU µs each, all threads', ...peers.map(({ name }) => name)], rows);
}

function casesOf(peers) {
  return CASES.filter(({ name }) => peers.some(({ samples }) => samples[name]));
}

function idTokens({ idToken }) {
  if (!idToken) return [];
  const { version, rows } = idToken;
  const names = CONTESTANTS.filter(([name]) => rows.some(({ samples }) => samples[name]));
  const cells = (cell) => rows.map(({ algorithm, samples }) => [
    algorithm, ...names.map(([name]) => cell(samples[name], samples.kavachos)),
  ]);
  const times = (own, ours) => {
    if (!ours || own === ours) return rate(own);
    return `${rate(own)}; kavachos ${figure(perSecond(ours) / perSecond(own))} ×`;
  };
  const title = `## Verification of id_tokens${version ? `, beside jose ${version}` : ''}`;
  const head = names.map(([, text]) => text);
  return [
    ...table(title, ['per second', ...head], cells(times)),
    ...table('', ['CPU µs each, all threads', ...head], cells(cpu)),
  ];
}

function requests({ requests: counted }) {
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

/** Less the median of bare Node: two processes have no samples in common. */
function coldStarts({ cold }) {
  if (!cold) return [];
  const [bare, web] = [cold.bare, cold.web].map((own) => summary(own.map(({ total }) => total)));
  const parts = (samples, name) => figure(summary(samples.map((sample) => sample[name])).median);
  const rows = cold.peers.map(({ name, samples }) => {
    const totals = samples.map(({ total }) => total - bare.median);
    const inside = ['import', 'open', 'web', 'session'].map((part) => parts(samples, part));
    return [name, spread(summary(totals)), ...inside];
  });
  rows.push(["Node's web objects alone", figure(web.median - bare.median), '', '', '', '']);
  const head = [
    'ms, medians', 'until the first session', 'import', 'open', 'web objects', 'session',
  ];
  const title = `## Cold start on an existing SQLite file, less ${spread(bare)} ms of bare Node`;
  return table(title, head, rows);
}

function memories({ floor, subjects, measured }) {
  if (!measured.memory) return [];
  const row = ({ name, database = '', memory }) => [
    name, database, figure(memory.idle), figure(memory.peak),
  ];
  return table(
    '## Memory of the measured process (resident)',
    ['', 'database', 'MiB when just opened', 'MiB at most, over the whole run'],
    [row(floor), ...subjects.map(row)],
  );
}

function rate(samples) {
  return spread(summary(samples.map((sample) => sample.perSecond)));
}

function perSecond(samples) {
  return summary(samples.map((sample) => sample.perSecond)).median;
}

function cpu(samples) {
  return spread(summary(samples.map((sample) => sample.cpu)));
}

function table(title, head, rows) {
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

/** Of id-token.js. */
const CONTESTANTS = [
  ['kavachos', 'kavachos, one thread'],
  ['jose-1', 'jose, 1 at a time'],
  ['jose-32', 'jose, 32 at a time'],
];
