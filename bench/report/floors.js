// What the peers are measured against, and what their processes hold.

import { FLOORS } from '../cases.js';
import { figure } from '../statistics.js';
import { UNITS, cell, table } from './cells.js';

export function floors({ floor }) {
  const timed = FLOORS.filter(({ name, how }) => floor.samples[name] && how !== 'loopDelay');
  const rows = timed.map(({ name, title }) => {
    const samples = floor.samples[name];
    return [title, cell(samples), cell(samples, UNITS.cpu)];
  });
  return table('## Floor', ['without any library', 'per second', 'CPU µs each'], rows);
}

export function memories({ floor, subjects, measured }) {
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
