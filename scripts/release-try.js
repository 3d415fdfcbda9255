// Tries the tarballs of a release on this platform, as an application would use them:
//
//     node scripts/release-try.js <tarballs> [platform]
//
// When a platform is named, this must be it. They are installed into an empty project, where no
// script runs and nothing is compiled. There the library starts a sign-in, with an empty PATH.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { VERSION, platformOf } from '../js/load.js';
import { fail, npm } from './environment.js';

const APPLICATION = `
import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

const kavach = await createKavach({
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'only for this, which signs nobody in',
  baseUrl: 'http://localhost:3000',
  plugins: [oauth({ providers: [bitbucketProvider('id', 'secret')] })],
});
const route = 'http://localhost:3000/api/kavach/auth/oauth/authorize/bitbucket';
const { status, headers } = await kavach.handler(new Request(route), { ip: '127.0.0.1' });
console.log(status, new URL(headers.get('location')).host);
await kavach.close();
`;
const EXPECTED = '302 bitbucket.org';

const [tarballs, expected] = process.argv.slice(2);
if (!tarballs) fail('Name the directory of the tarballs.');
const platform = platformOf();
if (expected && expected !== platform) fail(`This is ${platform}, not ${expected}.`);
const project = mkdtempSync(join(tmpdir(), 'kavachos-try-'));
process.on('exit', () => rmSync(project, { recursive: true, force: true }));

write('package.json', JSON.stringify({ name: 'app', private: true, type: 'module' }));
write('app.js', APPLICATION);
const names = ['kavachos', `kavachos-${platform}`];
const paths = names.map((name) => join(resolve(tarballs), `${name}-${VERSION}.tgz`));
npm(['install', '--offline', '--ignore-scripts', '--loglevel=error', ...paths], { cwd: project });
const { stdout, stderr, error } = spawnSync(process.execPath, ['app.js'], {
  cwd: project,
  encoding: 'utf8',
  // Windows cannot open a socket without it.
  env: { SystemRoot: process.env.SystemRoot },
});
if (stdout?.trim() !== EXPECTED) fail(`${stdout}${stderr}${error?.message ?? ''}`);
console.log(`kavachos ${VERSION} works on ${platform}, Node ${process.versions.node}`);

function write(name, text) {
  writeFileSync(join(project, name), text);
}
