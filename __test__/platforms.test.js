// The addon of each platform: which one is loaded, and what is said when it cannot be.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

import { ADDONS } from '../js/addons.js';
import { libcOf } from '../js/libc.js';
import { VERSION, load, platformOf } from '../js/load.js';
import { root } from '../scripts/environment.js';
import { PLATFORMS } from '../scripts/platforms.js';
import { executable, needingNewerGlibc, patched } from './support/elf.js';
import { ADDON, HOST, installed } from './support/installed.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('the platforms', () => {
  test('are the same for the loader, the release and the build', () => {
    assert.deepEqual(Object.keys(ADDONS), Object.keys(PLATFORMS));
    const targets = Object.values(PLATFORMS).map(({ target }) => target);
    assert.deepEqual(manifest.napi.targets.toSorted(), targets.toSorted());
    assert.equal(VERSION, manifest.version);
  });

  test('are written out, each with its own file and package', () => {
    const source = readFileSync(join(root, 'js', 'addons.js'), 'utf8');
    for (const name of Object.keys(ADDONS)) {
      for (const place of [
        `./kavachos.${name}.node`, `kavachos-${name}`, `kavachos-${name}/package.json`,
      ]) {
        assert.equal(source.split(`require('${place}')`).length, 2, place);
      }
    }
  });

  test('have every function of the addon that Rust exports', async () => {
    const exported = Object.entries(load()).filter(([name]) => !name.startsWith('Native'));
    const named = await import('../js/native.js');
    assert.deepEqual(Object.keys(named).toSorted(), exported.map(([name]) => name).toSorted());
  });

  test('are named after system, processor and C library', () => {
    const name = (platform, arch, libc) => platformOf({ platform, arch }, () => libc);
    assert.equal(name('linux', 'x64', 'gnu'), 'linux-x64-gnu');
    assert.equal(name('linux', 'arm64', 'musl'), 'linux-arm64-musl');
    assert.equal(name('darwin', 'arm64'), 'darwin-arm64');
    assert.equal(name('win32', 'x64'), 'win32-x64-msvc');
    assert.equal(name('freebsd', 'x64'), 'freebsd-x64');
  });
});

describe('the C library', () => {
  const nowhere = { execPath: '/nowhere' };

  test('is that of the executable', (t) => {
    const project = installed(t);
    for (const [loader, expected] of [
      ['/lib64/ld-linux-x86-64.so.2', 'gnu'],
      ['/nix/store/0c7c96g-glibc-2.40/lib/ld-linux-aarch64.so.1', 'gnu'],
      ['/lib/ld-musl-x86_64.so.1', 'musl'],
    ]) {
      project.write('executable', executable(loader));
      assert.equal(libcOf({ execPath: project.path('executable') }), expected, loader);
    }
  });

  test('is that of the report where the executable does not say it', (t) => {
    const project = installed(t);
    const report = (said) => ({ getReport: () => said });
    for (const execPath of ['/nowhere', process.argv[1], project.path('static')]) {
      project.write('static', executable());
      const of = (said) => libcOf({ execPath, report: report(said) });
      assert.equal(of({ header: { glibcVersionRuntime: '2.36' }, sharedObjects: [] }), 'gnu');
      assert.equal(of({ header: { glibcVersionCompiler: '2.36' }, sharedObjects: [] }), 'gnu');
      assert.equal(of({ header: {}, sharedObjects: ['/lib/ld-musl-x86_64.so.1'] }), 'musl');
      assert.equal(of({ header: {}, sharedObjects: ['/lib/libc.musl-aarch64.so.1'] }), 'musl');
    }
  });

  test('is glibc where nothing says anything', () => {
    assert.equal(libcOf(nowhere), 'gnu');
    assert.equal(libcOf({ ...nowhere, report: { getReport: () => ({ header: {} }) } }), 'gnu');
  });

  test('is what Deno was built for, which needs no permission', () => {
    const report = { getReport: () => ({ header: { glibcVersionRuntime: '2.38' } }) };
    assert.equal(libcOf({ deno: { build: { env: 'musl' } }, ...nowhere, report }), 'musl');
    assert.equal(libcOf({ deno: { build: { env: 'gnu' } }, ...nowhere }), 'gnu');
  });

  test('is asked without looking up the peers of connections', () => {
    const seen = [];
    const report = {
      excludeNetwork: false,
      getReport() {
        seen.push(this.excludeNetwork);
        return { header: {} };
      },
    };
    libcOf({ ...nowhere, report });
    assert.deepEqual(seen, [true]);
    assert.equal(report.excludeNetwork, false);
  });
});

