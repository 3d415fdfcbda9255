// `npm run lint`: every check that is not a test, all of them even after one has failed.

import { spawnSync } from 'node:child_process';

import { cargo } from './cargo.js';
import { ensureDependencies, packageBin, root } from './environment.js';

ensureDependencies();

const clippy = (...features) => [
  ...cargo('clippy', '--all-targets', ...features), '--', '-D', 'warnings',
];
const CHECKS = [
  ['cargo', 'fmt', '--check'],
  clippy('--no-default-features'),
  clippy(),
  [process.execPath, packageBin('oxlint', 'oxlint'), '--deny-warnings'],
  [process.execPath, packageBin('typescript', 'tsc'), '-p', root],
];

const failed = CHECKS.filter(([command, ...args]) => {
  console.log(`\n$ ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(error.message);
  return status !== 0;
});
console.log(`\n${CHECKS.length - failed.length} checks clean, ${failed.length} not`);
process.exitCode = failed.length > 0 ? 1 : 0;
