// The pages about providers are true: each page against the factory that it describes and the facts
// that were collected, the index against both.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { genericOIDC, oauth } from 'kavachos/auth';

import { optionsOf } from './support/docs-options.js';
import {
  commonOptions, facts, index, listed, optionsNamed, optionsOfProvider, provider, read, scopesOf,
  verifies,
} from './support/docs-providers.js';
import { ROOT, codes, page, pagesIn } from './support/docs.js';

const OTHER_PAGES = ['README', 'generic-oidc', 'custom'];
const VERIFIER = 'a-verifier-of-the-tests-that-is-long-enough-for-pkce';

describe('docs/providers/README.md', () => {
  test('has a page for each provider of the catalogue, and a row', () => {
    const ids = facts.map(({ id }) => id).toSorted();
    const named = pagesIn('docs/providers').map((name) => /([\w-]+)\.md$/.exec(name)[1]);
    assert.deepEqual(named.toSorted(), [...ids, ...OTHER_PAGES].toSorted());
    assert.deepEqual(listed.map(({ id }) => id).toSorted(), ids);
    const names = listed.map(({ name }) => name.toLowerCase());
    assert.deepEqual(names, names.toSorted(), 'by name');
  });

  test('says how sure we are of each, and how each is spoken to', () => {
    for (const { id, kind, confidence } of facts) {
      const row = listed.find((row) => row.id === id);
      assert.equal(row.confidence, /^\w+/.exec(confidence)[0], id);
      assert.equal(row.by, kind === 'oidc' ? 'OpenID' : 'OAuth 2.0', id);
    }
  });

  test('says when an address counts as verified', () => {
    for (const { id, email, verified } of listed) {
      // Ordinary applications never see it.
      if (verified.endsWith('when sent')) continue;
      assert.equal(verifies(id), !['never', 'no e-mail'].includes(verified), id);
      assert.equal(email === 'no', verified === 'no e-mail', id);
    }
  });

  test('says whether PKCE is sent', async () => {
    for (const { id, pkce } of facts) {
      const url = await provider(id).getAuthorizationUrl('s', VERIFIER, 'https://app.example/cb');
      const isSent = new URL(url).searchParams.has('code_challenge');
      const stated = listed.find((row) => row.id === id).pkce;
      const expected = pkce === 'ignored' ? 'S256, ignored' : 'S256';
      assert.equal(stated, isSent ? expected : 'no', id);
    }
  });

  test('names the options that every provider has', async () => {
    assert.deepEqual(optionsNamed(index).toSorted(), (await commonOptions()).toSorted());
  });
});

for (const { id, revocation_endpoint: revocation } of facts) {
  test(`docs/providers/${id}.md says what the factory does`, async () => {
    const it = page(`docs/providers/${id}.md`);
    const row = listed.find((row) => row.id === id);
    assert.ok(it.prose.startsWith(`# ${row.name}\n`), 'is headed as it is listed');
    assert.ok(it.prose.includes(`\`https://your-app.com/api/kavach/auth/oauth/callback/${id}\``));
    const factory = new RegExp(`\\b(${id}|create${id})Provider\\(`, 'i');
    assert.ok(it.blocks.some(({ text }) => factory.test(text)), 'shows its factory');

    const { always, added } = scopesOf(it);
    assert.deepEqual(always, [...provider(id).scopes]);
    assert.deepEqual([...provider(id, added).scopes], [...always, ...added]);

    const options = [...(await optionsOfProvider(id)), 'clientId'];
    assert.deepEqual(optionsNamed(it).filter((name) => !options.includes(name)), []);
    assert.ok(it.links.includes('README.md#options-of-every-provider'));

    const isVerified = it.prose.includes('the id_token is verified');
    assert.equal(isVerified, row.by === 'OpenID');
    const revokes = !it.prose.includes('We know of no endpoint');
    assert.equal(revokes, Boolean(revocation), 'says whether unlinking revokes');
  });
}

test('docs/providers/generic-oidc.md names every option there is', async () => {
  const options = await optionsOf(async (extra) => genericOIDC(extra));
  assertOptions('generic-oidc', options);
});

test('docs/providers/custom.md names every option there is', async () => {
  const urls = { id: 'acme', authorizationUrl: 'https://id.acme.com/authorize' };
  const of = (config) =>
    optionsOf(async (extra) => oauth({ providers: [{ ...config, ...extra }] }));
  assertOptions('custom', await of(urls));

  const functions = page('docs/providers/custom.md').tables.find(
    ({ columns }) => columns[0] === 'function',
  );
  const named = functions.rows.map(([name]) => /^`(\w+)\(/.exec(name)[1]);
  const own = await of({ id: 'acme', getUserInfo: () => ({}) });
  assert.deepEqual(['id', 'name', 'scopes', ...named].toSorted(), own.toSorted());
});

/** In a table, or in the block of code that shows the configuration. */
function assertOptions(name, options) {
  const it = page(`docs/providers/${name}.md`);
  const shown = it.blocks.flatMap(({ text }) => [...text.matchAll(/^\s+(\w+)[:(]/gm)]);
  const known = [...optionsNamed(it), ...optionsNamed(index), ...shown.map(([, option]) => option)];
  assert.deepEqual(options.filter((option) => !known.includes(option)), []);
  assert.deepEqual(optionsNamed(it).filter((option) => !options.includes(option)), []);
}

describe('docs/contributing-a-provider.md', () => {
  const guide = page('docs/contributing-a-provider.md');

  test('names files that exist', () => {
    // What stands for the id of the new provider is shown with one that is there.
    const paths = codes(guide.prose)
      .map((text) => text.replace('<id>', 'spotify'))
      .filter((text) => /^[\w-]+\/.*\.\w+$/.test(text));
    assert.ok(paths.length > 8);
    for (const path of paths) assert.ok(existsSync(join(ROOT, path)), path);
  });

  test('names every field of an entry', () => {
    const source = read('src/oauth/provider/entry.rs');
    for (const struct of ['Entry', 'OpenId']) {
      const [, body] = new RegExp(` struct ${struct} \\{([^}]*)\\}`).exec(source);
      const fields = [...body.matchAll(/^ {4}pub(?:\(crate\))? (\w+):/gm)].map(([, name]) => name);
      const { rows } = guide.tables.find(({ columns }) => columns[0] === `field of \`${struct}\``);
      assert.deepEqual(rows.flatMap(([names]) => codes(names)).toSorted(), fields.toSorted());
    }
  });
});
