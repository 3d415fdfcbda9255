// The quickstart, the recipes and docs/testing.md do what they say: their code runs, with the stand-in
// in place of Bitbucket.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { startBitbucketStandIn } from 'kavachos/testing';

import { startApp } from './support/app.js';
import { Client } from './support/client.js';
import { databases } from './support/database-matrix.js';
import { codeOf, directoryOf } from './support/docs-code.js';
import { compile, serve } from './support/docs-run.js';
import { page, pagesIn } from './support/docs.js';

const APP = 'https://your-app.com';
const LOCAL = 'http://localhost:3000';
const ROUTES = '/api/kavach/auth';
const SIGN_IN = `${ROUTES}/oauth/authorize/bitbucket`;
const CALLBACK = `${APP}${ROUTES}/oauth/callback/bitbucket`;
const ENVIRONMENT = {
  KAVACH_SECRET: 'a secret of more than 32 characters',
  BITBUCKET_CLIENT_ID: 'stand-in-key',
  BITBUCKET_CLIENT_SECRET: 'stand-in-secret',
  GITHUB_CLIENT_ID: 'id',
  GITHUB_CLIENT_SECRET: 'secret',
  PREVIEW: 'pr-12',
};
Object.assign(process.env, ENVIRONMENT);

const PAGES = ['docs/quickstart.md', 'docs/testing.md', ...pagesIn('docs/recipes')];
const docs = compile({ after }, codeOf(PAGES.map(page)));

test('the quickstart greets who signed in, and escapes the name', async (t) => {
  const app = await startPage(t, 'docs/quickstart.md', LOCAL);
  const send = await app.serve('server.js');
  app.bitbucket.users.jane.display_name = '<b>Jane</b>';

  const [, href] = /href="([^"]+)"/.exec(await textOf(send, '/', {}, LOCAL));
  assert.equal(href, SIGN_IN);
  const { cookie, location } = await app.bitbucket.signIn(send);
  assert.equal(location, `${LOCAL}/`);
  const greeting = await textOf(send, '/', { cookie }, LOCAL);
  assert.match(greeting, /^Hello, &#60;b&#62;Jane&#60;\/b&#62; \n/);

  const [, path] = /fetch\('([^']+)', \{ method: 'POST' \}\)/.exec(greeting);
  const headers = { cookie, origin: LOCAL };
  await send(new Request(`${LOCAL}${path}`, { method: 'POST', headers }));
  assert.match(await textOf(send, '/', { cookie }, LOCAL), /^<a /);
});

