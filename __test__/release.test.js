// A release: a package for each platform, and the library that has them as optional dependencies.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { VERSION } from '../js/load.js';
import { needsOf, newestGlibc } from '../scripts/elf.js';
import { findProgram, root } from '../scripts/environment.js';
import { PLATFORMS } from '../scripts/platforms.js';
import { ADDON, HOST } from './support/installed.js';

const { os, cpu, libc } = PLATFORMS[HOST];
let directory;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'kavachos-release-test-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

describe('the packages of a release', () => {
  let tarballs;
  let library;
  let platform;
  before(() => {
    tarballs = join(directory, 'tarballs');
    const repository = { GITHUB_SERVER_URL: 'https://example.com', GITHUB_REPOSITORY: 'a/b' };
    const made = script('release.js', [join(root, 'js'), tarballs, '--only', HOST], repository);
    assert.equal(made.status, 0, made.stderr);
    library = unpacked(tarballs, 'kavachos');
    platform = unpacked(tarballs, `kavachos-${HOST}`);
  });

  test('are one for the platform, with the addon and nothing to run', () => {
    const addon = `kavachos.${HOST}.node`;
    assert.deepEqual(platform.files, ['LICENSE', 'README.md', addon, 'package.json'].toSorted());
    const { name, version, main, scripts, dependencies } = platform.manifest;
    assert.deepEqual(
      { name, version, main, scripts, dependencies },
      {
        name: `kavachos-${HOST}`, version: VERSION, main: addon,
        scripts: undefined, dependencies: undefined,
      },
    );
    assert.ok(readFileSync(join(platform.path, addon)).equals(readFileSync(ADDON)));
  });

  test('say which systems they are for', () => {
    assert.deepEqual(platform.manifest.os, [os]);
    assert.deepEqual(platform.manifest.cpu, [cpu]);
    assert.deepEqual(platform.manifest.libc, libc && [libc]);
  });

  test('and the library, without an addon, with all platforms in its own version', () => {
    const { optionalDependencies, scripts, devDependencies, exports } = library.manifest;
    const names = Object.keys(PLATFORMS).map((name) => [`kavachos-${name}`, VERSION]);
    assert.deepEqual(optionalDependencies, Object.fromEntries(names));
    assert.equal(scripts, undefined);
    assert.equal(devDependencies, undefined);
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.deepEqual(exports, own.exports);
    assert.ok(library.files.includes('js/native.js'));
    assert.deepEqual(library.files.filter((name) => name.endsWith('.node')), []);
  });

  test('name the repository that publishes them, which provenance asks for', () => {
    for (const { manifest } of [library, platform]) {
      assert.equal(manifest.repository.url, 'git+https://example.com/a/b.git');
    }
  });

  test('work, installed into an empty project', () => {
    const { status, stdout, stderr } = script('release-try.js', [tarballs, HOST]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`kavachos ${VERSION} works on ${HOST}`));
  });

  test('are not tried on another platform', () => {
    const other = Object.keys(PLATFORMS).find((name) => name !== HOST);
    const { status, stderr } = script('release-try.js', [tarballs, other]);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`This is ${HOST}, not ${other}`));
  });
});

describe('no release is made', () => {
  const release = (args, env) => script('release.js', [...args, join(directory, 'none')], env);

  test('when the addon of a platform is missing', () => {
    const { status, stderr } = release([join(root, 'js')]);
    assert.equal(status, 1);
    const [, absent] = /There is no addon for (.*) in /.exec(stderr);
    assert.deepEqual(absent.split(', '), Object.keys(PLATFORMS).filter((name) => name !== HOST));
  });

  test('when the tag is of another version', () => {
    const tag = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v9.9.9' };
    const { status, stderr } = release([join(root, 'js'), '--only', HOST], tag);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`package.json says ${VERSION}, but the tag says 9\\.9\\.9`));
  });
});

