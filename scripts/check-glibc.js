// Says which glibc an addon needs, and fails when that is newer than it may be:
//
//     node scripts/check-glibc.js js/kavachos.linux-x64-gnu.node          only says it
//     node scripts/check-glibc.js js/kavachos.linux-x64-gnu.node 2.17     at most this one

import { readFileSync } from 'node:fs';

import { compareVersions, needsOf, newestGlibc } from './elf.js';
import { fail } from './environment.js';

const [path, most] = process.argv.slice(2);
if (!path) fail('Name the addon.');
const newest = newestGlibc(needsOf(readFileSync(path)).versions);
console.log(newest ? `${path} needs glibc ${newest}` : `${path} needs no glibc`);
if (most && newest && compareVersions(newest, most) > 0) {
  fail(`It may need glibc ${most} at most.`);
}
