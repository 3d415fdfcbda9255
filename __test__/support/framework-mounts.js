// The same applications, mounted otherwise: behind a proxy, under a prefix, after a body parser.

import assert from 'node:assert/strict';

import { assertError } from './client.js';
import { startExample } from './example.js';
import { signOut, visitor, walk } from './framework-walk.js';

/** Starts a module in the directory of an example, in place of the example. */
export function startModule(t, name, source, options) {
  const command = [process.execPath, '--input-type=module', '-e', source];
  return startExample(t, name, { ...options, command });
}

/** The example itself behind a proxy that speaks https to the world. */
export async function walkBehindProxy(t, name, ip = '203.0.113.7') {
  const host = 'your-app.example';
  const app = await startExample(t, name, {
    publicUrl: `https://${host}`,
    env: { TRUSTED_PROXIES: '127.0.0.1,::1' },
  });
  const headers = {
    'x-forwarded-for': ip,
    'x-forwarded-proto': 'https',
    'x-forwarded-host': host,
  };
  await walk(t, app, { ip, headers });
}

/** A module that serves the routes, and they alone, below `/shop/api/kavach`. */
export async function mountUnderPrefix(t, name, source) {
  const basePath = '/shop/api/kavach';
  const moved = `process.env.BASE_URL += '${basePath}';\n${source}`;
  const app = await startModule(t, name, moved);
  const [consumer] = app.bitbucket.consumers.values();
  const callbackUrl = `${app.url}${basePath}/auth/oauth/callback/bitbucket`;
  app.bitbucket.setConsumer({ ...consumer, callbackUrl });
  const client = visitor(app, { basePath });
  await readsBodies(client);
  const elsewhere = await visitor(app).getJson('/auth/session');
  assert.equal(elsewhere.status, 404);
}

/** Signs in, and sends bodies that only count when they are read. */
export async function readsBodies(client) {
  assert.equal((await client.signIn('jane')).status, 302);
  assert.equal((await client.session()).user.email, 'jane@example.com');
  const { error } = await (await client.post('/auth/oauth/unlink', { provider: 7 })).json();
  assert.match(error.message, /provider/);
  const last = await client.post('/auth/oauth/unlink', { provider: 'bitbucket' });
  await assertError(last, 409, 'last_account');
  const { status } = await client.post('/auth/sign-out', { provider: 'bitbucket', extra: 1 });
  assert.equal(status, 400, 'a body that is not needed is read as well');
  await signOut(client);

  // Some providers answer by a form, whose words count as well.
  const state = new URL(await client.authorize()).searchParams.get('state');
  const form = new URLSearchParams({ state, error: 'access_denied' });
  const back = await client.post('/auth/oauth/callback/bitbucket', `${form}`, {
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
  });
  assert.equal(back.status, 302);
  assert.match(back.headers.get('location'), /error=access_denied$/);
}

/** On SIGTERM an application finishes by itself, long before it would be killed. */
export async function endsByItself(app) {
  const started = Date.now();
  await app.stop();
  assert.ok(Date.now() - started < 4000, app.output());
}
