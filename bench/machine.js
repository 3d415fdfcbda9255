// Where the figures come from: the machine, Node, and the addon with the profile it was built in.

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

import { ensureBuilt } from '../scripts/build.js';
import { checkNode, fail, root } from '../scripts/environment.js';

/**
 * The addon, built in the release profile if need be. With `quick`, whatever is there: a smoke run
 * must neither wait for a compiler nor replace what others are testing with.
 */
export function prepareAddon({ quick }) {
  checkNode();
  if (!quick || !addon()) ensureBuilt({ release: !quick });
  const built = addon();
  if (!quick && built?.profile !== 'release') {
    fail(`The addon is of the ${built?.profile} profile: its figures would mean nothing.`);
  }
  return built;
}

/** `{ file, size, profile }`, or `undefined` when there is none. */
function addon() {
  const mine = (name) => name.endsWith('.node') && name.includes(`.${platform()}-${arch()}`);
  const name = readdirSync(join(root, 'js')).find(mine);
  // The loader obeys this variable, so what it names is what is measured.
  const file = process.env.NAPI_RS_NATIVE_LIBRARY_PATH ?? (name && join(root, 'js', name));
  if (!file) return undefined;
  const { size, mtimeMs } = statSync(file);
  return { file, size, profile: profileOf(`${size} ${mtimeMs}`) };
}

/** What scripts/build.js noted down, if it is about this very file. */
function profileOf(identity) {
  try {
    const stamp = join(root, 'node_modules', '.cache', 'kavachos', 'build.json');
    const { release: isRelease, outputs } = JSON.parse(readFileSync(stamp, 'utf8'));
    if (!outputs.includes(identity)) return 'unknown';
    return isRelease ? 'release' : 'development';
  } catch {
    return 'unknown';
  }
}

export function describeMachine() {
  const all = cpus();
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    /** Of the minute before: above a few tenths, somebody else is working on this machine. */
    load: loadavg()[0],
    commit: git('rev-parse', '--short', 'HEAD') || 'unknown',
    modified: Boolean(git('status', '--porcelain')),
  };
}
