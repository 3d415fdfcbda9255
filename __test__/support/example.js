// An application of examples/, installed as its user would and started as a process of its own, with
// the Bitbucket stand-in behind it.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startBitbucket } from '../../testing/server.js';
import { npm, root } from '../../scripts/environment.js';

const CONSUMER = { key: 'example-key', secret: 'example-secret' };
const START_LIMIT = 120_000;

/**
 * Installs `examples/<name>`, runs its `build` script if it has one, and starts it; `t.after` stops
 * everything. Gives `{ url, bitbucket, output, stop }`.
 *
 * - `command`: what starts it in place of `npm start`, as an array
 * - `env`: over the usual variables
 * - `publicUrl`: where browsers see it, in place of `http://localhost:<port>`
 */
export async function startExample(t, name, { command, env = {}, publicUrl } = {}) {
  const directory = join(root, 'examples', name);
  install(directory);
  const port = await freePort();
  const url = publicUrl ?? `http://localhost:${port}`;
  const callbackUrl = `${url}/api/kavach/auth/oauth/callback/bitbucket`;
  const bitbucket = await startBitbucket({ consumer: { ...CONSUMER, callbackUrl } });
  t.after(() => bitbucket.close());
  const data = mkdtempSync(join(tmpdir(), 'kavachos-example-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));

  const app = run(command ?? ['npm', 'start'], directory, {
    PORT: `${port}`,
    BASE_URL: url,
    DATABASE_PROVIDER: 'sqlite',
    DATABASE_URL: join(data, 'app.db'),
    KAVACH_SECRET: randomBytes(32).toString('base64'),
    BITBUCKET_CLIENT_ID: CONSUMER.key,
    BITBUCKET_CLIENT_SECRET: CONSUMER.secret,
    BITBUCKET_ENDPOINTS: JSON.stringify(bitbucket.endpoints),
    ...env,
  });
  t.after(app.stop);
  await listening(port, app);
  return { url, port, bitbucket, ...app };
}

/** `npm ci` and the build, unless they were made of the same files. */
function install(directory) {
  const stamp = join(directory, 'node_modules', '.kavachos');
  const sources = hashOf(directory);
  if (read(stamp) === sources) return;
  npm(['ci', '--loglevel=error', '--no-audit', '--no-fund'], { cwd: directory });
  const { scripts } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  if (scripts.build) npm(['run', 'build'], { cwd: directory, env: buildEnvironment() });
  writeFileSync(stamp, sources);
}

/** A build may load the configuration, but signs nobody in. */
function buildEnvironment() {
  return {
    ...process.env,
    BASE_URL: 'http://localhost:3000',
    DATABASE_PROVIDER: 'sqlite',
    DATABASE_URL: ':memory:',
    KAVACH_SECRET: 'only for the build, which signs nobody in',
    BITBUCKET_CLIENT_ID: CONSUMER.key,
    BITBUCKET_CLIENT_SECRET: CONSUMER.secret,
  };
}

/** Of the example's own files, and of what it gets of ours. */
function hashOf(directory) {
  const hash = createHash('sha256');
  const own = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !GENERATED.test(path.slice(directory.length)));
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const ours = files
    .filter((name) => !name.startsWith('!'))
    .flatMap((name) => (name.endsWith('/') ? below(join(root, name)) : [join(root, name)]));
  for (const path of [...own, ...ours].sort()) hash.update(path).update(read(path) ?? '');
  return hash.digest('hex');
}

const GENERATED = /^[\\/](node_modules|dist|build|\.next|\.svelte-kit)[\\/]|^[\\/]next-env\.d\.ts$|\.db(-\w+)?$/;

function below(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function run([program, ...args], cwd, env) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: npm starts a shell, which starts the application.
    detached: true,
  });
  let text = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  }
  const done = new Promise((resolve) => {
    child.on('error', (error) => {
      text += error.message;
      ended = true;
      resolve();
    });
    child.on('close', () => {
      ended = true;
      resolve();
    });
  });
  return {
    /** What it has printed. */
    output: () => text,
    hasEnded: () => ended,
    async stop() {
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended already.
      }
      await Promise.race([done, sleep(5000).then(() => kill(child))]);
      await done;
    },
  };
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function listening(port, app) {
  const deadline = Date.now() + START_LIMIT;
  for (;;) {
    if (app.hasEnded()) throw new Error(`the example ended early:\n${app.output()}`);
    try {
      await fetch(`http://localhost:${port}/`, { redirect: 'manual' });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`no answer:\n${app.output()}`, { cause: error });
      await sleep(100);
    }
  }
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
