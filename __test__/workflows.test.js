// The house is as its papers say: the scripts of the workflows exist, they know every platform, and
// what CONTRIBUTING.md names is there.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import { GLIBC_FLOOR, PLATFORMS } from '../scripts/platforms.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILES = readdirSync(join(ROOT, '.github/workflows'));
const workflows = Object.fromEntries(FILES.map((name) => [name, parse(read(name))]));
const { 'ci.yml': ci, 'release.yml': release } = workflows;
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const [, rust] = /^rust-version = "([^"]+)"/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));

describe('every workflow', () => {
  const steps = Object.entries(workflows).flatMap(([file, { jobs }]) =>
    Object.entries(jobs).flatMap(([name, job]) =>
      job.steps.map((step) => ({ ...step, where: `${file}, ${name}` })),
    ),
  );

  test('runs scripts that exist', () => {
    const called = steps.flatMap(({ run = '', where }) =>
      [...run.matchAll(/(?<![\w.])(?:node|bash) ([\w./-]+)/g)].map(([, path]) => ({ path, where })),
    );
    assert.ok(called.length > 5);
    for (const { path, where } of called) {
      assert.ok(existsSync(join(ROOT, path)), `${where}: ${path}`);
    }
  });

  test('uses actions of GitHub only, each in one version', () => {
    const used = new Set(steps.flatMap(({ uses }) => uses ?? []));
    for (const action of used) assert.match(action, /^actions\/[\w-]+@v\d+$/);
    const names = [...used].map((action) => action.split('@')[0]);
    assert.equal(new Set(names).size, names.length);
  });

  test('leaves no credentials in the checkout, and may only read', () => {
    for (const { uses, where, with: options } of steps) {
      if (uses?.startsWith('actions/checkout')) {
        assert.equal(options['persist-credentials'], false, where);
      }
    }
    for (const [file, { permissions, jobs }] of Object.entries(workflows)) {
      assert.deepEqual(permissions, { contents: 'read' }, file);
      const more = Object.keys(jobs).filter((name) => jobs[name].permissions);
      assert.deepEqual(more, file === 'release.yml' ? ['publish'] : [], file);
    }
  });

  test('compiles with the Rust that is asked for', () => {
    const texts = FILES.map(read).join('\n');
    const versions = [...texts.matchAll(/rust:([\d.]+)|toolchain install ([\d.]+)/g)];
    assert.equal(versions.length, 2);
    for (const [, image, installed] of versions) assert.equal(image ?? installed, rust);
    assert.equal(release.env.RUSTUP_TOOLCHAIN, rust);
  });
});

describe('ci.yml', () => {
  test('runs .ci/run on pull requests and on main', () => {
    assert.ok('pull_request' in ci.on);
    assert.deepEqual(ci.on.push.branches, ['main']);
    assert.ok(ci.jobs.test.steps.some(({ run }) => run === 'bash .ci/run'));
  });
});