describe('the addon', () => {
  test('comes from the package of the platform', (t) => {
    const project = installed(t);
    project.platform();
    assert.equal(imported(project), 'loaded');
  });

  test('comes from beside the code where it is there', (t) => {
    const project = installed(t);
    project.platform(HOST, { version: '0.0.1', addon: null });
    project.beside();
    assert.equal(imported(project), 'loaded');
  });

  test('may be built from source on a platform without a package', (t) => {
    const project = installed(t);
    project.write('freebsd.cjs', FREEBSD);
    project.beside('freebsd-x64');
    assert.equal(imported(project, '--require', './freebsd.cjs'), 'loaded');
  });
});

describe('without the addon, an import says', () => {
  test('that the platform has none, and how to build it', (t) => {
    const project = installed(t);
    project.write('freebsd.cjs', FREEBSD);
    const said = imported(project, '--require', './freebsd.cjs');
    assert.match(said, /^kavachos has no addon for freebsd-x64\. There is one for darwin-arm64, /);
    assert.match(said, /build it from source .* `npm pack`/);
  });

  test('which package is missing, and the ways to get it', (t) => {
    const said = imported(installed(t));
    assert.match(said, new RegExp(`needs the package kavachos-${HOST} ${VERSION}.* not installed`));
    assert.match(said, /npm: .*`--omit=optional`.*remove node_modules and package-lock\.json/);
    assert.match(said, /pnpm, yarn: `supportedArchitectures` has to include os linux, cpu /);
    assert.match(said, /`npm run build`/);
  });

  test('that node_modules is of another platform', (t) => {
    const project = installed(t);
    const other = Object.keys(ADDONS).find((name) => name !== HOST);
    project.platform(other, { addon: 'not for here' });
    assert.match(imported(project), new RegExp(`kavachos-${other} is installed instead`));
  });

  test('that the package is of another version', (t) => {
    const project = installed(t);
    project.platform(HOST, { version: '0.0.1' });
    const said = imported(project);
    assert.match(said, new RegExp(`^kavachos ${VERSION} found kavachos-${HOST} 0\\.0\\.1\\.`));
    assert.match(said, new RegExp(`npm install kavachos@${VERSION}`));
  });

  test('that the package has lost its addon', (t) => {
    const project = installed(t);
    project.platform(HOST, { addon: null });
    assert.match(imported(project), new RegExp(`its addon is not\\. .* kavachos\\.${HOST}\\.node`));
  });

  test('that the file is damaged, or of another platform', (t) => {
    for (const damage of [
      () => Buffer.from('no addon at all, but some text'),
      (addon) => addon.fill(0, 0, 4),
      // Of a processor that it does not run on.
      (addon) => addon.fill(0xff, 18, 20),
    ]) {
      const project = installed(t);
      project.platform(HOST, { addon: damage(readFileSync(ADDON)) });
      assert.match(imported(project), /did not load: .*\nThe file is damaged or of another /);
    }
  });

  test('which library the system lacks', { skip: !HOST.endsWith('-gnu') }, (t) => {
    const project = installed(t);
    project.platform(HOST, { addon: patched('libgcc_s.so.1', 'libgcc_t.so.1') });
    assert.match(imported(project), /\nThis system lacks libgcc_t\.so\.1: install what brings it/);
  });

  test('that Node was told to load none', (t) => {
    const project = installed(t);
    project.platform();
    assert.match(imported(project, '--no-addons'), /Start Node without `--no-addons`/);
  });

  test('that it needs a newer glibc', { skip: !HOST.endsWith('-gnu') }, (t) => {
    const project = installed(t);
    project.platform(HOST, { addon: needingNewerGlibc() });
    const said = imported(project);
    const { glibcVersionRuntime: here } = process.report.getReport().header;
    assert.match(said, new RegExp(`It needs glibc 9\\.99, and this system has ${here}\\.`));
  });

  test('that it was made for musl', { skip: !HOST.endsWith('-gnu') }, (t) => {
    const project = installed(t);
    project.platform(HOST, { addon: patched('libgcc_s.so.1', 'libc.musl-x64') });
    assert.match(imported(project), /This addon was made for musl, and this process runs on glibc/);
  });

  test('that it was made for glibc', () => {
    for (const message of [
      'Error loading shared library ld-linux-x86-64.so.2: No such file (needed by /app/x.node)',
      'Error relocating /app/x.node: gnu_get_libc_version: symbol not found',
    ]) {
      const addons = failing(Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' }));
      assert.throws(() => load('linux-x64-musl', addons), (error) => {
        assert.match(error.message, /This addon was made for glibc, and this process runs on musl/);
        assert.equal(error.cause.message, message);
        return true;
      });
    }
  });

  test('that Deno was told to load none', () => {
    const addons = failing(new Error('Requires ffi access, run again with the --allow-ffi flag'));
    assert.throws(() => load('linux-x64-gnu', addons), /start Deno with `--allow-ffi`/);
  });

  test('what the loader said, when nothing is known about it', () => {
    const addons = failing(new Error('out of memory'));
    assert.throws(() => load('linux-x64-gnu', addons), /linux-x64-gnu did not load: out of memory/);
  });
});

describe('two copies of the package', () => {
  test('do not mix: a plugin of the other one is refused, with where to look', async (t) => {
    const project = installed(t);
    project.beside();
    const load = `node_modules/kavachos/js/load.js`;
    const theirs = readFileSync(project.path(load), 'utf8').replace(`'${VERSION}'`, `'0.0.9'`);
    project.write(load, theirs);
    const other = await import(pathToFileURL(project.path('node_modules/kavachos/auth.js')).href);
    const plugin = other.oauth({ providers: [other.bitbucketProvider('id', 'secret')] });
    const made = createKavach({
      database: { provider: 'sqlite', url: ':memory:' },
      secret: 'a secret of more than 32 characters',
      baseUrl: 'https://your-app.com',
      plugins: [oauth({ providers: [bitbucketProvider('id', 'secret')] }), plugin],
    });
    await assert.rejects(made, ({ code, message }) => {
      assert.equal(code, 'config_invalid');
      assert.match(message, /^`plugins\[1\]` was made by another copy of kavachos, .* 0\.0\.9;/);
      assert.match(message, new RegExp(`this one is ${VERSION}\\..*npm ls kavachos`));
      return true;
    });
    // It has methods, and would be taken for a provider of the application's own: without any checks.
    for (const [providers, path] of [
      [[other.bitbucketProvider('id', 'secret')], /^`oauth\.providers\[0\]`/],
      [{ bitbucket: other.bitbucketProvider('id', 'secret') }, /^`oauth\.providers\.bitbucket`/],
    ]) {
      assert.throws(() => oauth({ providers }), ({ code, message }) => {
        assert.equal(code, 'config_invalid');
        assert.match(message, path);
        assert.match(message, /made by another copy of kavachos/);
        return true;
      });
    }
  });
});

const FREEBSD = `Object.defineProperty(process, 'platform', { value: 'freebsd' });`;

/** What an application prints that imports the package. */
function imported(project, ...flags) {
  project.write('app.js', `
    import('kavachos').then(
      () => console.log('loaded'),
      (error) => console.log(error.message),
    );
  `);
  return project.node(...flags, 'app.js');
}

function failing(error) {
  const beside = () => {
    throw error;
  };
  return { 'linux-x64-gnu': { beside }, 'linux-x64-musl': { beside } };
}
