// examples/deno on Deno, installed and walked through.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';

import { root } from '../scripts/environment.js';
import { programOf } from '../scripts/runtimes/install.js';
import { startExample } from './support/example.js';
import { endsByItself, walkBehindProxy } from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

const deno = programOf('deno');
const skip = deno ? false : 'npm has no Deno for this platform';
// As of an installed Deno, for the start script of the example.
if (deno) process.env.PATH = `${dirname(deno)}${delimiter}${process.env.PATH}`;

describe('the Deno example', { skip }, () => {
  test('signs in and out, stops when it is told to, and has the right types', async (t) => {
    const app = await startExample(t, 'deno');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await endsByItself(app);

    const cwd = join(root, 'examples', 'deno');
    const check = spawnSync(deno, ['check', 'server.ts'], { cwd, encoding: 'utf8' });
    assert.equal(check.status, 0, check.stderr);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'deno'));
});