describe('release.yml', () => {
  const { build, pack, try: tried, publish } = release.jobs;
  const names = Object.keys(PLATFORMS);

  test('builds exactly the platforms that there are, each for its target', () => {
    const rows = build.strategy.matrix.include;
    assert.deepEqual(
      Object.fromEntries(rows.map(({ platform, target }) => [platform, target])),
      Object.fromEntries(names.map((name) => [name, PLATFORMS[name].target])),
    );
    const built = build.steps.find(({ run }) => run?.includes('scripts/build.js'));
    assert.equal(built.run, 'node scripts/build.js --platform ${{ matrix.platform }}');
  });

  test('holds addons for glibc to the floor', () => {
    const check = build.steps.find(({ run }) => run?.includes('check-glibc.js'));
    assert.ok(check.run.endsWith(` ${GLIBC_FLOOR}`));
    assert.equal(check.if, "endsWith(matrix.platform, '-gnu')");
    for (const name of names.filter((name) => name.endsWith('-gnu'))) {
      assert.ok(PLATFORMS[name].zig.endsWith(`.${GLIBC_FLOOR}`), name);
    }
  });

  test('tries each platform on a machine of its kind, on the oldest Node and a newer one', () => {
    const { platform, node, include } = tried.strategy.matrix;
    assert.deepEqual(platform, names);
    assert.deepEqual(include.map((row) => row.platform), names);
    const [, oldest] = /^\^(\d+\.\d+)\.0/.exec(manifest.engines.node);
    assert.equal(node[0], oldest);
    assert.ok(node.length > 1);
    for (const row of include) assert.match(row.runner, RUNNERS[row.platform], row.platform);
    const musl = tried.steps.filter(({ if: when }) => when?.includes('-musl'));
    assert.equal(musl.length, 2);
    assert.match(musl[1].run, /^docker run .*-alpine node scripts\/release-try\.js tarballs /);
  });

  test('publishes what was tried, with provenance, for a tag only', () => {
    assert.equal(pack.needs, 'build');
    assert.equal(tried.needs, 'pack');
    assert.equal(publish.needs, 'try');
    assert.deepEqual(release.on, { push: { tags: ['v*'] }, workflow_dispatch: null });
    assert.equal(publish.if, "github.event_name == 'push'");
    assert.deepEqual(publish.permissions, { 'contents': 'read', 'id-token': 'write' });
    assert.equal(publish.steps.at(-1).run, 'node scripts/release-publish.js tarballs');
    const downloads = [tried, publish].map(({ steps }) =>
      steps.find(({ uses }) => uses?.startsWith('actions/download-artifact')).with,
    );
    assert.deepEqual(downloads[0], downloads[1]);
  });
});

describe('CONTRIBUTING.md', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

  test('names files that exist', () => {
    const named = [...text.matchAll(/`([\w.-]+\/[\w./-]*|[\w-]+\.(?:js|json|toml|md))`/g)];
    const linked = [...text.matchAll(/\]\(([^)]+)\)/g)];
    assert.ok(named.length > 30 && linked.length > 3);
    for (const [, path] of [...named, ...linked]) assert.ok(existsSync(join(ROOT, path)), path);
  });

  test('gives commands that work', () => {
    const [, commands] = /```sh\n([^]*?)```/.exec(text);
    for (const line of commands.trim().split('\n')) {
      const [program, ...words] = line.replace(/\s+#.*/, '').split(' ');
      const [name] = words.filter((word) => word !== 'run');
      if (program === 'npm') assert.ok(manifest.scripts[name], line);
      else assert.ok(existsSync(join(ROOT, words.at(-1))), line);
      const suite = words[words.indexOf('--') + 1];
      const suites = readFileSync(join(ROOT, 'scripts/test.js'), 'utf8');
      if (words.includes('--')) assert.ok(suites.includes(`name: '${suite}'`), line);
    }
  });

  test('and the templates for issues are what GitHub reads', () => {
    for (const name of ['bug.yml', 'provider.yml']) {
      const path = join(ROOT, '.github/ISSUE_TEMPLATE', name);
      const form = parse(readFileSync(path, 'utf8'));
      assert.ok(form.name && form.description, name);
      for (const { type, id, attributes } of form.body) {
        assert.ok(['markdown', 'input', 'textarea'].includes(type), name);
        if (type === 'markdown') assert.ok(attributes.value, name);
        else assert.ok(id && attributes.label, name);
      }
    }
  });
});

const RUNNERS = {
  'darwin-arm64': /^macos-\d+$/,
  'darwin-x64': /^macos-\d+-intel$/,
  'linux-arm64-gnu': /^ubuntu-[\d.]+-arm$/,
  'linux-arm64-musl': /^ubuntu-[\d.]+-arm$/,
  'linux-x64-gnu': /^ubuntu-[\d.]+$/,
  'linux-x64-musl': /^ubuntu-[\d.]+$/,
  'win32-arm64-msvc': /^windows-11-arm$/,
  'win32-x64-msvc': /^windows-\d+$/,
};

function read(name) {
  return readFileSync(join(ROOT, '.github/workflows', name), 'utf8');
}
