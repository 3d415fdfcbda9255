// examples/bun on Bun, installed and walked through.

import { delimiter, dirname } from 'node:path';
import { describe, test } from 'node:test';

import { programOf } from '../scripts/runtimes/install.js';
import { startExample } from './support/example.js';
import { endsByItself, walkBehindProxy } from './support/framework-mounts.js';
import { sessionShown, signInAt, visitor, walk } from './support/framework-walk.js';

const bun = programOf('bun');
const skip = bun ? false : 'npm has no Bun for this platform';
// As of an installed Bun, for the start script of the example.
if (bun) process.env.PATH = `${dirname(bun)}${delimiter}${process.env.PATH}`;

describe('the Bun example', { skip }, () => {
  test('signs in and out, and stops when it is told to', async (t) => {
    const app = await startExample(t, 'bun');
    await walk(t, app);
    const liar = visitor(app, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    await signInAt(liar, 'jane');
    await sessionShown(liar, '127.0.0.1');
    await endsByItself(app);
  });

  test('signs in behind a proxy, and records whom the proxy names', (t) =>
    walkBehindProxy(t, 'bun'));
});
