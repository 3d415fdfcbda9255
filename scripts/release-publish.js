// Publishes the tarballs of a release, the packages of the platforms first: whoever installs
// kavachos a moment later finds them all. What is there already stays, so it may be run again.
//
//     node scripts/release-publish.js <tarballs>

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { VERSION } from '../js/load.js';
import { fail } from './environment.js';
import { PLATFORMS } from './platforms.js';

const [tarballs] = process.argv.slice(2);
if (!tarballs) fail('Name the directory of the tarballs.');
const names = [...Object.keys(PLATFORMS).map((platform) => `kavachos-${platform}`), 'kavachos'];
const absent = names.filter((name) => !existsSync(tarballOf(name)));
if (absent.length > 0) fail(`There is no tarball of ${absent.join(', ')}.`);

for (const name of names) {
  if (isPublished(name)) {
    console.log(`${name} ${VERSION} is there already`);
    continue;
  }
  const publish = ['publish', tarballOf(name), '--provenance', '--access', 'public'];
  if (npm(publish, 'inherit').status !== 0) fail(`${name} was not published.`);
}

/** A registry that does not answer says no, too; then publishing says why. */
function isPublished(name) {
  const { status, stdout } = npm(['view', `${name}@${VERSION}`, 'version', '--prefer-online']);
  return status === 0 && stdout.trim() === VERSION;
}

function tarballOf(name) {
  return join(resolve(tarballs), `${name}-${VERSION}.tgz`);
}

function npm(args, stdio = 'pipe') {
  return spawnSync('npm', args, { encoding: 'utf8', stdio });
}
