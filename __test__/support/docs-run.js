// Runs the code of the documentation: compiles it in a directory inside the checkout, where the
// package finds itself by its name, and starts what it serves.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { packageBin } from '../../scripts/environment.js';
import { ROOT } from './docs.js';

/**
 * Type-checks files of TypeScript together and compiles them; JavaScript is taken as it is. Resolves
 * a file's path by its name; `change(name, from, to)` edits what was compiled, and fails when there
 * is nothing to edit; `rewrite(name, edit)` takes any function of the text.
 */
export function compile(t, files) {
  // Git and the linter ignore it already.
  const parent = join(ROOT, 'target');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'docs-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(CONFIG));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }

  const tsc = packageBin('typescript', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', directory], {
    cwd: directory,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The documentation does not compile:\n${stdout}${stderr}`);

  const path = (name) => join(directory, 'out', name.replace(/\.tsx?$/, '.js'));
  const rewrite = (name, edit) => {
    writeFileSync(path(name), edit(readFileSync(path(name), 'utf8')));
  };
  const change = (name, from, to) =>
    rewrite(name, (text) => {
      if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
      return text.replaceAll(from, () => to);
    });
  return { path, change, rewrite };
}

/**
 * Starts a compiled server; resolves to its address. Where it says `listen(3000)` it takes a free
 * port instead, and tells which.
 */
export async function serve(t, { path, change }, name, env) {
  change(name, 'listen(3000)', 'listen(0, function () { process.send(this.address().port); })');
  const server = spawn(process.execPath, [path(name)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const ended = new Promise((resolve) => server.on('close', resolve));
  t.after(() => {
    server.kill();
    return ended;
  });
  const port = await Promise.race([
    new Promise((resolve) => server.on('message', resolve)),
    ended.then((code) => {
      throw new Error(`${name} ended with ${code}: ${said}`);
    }),
  ]);
  return `http://127.0.0.1:${port}`;
}

const CONFIG = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    verbatimModuleSyntax: true,
    target: 'es2022',
    // The pages of an application are documented as well.
    lib: ['es2022', 'dom'],
    module: 'nodenext',
    moduleDetection: 'force',
    types: ['node'],
    outDir: 'out',
    rootDir: '.',
    noEmitOnError: true,
    allowJs: true,
    jsx: 'react-jsx',
  },
  include: ['**/*'],
  exclude: ['out'],
};
