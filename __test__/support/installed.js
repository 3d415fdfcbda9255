// An application's project with the package in node_modules as the registry has it: without an
// addon of its own. Which packages of platforms are there is for the test to say.

import { spawnSync } from 'node:child_process';
import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { VERSION, platformOf } from '../../js/load.js';
import { root } from '../../scripts/environment.js';

export const HOST = platformOf();
export const ADDON = join(root, 'js', `kavachos.${HOST}.node`);

/** `t.after` removes it. */
export function installed(t) {
  const directory = mkdtempSync(join(tmpdir(), 'kavachos-installed-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = (...names) => join(directory, ...names);
  const write = (name, content) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  write('package.json', JSON.stringify({ name: 'app', private: true, type: 'module' }));
  copyLibrary(path('node_modules', 'kavachos'));

  return {
    path,
    write,
    /** The package of a platform; `addon` is its content, none when it is `null`. */
    platform(name = HOST, { version = VERSION, addon = readFileSync(ADDON) } = {}) {
      const main = `kavachos.${name}.node`;
      const manifest = { name: `kavachos-${name}`, version, main };
      write(`node_modules/kavachos-${name}/package.json`, JSON.stringify(manifest));
      if (addon) write(`node_modules/kavachos-${name}/${main}`, addon);
    },
    /** An addon beside the code of the library. */
    beside(name = HOST, addon = readFileSync(ADDON)) {
      write(`node_modules/kavachos/js/kavachos.${name}.node`, addon);
    },
    /** Runs a program and gives what it prints. */
    node(...args) {
      const { stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: directory,
        encoding: 'utf8',
      });
      return `${stdout}${stderr}`.trim();
    },
  };
}

function copyLibrary(target) {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const listed = files.filter((name) => !name.startsWith('!') && existsSync(join(root, name)));
  for (const name of ['package.json', ...listed]) {
    cpSync(join(root, name), join(target, name), {
      recursive: true,
      filter: (source) => !source.endsWith('.node'),
    });
  }
}