describe('publishing', { skip: os === 'win32' && 'npm is stood in for by a script' }, () => {
  const names = [...Object.keys(PLATFORMS).map((name) => `kavachos-${name}`), 'kavachos'];
  let tarballs;
  before(() => {
    tarballs = join(directory, 'all');
    mkdirSync(tarballs);
    for (const name of names) writeFileSync(join(tarballs, `${name}-${VERSION}.tgz`), '');
  });

  test('goes platform by platform, the library last, with provenance', () => {
    const { status, published } = publish();
    assert.equal(status, 0);
    assert.deepEqual(published, names);
  });

  test('goes on where it broke off', () => {
    const { status, stdout, published } = publish({ there: names.slice(0, 3) });
    assert.equal(status, 0);
    assert.deepEqual(published, names.slice(3));
    assert.match(stdout, new RegExp(`${names[0]} ${VERSION} is there already`));
  });

  test('stops at what fails, before the library', () => {
    const { status, stderr, published } = publish({ failing: names[2] });
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`${names[2]} was not published`));
    assert.deepEqual(published, names.slice(0, 2));
  });

  test('does not begin when a tarball is missing', () => {
    const { status, stderr, published } = publish({}, directory);
    assert.equal(status, 1);
    assert.match(stderr, /There is no tarball of kavachos-darwin-arm64, /);
    assert.deepEqual(published, []);
  });

  /** Publishes to an npm that only notes what it is asked. */
  function publish({ there = [], failing = '' } = {}, from = tarballs) {
    const bin = mkdtempSync(join(directory, 'bin-'));
    const note = join(bin, 'note');
    writeFileSync(note, '');
    writeFileSync(join(bin, 'npm'), NPM, { mode: 0o755 });
    const { status, stdout, stderr } = script('release-publish.js', [from], {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      NOTE: note,
      THERE: there.map((name) => `${name}@${VERSION}`).join(),
      FAILING: failing && `/${failing}-${VERSION}.tgz`,
    });
    const commands = readFileSync(note, 'utf8').trim().split('\n').filter(Boolean);
    const form = /^publish .*\/([\w-]+)-\d[^/]*\.tgz --provenance --access public$/;
    const published = commands.map((command) => form.exec(command)[1]);
    return { status, stdout, stderr, published };
  }
});

describe('what an addon needs', { skip: os !== 'linux' && 'only ELF files are read' }, () => {
  const needs = () => needsOf(readFileSync(ADDON));

  test('is read as binutils read it', { skip: !findProgram('readelf') && 'no readelf' }, () => {
    const { stdout: versions } = spawnSync('readelf', ['-VW', ADDON], { encoding: 'utf8' });
    const names = [...versions.matchAll(/Name: (\S+)\s+Flags/g)].map(([, name]) => name);
    assert.ok(names.length > 0);
    assert.deepEqual(Object.values(needs().versions).flat().toSorted(), names.toSorted());
    const { stdout: dynamic } = spawnSync('readelf', ['-dW', ADDON], { encoding: 'utf8' });
    const libraries = [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
    assert.deepEqual(needs().libraries, libraries);
  });

  test('is told, and refused when it is newer than it may be', { skip: libc !== 'glibc' }, () => {
    const newest = newestGlibc(needs().versions);
    assert.match(newest, /^2\.\d+$/);
    const told = script('check-glibc.js', [ADDON, newest]);
    assert.equal(told.status, 0);
    assert.ok(told.stdout.includes(`needs glibc ${newest}`));
    const refused = script('check-glibc.js', [ADDON, '2.1']);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /It may need glibc 2\.1 at most/);
  });

  test('counts versions as numbers, and glibc only', () => {
    const versions = { 'libc.so.6': ['GLIBC_2.9', 'GLIBC_2.17'], 'libgcc_s.so.1': ['GCC_4.2.0'] };
    assert.equal(newestGlibc(versions), '2.17');
    assert.equal(newestGlibc({ 'libgcc_s.so.1': ['GCC_4.2.0'] }), undefined);
    assert.throws(() => needsOf(Buffer.from('#!/bin/sh, which is no addon')), /no 64-bit/);
  });
});

const NPM = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const [command, what, ...rest] = process.argv.slice(2);
if (command === 'view') {
  const isThere = process.env.THERE.split(',').includes(what);
  if (isThere) console.log(what.split('@')[1]);
  process.exit(isThere ? 0 : 1);
}
if (process.env.FAILING && what.endsWith(process.env.FAILING)) process.exit(1);
appendFileSync(process.env.NOTE, [command, what, ...rest].join(' ') + '\\n');
`;

function script(name, args, env = {}) {
  // What CI says of itself is not for here.
  const { GITHUB_REF_TYPE: _, GITHUB_REPOSITORY: __, ...own } = process.env;
  return spawnSync(process.execPath, [join(root, 'scripts', name), ...args], {
    env: { ...own, ...env },
    encoding: 'utf8',
  });
}

/** `{ path, files, manifest }` of a tarball. */
function unpacked(tarballs, name) {
  const target = mkdtempSync(join(directory, 'unpacked-'));
  const tarball = join(tarballs, `${name}-${VERSION}.tgz`);
  assert.equal(spawnSync('tar', ['-xzf', tarball, '-C', target]).status, 0, tarball);
  const path = join(target, 'package');
  const files = readdirSync(path, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => statSync(join(path, name)).isFile());
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  return { path, files: files.toSorted(), manifest };
}
