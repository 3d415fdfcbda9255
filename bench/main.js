// `npm run bench`: measures every peer on every database, beside the floor, and prints Markdown. A
// full run also writes the figures of docs/performance.md.

import { Child } from './child.js';
import { describeMachine, prepareAddon } from './machine.js';
import { readOptions } from './options.js';
import { ensurePackages } from './packages.js';

const options = readOptions();
const machine = describeMachine();
if (machine.load > 0.5 && !options.quick) {
  console.error(`The load is ${machine.load.toFixed(2)}: what else runs here is in the figures.`);
}
const addon = prepareAddon(options);
if (options.peers.some((name) => name !== 'kavachos')) ensurePackages();

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    Child.killAll();
  });
}

// Not before now: what they import may just have been installed.
const { run } = await import('./run.js');
const { markdown, save, writePage } = await import('./report/index.js');
try {
  const results = { machine, addon, ...(await run(options, () => interrupted)) };
  console.log(markdown(results));
  console.error(`Every sample: ${save(results)}`);
  if (options.full) console.error(`The figures: ${writePage(results)}`);
} catch (error) {
  if (!interrupted) throw error;
  console.error('Interrupted.');
  process.exitCode = 130;
}
