// Where the figures come from.

import { figure } from '../statistics.js';

export function heading(results) {
  const { machine, addon, settings, options, versions, missing, quick, scale } = results;
  const { cores, system, node, commit, modified } = machine;
  return [
    ...(quick ? ['**A quick run: it shows that everything works, and nothing else.**', ''] : []),
    `- ${machine.cpu}, ${cores} cores, ${figure(machine.memory / 1024)} GiB, ${system}`,
    `- load of the minute before: ${machine.load.toFixed(2)}`,
    `- Node ${node}; commit ${commit}${modified ? ' and changes' : ''}`,
    `- addon: ${figure(addon.size / 2 ** 20)} MiB, ${addon.profile} profile`,
    ...settings.map((line) => `- ${line}`),
    `- ${versions.map(({ name, version }) => `${name} ${version}`).join(', ')}`,
    // The other measurement has a rhythm of its own.
    ...(scale ? [] : [
      `- ${options.repetitions} × ${options.milliseconds} ms each, interleaved, after a warm-up`,
    ]),
    ...missing.map(({ name, reason }) => `- **skipped: ${name}**: ${reason}`),
    '',
  ];
}
