// Makes the tarballs of a release out of the addons of all platforms:
//
//     node scripts/release.js <addons> <tarballs>
//     node scripts/release.js <addons> <tarballs> --only linux-x64-gnu
//
// `<addons>` holds kavachos.<platform>.node for each platform. `<tarballs>` gets a package for
// each, and the package kavachos, which has the others as optional dependencies of its own version.

import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { VERSION } from '../js/load.js';
import { fail, npm, root } from './environment.js';
import { PLATFORMS } from './platforms.js';

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true } },
  allowPositionals: true,
});
if (positionals.length !== 2) fail('Name the directory of the addons and that of the tarballs.');
const [addons, tarballs] = positionals.map((path) => resolve(path));

const manifest = JSON.parse(read('package.json'));
const platforms = values.only ?? Object.keys(PLATFORMS);
checkVersions();
checkAddons();

const staging = mkdtempSync(join(tmpdir(), 'kavachos-release-'));
process.on('exit', () => rmSync(staging, { recursive: true, force: true }));
mkdirSync(tarballs, { recursive: true });
for (const platform of platforms) pack(`kavachos-${platform}`, ofPlatform(platform));
pack('kavachos', ofLibrary());

/** A release is of one version, whichever file is asked. */
function checkVersions() {
  const tag = process.env.GITHUB_REF_TYPE === 'tag' ? process.env.GITHUB_REF_NAME : undefined;
  const stated = {
    'Cargo.toml': /^version = "([^"]+)"/m.exec(read('Cargo.toml'))[1],
    'js/load.js': VERSION,
    ...(tag && { 'the tag': tag.replace(/^v/, '') }),
  };
  for (const [where, version] of Object.entries(stated)) {
    if (version === manifest.version) continue;
    fail(`package.json says ${manifest.version}, but ${where} says ${version}.`);
  }
}

function checkAddons() {
  const unknown = platforms.filter((platform) => !PLATFORMS[platform]);
  if (unknown.length > 0) fail(`There is no platform ${unknown.join(', ')}.`);
  const absent = platforms.filter((platform) => !existsSync(join(addons, addonOf(platform))));
  if (absent.length > 0) fail(`There is no addon for ${absent.join(', ')} in ${addons}.`);
}

function ofPlatform(platform) {
  const { os, cpu, libc, describe } = PLATFORMS[platform];
  const name = `kavachos-${platform}`;
  const addon = addonOf(platform);
  return {
    'package.json': json({
      name,
      version: VERSION,
      description: `The addon of kavachos for ${describe}`,
      ...published(),
      os: [os],
      cpu: [cpu],
      ...(libc && { libc: [libc] }),
      main: addon,
      files: [addon],
      // An addon is loaded from a file, not out of an archive.
      preferUnplugged: true,
    }),
    'README.md':
      `# ${name}\n\nThe addon of kavachos for ${describe}. ` +
      'It is installed along with the package kavachos and does nothing by itself.\n',
    LICENSE: read('LICENSE'),
    [addon]: { from: join(addons, addon) },
  };
}

/** What `npm pack` takes along, without the addon of this machine. */
function ofLibrary() {
  const [{ files }] = JSON.parse(npm(['pack', '--dry-run', '--json', '--ignore-scripts']));
  const { scripts: _, devDependencies: __, overrides: ___, napi: ____, ...kept } = manifest;
  const paths = files.map(({ path }) => path).filter((path) => !path.endsWith('.node'));
  return {
    ...Object.fromEntries(paths.map((path) => [path, { from: join(root, path) }])),
    'package.json': json({
      ...kept,
      ...published(),
      optionalDependencies: Object.fromEntries(
        Object.keys(PLATFORMS).map((platform) => [`kavachos-${platform}`, VERSION]),
      ),
    }),
  };
}

/** What all packages of a release say. Provenance asks for the repository that publishes them. */
function published() {
  const { license, engines, repository } = manifest;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: path } = process.env;
  const url = server && path ? { type: 'git', url: `git+${server}/${path}.git` } : repository;
  return { license, engines, ...(url && { repository: url }) };
}

/** @param files by path: the text of the file, or `{ from }`, the file it is a copy of */
function pack(name, files) {
  const directory = join(staging, name);
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    if (typeof content === 'string') writeFileSync(target, content);
    else cpSync(content.from, target);
  }
  const [{ filename, size }] = JSON.parse(
    npm(['pack', directory, '--json', '--ignore-scripts', '--pack-destination', tarballs]),
  );
  console.log(`${filename} ${(size / 1e6).toFixed(1)} MB`);
}

function addonOf(platform) {
  return `kavachos.${platform}.node`;
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function read(name) {
  return readFileSync(join(root, name), 'utf8');
}
