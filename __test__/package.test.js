// What users get: the tarball, installed into an empty project.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { publint } from 'publint';

import { approve, startBitbucket } from '../testing/server.js';
import { EXPORTS } from './support/exports.js';
import { installPacked } from './support/package-project.js';

const CONFIG = readFileSync(new URL('../types-test/documented.ts', import.meta.url), 'utf8');

const BASE_URL = 'http://127.0.0.1:3000';
const CONSUMER = {
  key: 'package-test',
  secret: 'package-test-consumer-secret',
  callbackUrl: `${BASE_URL}/api/kavach/auth/oauth/callback/bitbucket`,
};

/** An application in its own process: prints where it leads the browser, reads where it returns. */
const APPLICATION = `
import { createInterface } from 'node:readline';
import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

const { baseUrl, key, secret, endpoints } = JSON.parse(process.argv[2]);
const kavach = await createKavach({
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'a secret of the package test, long enough',
  baseUrl,
  plugins: [oauth({ providers: [bitbucketProvider(key, secret, endpoints)] })],
});

const cookies = new Map();
async function visit(url) {
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
  const headers = { accept: 'text/html', ...(cookie && { cookie }) };
  const response = await kavach.handler(new Request(url, { headers }), { ip: '127.0.0.1' });
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
    cookies.set(name, value);
  }
  return response;
}

const start = await visit(baseUrl + '/api/kavach/auth/oauth/authorize/bitbucket');
console.log(start.headers.get('location'));
for await (const callback of createInterface({ input: process.stdin })) {
  const end = await visit(callback);
  const me = await (await visit(baseUrl + '/api/kavach/auth/session')).json();
  console.log(JSON.stringify({ status: end.status, to: end.headers.get('location'), me }));
  break;
}
await kavach.close();
process.stdin.destroy();
`;

/** A page. */
const BROWSER = `
import type { Kavach } from 'kavachos';
import { createClient } from 'kavachos/client';
import { useSession } from 'kavachos/react';

export const client = createClient<Kavach<'bitbucket'>>();
export const useStatus = (): string => useSession(client).status;
`;

/** An application of CommonJS, for which `import` becomes `require`. */
const COMMONJS = `
import { createKavach, type Kavach, type ProviderOf } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';

async function main(): Promise<void> {
  const kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: 'a secret of the package test, long enough',
    baseUrl: 'http://localhost:3000',
    plugins: [oauth({ providers: [bitbucketProvider('key', 'secret')] })],
  });
  toNodeHandler(kavach);
  console.log(await names(kavach), 'bitbucket' satisfies ProviderOf<typeof kavach>);
  await kavach.close();
}

async function names(kavach: Kavach): Promise<string> {
  const url = 'http://localhost:3000/api/kavach/auth/oauth/providers';
  return (await kavach.handler(new Request(url))).text();
}

void main();
`;

