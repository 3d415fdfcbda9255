// Which blocks of the documentation are what: parts of a file in the repository, code to compile, or
// something else.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, page } from './docs.js';

/** Languages whose blocks are compiled, unless they show a file of the repository. */
const COMPILED = ['ts', 'tsx', 'js'];
/** Those with a test of their own. */
const TESTED = ['sh', 'json', 'mermaid', 'sql'];
/**
 * Those that nobody here can run, and signatures, which are `typescript`: they may be shown all the
 * same.
 */
const SHOWN = ['typescript', 'dotenv', 'html', 'svelte', 'vue', 'text', 'yaml', 'toml', 'nginx', 'dockerfile'];

/** Whether some test looks at a block, or knows that none can. */
export function isKnown(block) {
  return isExcerpt(block) || [...COMPILED, ...TESTED, ...SHOWN].includes(block.language);
}

/** A block that names a path, ```` ```js examples/express/server.js ````, shows a part of it. */
export function isExcerpt({ file }) {
  return file?.includes('/') ?? false;
}

/** The repository's file that a block shows. */
export function sourceOf({ file }) {
  return readFileSync(join(ROOT, file), 'utf8');
}

/**
 * The files that the blocks of these pages make up, by path. Blocks of a page that name the same
 * file are its parts, any other is one by itself. README.md is at the top, each other page has a
 * directory; where a page imports `./kavach.js` without having one, it is the one of README.md.
 */
export function codeOf(pages) {
  const files = new Map();
  for (const { name, blocks } of pages) {
    const own = filesOf(blocks);
    const needsKavach = [...own.values()].some((text) => text.includes("from './kavach.js'"));
    if (needsKavach && !own.has('kavach.ts') && !own.has('kavach.js')) {
      own.set('kavach.ts', filesOf(page('README.md').blocks).get('kavach.ts'));
    }
    for (const [file, text] of own) files.set(directoryOf(name) + file, text);
  }
  return files;
}

/** Where the code of a page is compiled: `docs-concepts-flow/`. */
export function directoryOf(name) {
  return name === 'README.md' ? '' : `${name.replace(/\.md$/, '').replaceAll('/', '-')}/`;
}

function filesOf(blocks) {
  const files = new Map();
  blocks
    .filter((block) => COMPILED.includes(block.language) && !isExcerpt(block))
    .forEach(({ language, file, text }, at) => {
      const name = file ?? `block-${at}.${language}`;
      files.set(name, (files.get(name) ?? '') + text);
    });
  return files;
}
