// What docs/deploying.md says.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { build } from 'esbuild';

import { PLATFORMS } from '../scripts/platforms.js';
import { code, page } from './support/docs.js';
import { ADDON, HOST, installed } from './support/installed.js';

const APPLICATION = `
import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

const options = {
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'a secret of more than 32 characters',
  baseUrl: 'https://your-app.com',
  plugins: [oauth({ providers: [bitbucketProvider('id', 'secret')] })],
};
createKavach(options).then((kavach) => {
  console.log(kavach.plugins.getEndpoints().length > 0 ? 'works' : 'has no endpoints');
  return kavach.close();
});
`;

describe('an application bundled by esbuild', () => {
  for (const [format, extension] of [['esm', 'mjs'], ['cjs', 'cjs']]) {
    test(`works alone with the addon beside it (${format})`, async (t) => {
      const project = await bundled(t, { format, extension });
      rmSync(project.path('node_modules'), { recursive: true });
      copyFileSync(ADDON, project.path('out', `kavachos.${HOST}.node`));
      assert.equal(project.node(`out/app.${extension}`), 'works');
    });

    test(`says without the addon that it belongs beside it (${format})`, async (t) => {
      const project = await bundled(t, { format, extension });
      rmSync(project.path('node_modules'), { recursive: true });
      const said = project.node(`out/app.${extension}`);
      assert.ok(said.includes(`A bundle needs kavachos.${HOST}.node beside it`), said);
    });
  }

  test('works with the package of the platform in node_modules', async (t) => {
    const project = await bundled(t, { format: 'esm', extension: 'mjs' });
    rmSync(project.path('node_modules', 'kavachos'), { recursive: true });
    assert.equal(project.node('out/app.mjs'), 'works');
  });

  test('works with kavachos left out of the bundle', async (t) => {
    const project = await bundled(t, { format: 'esm', extension: 'mjs', external: ['kavachos'] });
    assert.equal(project.node('out/app.mjs'), 'works');
    rmSync(project.path('node_modules', 'kavachos'), { recursive: true });
    assert.match(project.node('out/app.mjs'), /Cannot find package 'kavachos'/);
  });
});

test('the table of systems is that of the release', () => {
  const [{ rows }] = page('docs/deploying.md').tables;
  assert.deepEqual(
    rows.map(([name, system]) => [code(name), system]),
    Object.entries(PLATFORMS).map(([name, { describe }]) => [`kavachos-${name}`, describe]),
  );
});

/** The application as `out/app.<extension>`, beside the node_modules it was made of. */
async function bundled(t, { format, extension, external = [] }) {
  const project = installed(t);
  project.platform();
  project.write('app.js', APPLICATION);
  mkdirSync(project.path('out'));
  const { warnings } = await build({
    absWorkingDir: project.path(),
    entryPoints: [join('.', 'app.js')],
    outfile: project.path('out', `app.${extension}`),
    bundle: true,
    platform: 'node',
    format,
    external,
    logLevel: 'silent',
  });
  assert.deepEqual(warnings.map(({ text }) => text), []);
  return project;
}
