// The page that React draws: its markup as a server sends it, and its script for the browser.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

import { root } from '../../scripts/environment.js';

/** Gives `{ markup, script }`. */
export async function reactPage() {
  // Inside the checkout, where the server's half finds React. Git ignores it.
  const parent = join(root, 'target');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'react-'));
  try {
    const outfile = join(directory, 'server.mjs');
    const [, browser] = await Promise.all([
      bundle('server.jsx', { platform: 'node', packages: 'external', outfile }),
      bundle('browser.jsx', { platform: 'browser', write: false }),
    ]);
    const { render } = await import(pathToFileURL(outfile).href);
    return { markup: render(), script: browser.outputFiles[0].text };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function bundle(name, options) {
  return build({
    entryPoints: [fileURLToPath(new URL(`client-react/${name}`, import.meta.url))],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    // What is wrong with a hydration, React says in development only.
    define: { 'process.env.NODE_ENV': '"development"' },
    ...options,
  });
}
