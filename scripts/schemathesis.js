// Asks a running instance everything that openapi.json allows, and much that it does not, and compares
// the answers with what it says: `node scripts/schemathesis.js`. Needs Python 3 with venv; schemathesis
// itself is installed from PyPI, outside the checkout.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { Client } from '../__test__/support/client.js';
import { bitbucketProvider, oauth } from '../auth.js';
import { createKavach } from '../index.js';
import { toNodeHandler } from '../node.js';
import { startBitbucket } from '../testing/server.js';
import { fail, root } from './environment.js';

const VERSION = '4.32.5';
const CONSUMER = { key: 'key', secret: 'secret' };
const BASE_PATH = '/api/kavach';

/** Checks that do not fit a sign-in, and why. */
const LEFT_OUT = [
  // A provider that nobody set up is refused, whatever form its name has.
  'positive_data_acceptance',
  // A parameter that no route reads is passed over, as HTTP has it.
  'negative_data_rejection',
  // It spoils the cookie and leaves our header as it is, which is enough to be let in.
  'ignored_auth',
];

const program = install();
const server = createServer((req, res) => handle(req, res));
await new Promise((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const baseUrl = `http://127.0.0.1:${server.address().port}`;
const callbackUrl = `${baseUrl}${BASE_PATH}/auth/oauth/callback/bitbucket`;
const bitbucket = await startBitbucket({ consumer: { ...CONSUMER, callbackUrl } });
const kavach = await createKavach({
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'a secret for a test that nobody else sees',
  baseUrl,
  // It asks thousands of times.
  rateLimit: { enabled: false },
  plugins: [
    oauth({ providers: [bitbucketProvider(CONSUMER.key, CONSUMER.secret, bitbucket.endpoints)] }),
  ],
});
const handle = toNodeHandler(kavach);

const browser = new Client(kavach.handler, { base: `${baseUrl}${BASE_PATH}` });
await browser.signIn('jane');
const { user } = await browser.session();
// Signing out comes last: nothing else answers after it.
const codes = [];
for (const which of ['--exclude-operation-id', '--include-operation-id']) {
  const { token } = await kavach.auth.session.create(user.id);
  codes.push(await run(program, [
    'run', join(root, 'openapi.json'),
    '--url', `${baseUrl}${BASE_PATH}`,
    '--header', `Authorization: Bearer ${token}`,
    '--checks', 'all',
    '--exclude-checks', LEFT_OUT.join(','),
    which, 'signOut',
    '--max-examples', '50',
  ]));
}
server.closeAllConnections();
server.close();
await kavach.close();
await bitbucket.close();
process.exitCode = Math.max(...codes);

function install() {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const venv = join(cache, 'kavachos', `schemathesis-${VERSION}`);
  const bin = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
  if (!existsSync(join(bin, 'schemathesis'))) {
    sure('python3', ['-m', 'venv', venv]);
    sure(join(bin, 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
  }
  return join(bin, 'schemathesis');
}

function sure(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) fail(`${command} ${args.join(' ')} failed. ${error?.message ?? ''}`);
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', reject).on('close', resolve);
  });
}