describe('the packed package', () => {
  let project;
  before(() => {
    project = installPacked();
  });
  after(() => project?.remove());

  test('holds the code, the types, the addon and the documents', () => {
    const { files, manifest } = project;
    for (const { types, default: code } of entries(manifest)) {
      assert.ok(files.includes(code), code);
      assert.equal(types, code.replace(/\.js$/, '.d.ts'));
      assert.ok(files.includes(types), types);
    }
    for (const types of ['providers.d.ts', 'provider-options.d.ts']) {
      assert.ok(files.includes(types), types);
    }
    for (const name of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'js/native.js']) {
      assert.ok(files.includes(name), name);
    }
    assert.ok(files.some((name) => /^js\/kavachos\..+\.node$/.test(name)), 'the addon');
  });

  test('holds nothing else: no source maps, no tests, no Rust', () => {
    const { files, manifest } = project;
    const exported = entries(manifest).flatMap((entry) => Object.values(entry));
    const expected = [
      /^(providers|provider-options)\.d\.ts$/,
      /^js\/((cli\/)?[\w-]+\.js|kavachos\.[\w-]+\.node)$/,
      /^(testing|bin)\/[\w-]+\.js$/,
      /^(package\.json|openapi\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    ];
    const isExpected = (name) =>
      exported.includes(name) || expected.some((pattern) => pattern.test(name));
    assert.deepEqual(files.filter((name) => !isExpected(name)), []);
  });

  test('passes publint, which has nothing to suggest either', async () => {
    const { buffer } = new Uint8Array(readFileSync(project.tarball));
    const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
    assert.deepEqual(messages, []);
  });

  test('has types that are found by every way in which ESM is resolved', async () => {
    const { code, stdout, stderr } = await project.run(
      '@arethetypeswrong/cli', 'attw',
      project.tarball, '--profile', 'esm-only', '--no-color', '--no-emoji',
    ).done;
    assert.equal(code, 0, stdout + stderr);
  });

  test('loads with import', async () => {
    project.write('esm.mjs', Object.keys(EXPORTS).map(
      (name, index) => `import * as module${index} from '${name}';\n` +
        `console.log(JSON.stringify(Object.keys(module${index})));\n`,
    ).join(''));
    await assertExports(project.node('esm.mjs'));
  });

  test('loads with require', async () => {
    project.write('commonjs.cjs', Object.keys(EXPORTS).map(
      (name) => `console.log(JSON.stringify(Object.keys(require('${name}'))));\n`,
    ).join(''));
    await assertExports(project.node('commonjs.cjs'));
  });

  test('keeps its inside to itself', async () => {
    project.write('inside.mjs', `await import('kavachos/js/native.js');`);
    const { code, stderr } = await project.node('inside.mjs').done;
    assert.notEqual(code, 0);
    assert.match(stderr, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  for (const [how, ...options] of [
    ['as Node does', '--module', 'nodenext'],
    ['as bundlers do', '--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    test(`has types that compile, also where there is no DOM, found ${how}`, async () => {
      const { exports } = project.manifest;
      const names = Object.keys(exports).filter((name) => exports[name].types);
      project.write('everything.ts', names.map(
        (name, index) => `export * as module${index} from 'kavachos${name.slice(1)}';\n`,
      ).join(''));
      project.write('documented.ts', CONFIG);
      const { code, stdout } = await project.tsc(
        '--noEmit', '--lib', 'es2022', ...options, 'everything.ts', 'documented.ts',
      ).done;
      assert.equal(code, 0, stdout);
    });
  }

  test('has types for the browser that need nothing of Node', async () => {
    project.write('browser.ts', BROWSER);
    const options = ['--noEmit', '--module', 'esnext', '--moduleResolution', 'bundler'];
    const { code, stdout } = await project.tsc(...options, '--types', '', 'browser.ts').done;
    assert.equal(code, 0, stdout);
  });

  test('has types under which a misspelt option does not compile', async () => {
    project.write('misspelt.ts', CONFIG.replace('baseUrl', 'baseURL'));
    const options = ['--noEmit', '--module', 'nodenext'];
    const { code, stdout } = await project.tsc(...options, 'misspelt.ts').done;
    assert.notEqual(code, 0);
    assert.match(stdout, /baseURL/);
  });

  test('compiles and runs in a project of CommonJS', async () => {
    project.write('commonjs/package.json', JSON.stringify({ type: 'commonjs' }));
    project.write('commonjs/main.ts', COMMONJS);
    const compiled = await project.tsc('--module', 'nodenext', 'commonjs/main.ts').done;
    assert.equal(compiled.code, 0, compiled.stdout);
    assert.match(project.read('commonjs/main.js'), /require\("kavachos"\)/);
    const { code, stdout, stderr } = await project.node('commonjs/main.js').done;
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.equal(stdout, '{"providers":[{"id":"bitbucket","name":"Bitbucket"}]} bitbucket\n');
  });

  test('signs a person in', async (t) => {
    const bitbucket = await startBitbucket({ consumer: CONSUMER });
    t.after(() => bitbucket.close());
    project.write('application.mjs', APPLICATION);
    const { key, secret } = CONSUMER;
    const { endpoints } = bitbucket;
    const application = project.node(
      'application.mjs',
      JSON.stringify({ baseUrl: BASE_URL, key, secret, endpoints }),
    );
    t.after(() => application.kill());

    application.say(await approve(await application.nextLine(), { user: 'jane' }));
    const { status, to, me } = JSON.parse(await application.nextLine());
    assert.equal(status, 302);
    assert.equal(to, `${BASE_URL}/`);
    assert.equal(me.user.email, 'jane@example.com');
    assert.equal(me.user.emailVerified, true);
    assert.equal(me.session.userId, me.user.id);

    // By itself: nothing of ours keeps the process alive after close().
    const { code, stderr } = await application.done;
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
  });
});

/** What the package exports, as paths in the tarball. */
function entries({ exports }) {
  return Object.values(exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => Object.fromEntries(
      Object.entries(entry).map(([condition, path]) => [condition, path.replace(/^\.\//, '')]),
    ));
}

async function assertExports({ done }) {
  const { code, stdout, stderr } = await done;
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line));
  Object.entries(EXPORTS).forEach(([name, expected], index) => {
    for (const key of expected) assert.ok(lines[index].includes(key), `${name} exports ${key}`);
  });
}