test('the tests of docs/testing.md pass', () => {
  const file = docs.path(`${directoryOf('docs/testing.md')}app.test.ts`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const reporter = '--test-reporter=tap';
  const run = spawnSync(process.execPath, ['--test', reporter, file], { encoding: 'utf8', env });
  assert.equal(run.status, 0, run.stdout);
  const named = page('docs/testing.md').blocks.flatMap(({ text }) => text.match(/^test\(/gm) ?? []);
  assert.equal(Number(/^# pass (\d+)$/m.exec(run.stdout)[1]), named.length);
});

describe('protect-a-route.md', () => {
  test('sends a browser to the sign-in and back, and a script away', async (t) => {
    const app = await startPage(t, 'docs/recipes/protect-a-route.md', APP);
    app.change('kavach.ts', 'secret:', 'auth: { session: { freshAge: 3 } }, secret:');
    const send = await app.serve('pages.ts');

    assert.equal(await redirectTo(send, '/dashboard?tab=1'), '/dashboard?tab=1');
    assert.equal((await get(send, '/api/me')).status, 401);
    const { cookie } = await app.bitbucket.signIn(send);
    assert.equal(await textOf(send, '/dashboard', { cookie }), 'Hello, Jane Example');
    assert.match(await textOf(send, '/api/me', { cookie }), /"email":"jane@example\.com"/);
    assert.equal(await textOf(send, '/account/delete', { cookie }), 'Are you sure?');
    await sleep(3100);
    assert.equal(await redirectTo(send, '/account/delete', { cookie }), '/account/delete');
  });

  test('does the same with web requests', async (t) => {
    const app = await startPage(t, 'docs/recipes/protect-a-route.md', APP);
    const { kavach } = await app.load('kavach.ts');
    t.after(() => kavach.close());
    const { page: send } = await app.load('page.ts');
    assert.equal(await redirectTo(send, '/notes?n=2'), '/notes?n=2');
    const { cookie } = await app.bitbucket.signIn(kavach.handler);
    assert.equal(await textOf(send, '/notes', { cookie }), 'Hello, Jane Example');
  });
});

test('bitbucket-api.md calls the API with the token of the user', async (t) => {
  const scopes = ['account', 'email', 'repository'];
  const app = await startPage(t, 'docs/recipes/bitbucket-api.md', APP, { scopes });
  const asked = [];
  const api = createServer((req, res) => {
    asked.push([req.url, req.headers.authorization]);
    res.end(JSON.stringify({ values: [{ full_name: 'acme/site' }] }));
  });
  await new Promise((resolve) => api.listen(0, '127.0.0.1', resolve));
  t.after(() => api.close());
  const url = `http://127.0.0.1:${api.address().port}`;
  app.change('repositories.ts', 'https://api.bitbucket.org', url);

  const { kavach } = await app.load('kavach.ts');
  t.after(() => kavach.close());
  const { repositories } = await app.load('repositories.ts');
  const send = (request) => repositories(request, 'acme');
  assert.equal(await redirectTo(send, '/repositories'), '/repositories');
  const { cookie } = await app.bitbucket.signIn(kavach.handler);
  assert.equal(await textOf(send, '/repositories', { cookie }), '["acme/site"]');
  const { user } = await kavach.auth.getSession({ cookie });
  const { accessToken } = await kavach.auth.getAccessToken(user.id, 'bitbucket');
  assert.deepEqual(asked, [['/2.0/repositories/acme?pagelen=100', `Bearer ${accessToken}`]]);
});

describe('second-provider.md', () => {
  test('offers both, and links the second one', async (t) => {
    const app = await startPage(t, 'docs/recipes/second-provider.md', APP);
    const { kavach } = await app.load('kavach.ts');
    t.after(() => kavach.close());
    const jane = new Client(kavach.handler, { base: `${APP}/api/kavach` });
    await jane.get(await app.bitbucket.approve(await jane.authorize()));

    const links = [];
    const document = { createElement: () => ({}), body: { append: (link) => links.push(link) } };
    const visited = await inPage(jane, { document }, async () => {
      await app.load('sign-in-links.ts');
      const { link } = await app.load('link.ts');
      await link('github');
    });
    assert.deepEqual(links.map(({ href, textContent }) => [textContent, href]), [
      ['Sign in with Bitbucket', SIGN_IN],
      ['Sign in with GitHub', SIGN_IN.replace('bitbucket', 'github')],
    ]);
    assert.match(visited[0], /^https:\/\/github\.com\/login\/oauth\/authorize\?/);
  });

  test('finds whom it would lock out to take one away', async (t) => {
    const database = databases().find(({ name }) => name === 'sqlite-file');
    const app = await startApp(t, { database });
    await app.client.signIn('jane');
    const { user } = await app.client.session();
    const { blocks } = page('docs/recipes/second-provider.md');
    const { text } = blocks.find(({ language }) => language === 'sql');
    assert.deepEqual(await app.query(text), []);
    const taken = await app.query(text.replace("'github'", "'bitbucket'"));
    assert.deepEqual(taken.map((row) => row.user_id), [user.id]);
  });
});

test('subdomains.md shares the session, and signs out from there', async (t) => {
  const app = await startPage(t, 'docs/recipes/subdomains.md', APP);
  const { kavach } = await app.load('kavach.ts');
  t.after(() => kavach.close());
  const { admin } = await app.load('admin.ts');
  const there = 'https://admin.your-app.com';
  assert.equal(await redirectTo(admin, '/', {}, there), `${there}/`);

  const { bitbucket } = app;
  const { cookie, location } = await bitbucket.signIn(kavach.handler, { redirectTo: `${there}/` });
  assert.equal(location, `${there}/`);
  assert.match(cookie, /^kavach_session=/);
  assert.equal(await textOf(admin, '/', { cookie }, there), 'Hello, Jane Example');

  const { fetch } = globalThis;
  let reloads = 0;
  globalThis.location = { reload: () => (reloads += 1) };
  globalThis.fetch = (url, { method, credentials }) => {
    assert.equal(credentials, 'include');
    return kavach.handler(new Request(url, { method, headers: { cookie, origin: there } }));
  };
  try {
    await app.load('sign-out.ts');
  } finally {
    globalThis.fetch = fetch;
    delete globalThis.location;
  }
  assert.equal(reloads, 1);
  assert.equal(await kavach.auth.getSession({ cookie }), null);
});

test('previews.md signs in by way of the relay, which leads to previews only', async (t) => {
  const app = await startPage(t, 'docs/recipes/previews.md', APP, {
    callbackUrl: `${APP}/preview/`,
  });
  const { kavach } = await app.load('kavach.ts');
  t.after(() => kavach.close());
  const { relay } = await app.load('relay.ts');
  const preview = 'https://pr-12.preview.your-app.com';
  const jane = new Client(kavach.handler, { base: `${preview}/api/kavach` });

  const back = await app.bitbucket.approve(await jane.authorize({ redirectTo: '/new' }));
  assert.ok(back.startsWith(`${APP}/preview/pr-12?code=`), back);
  const relayed = relay(new Request(back));
  const end = await jane.get(relayed.headers.get('location'));
  assert.equal(end.headers.get('location'), `${preview}/new`);
  assert.equal((await jane.session()).user.email, 'jane@example.com');

  for (const path of ['', 'pr-', 'pr-12.evil.example', 'evil.example', 'pr-12/', 'pr-12@evil']) {
    assert.equal(relay(new Request(`${APP}/preview/${path}?code=x`)).status, 404, path);
  }
});

/** The code of a page, led to a stand-in and to a database in memory. */
async function startPage(t, name, baseUrl, standIn) {
  const callbackUrl = CALLBACK.replace(APP, baseUrl);
  const bitbucket = await startBitbucketStandIn({ callbackUrl, ...standIn });
  t.after(() => bitbucket.close());
  const path = (file) => directoryOf(name) + file;
  const change = (file, from, to) => docs.change(path(file), from, to);
  const config = page(name).blocks.some(({ file }) => file === 'kavach.js')
    ? 'kavach.js'
    : 'kavach.ts';
  const endpoints = 'JSON.parse(process.env.BITBUCKET_ENDPOINTS)';
  process.env.BITBUCKET_ENDPOINTS = JSON.stringify(bitbucket.endpoints);
  docs.rewrite(path(config), (text) =>
    text
      .replace(/database: \{[^}]*\}/, "database: { provider: 'sqlite', url: ':memory:' }")
      .replace(/(SECRET), \['repository'\]/, `$1, { scopes: ['repository'], ...${endpoints} }`)
      .replace(/(BITBUCKET_CLIENT_SECRET), \{(?=\s*redirectUri)/, `$1, { ...${endpoints},`)
      .replace(/(BITBUCKET_CLIENT_SECRET)\)/, `$1, ${endpoints})`),
  );

  return {
    bitbucket,
    change,
    load: (file) => import(pathToFileURL(docs.path(path(file))).href),
    /** Starts a server, and gives what reaches it as if by a proxy. */
    async serve(file) {
      const url = await serve(t, docs, path(file), {});
      return async (request) =>
        fetch(request.url.replace(baseUrl, url), {
          method: request.method,
          headers: request.headers,
          redirect: 'manual',
        });
    },
  };
}

function get(send, path, headers = {}, origin = APP) {
  return send(new Request(origin + path, { headers }));
}

async function textOf(send, path, headers, origin) {
  const response = await get(send, path, headers, origin);
  assert.equal(response.status, 200);
  return response.text();
}

/** Where a browser would be after the sign-in that it is sent to. */
async function redirectTo(send, path, headers, origin) {
  const response = await get(send, path, headers, origin);
  assert.equal(response.status, 302);
  const url = new URL(response.headers.get('location'), APP);
  assert.equal(url.origin + url.pathname, APP + SIGN_IN);
  return url.searchParams.get('redirectTo');
}

/** Runs what belongs into a page; resolves to where the page went. */
async function inPage(client, globals, run) {
  const { fetch } = globalThis;
  const visited = [];
  Object.assign(globalThis, globals, { location: { assign: (url) => visited.push(url) } });
  globalThis.fetch = (path, { method, body, headers } = {}) => {
    return method === 'POST'
      ? client.post(APP + path, body, headers)
      : client.getJson(APP + path);
  };
  try {
    await run();
  } finally {
    globalThis.fetch = fetch;
    for (const name of [...Object.keys(globals), 'location']) delete globalThis[name];
  }
  return visited;
}
