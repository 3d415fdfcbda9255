// The command line, run as a program.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { createKavach } from '../index.js';
import { root } from '../scripts/environment.js';
import { BASE_URL, SECRET, startApp } from './support/app.js';
import { databases } from './support/database-matrix.js';

const PROGRAM = join(root, 'bin', 'kavachos.js');
const GOOD = 'q3Zb1Xw8Lr5Tn0Vy7Kc2Hd6Fj9Gs4Pm-uAeIoBx';

/** `{ code, stdout, stderr }`. Nothing of the environment counts but what is given. */
function kavachos(args, env = {}) {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DATABASE|KAVACH_SECRET|BASE_URL|\w+_CLIENT_)/.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { env: { ...own, ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

function directory(t) {
  const made = mkdtempSync(join(tmpdir(), 'kavachos-cli-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('help lists the commands, and shows of each what it takes', async () => {
  const { code, stdout } = await kavachos([]);
  assert.equal(code, 0);
  for (const name of ['secret', 'migrate', 'schema', 'doctor', 'sessions', 'users', 'prune']) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
    const help = await kavachos([name, '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, new RegExp(`^Usage: npx kavachos ${name}`));
    assert.match(help.stdout, /--json/);
  }
});

test('what is called wrongly ends with 2 and says how', async () => {
  for (const [args, message] of [
    [['migrat'], /There is no command migrat/],
    [['secret', '--length', '3'], /--length/],
    [['schema'], /--dialect/],
    [['schema', '--dialect', 'oracle'], /no dialect oracle/],
    [['sessions', 'drop'], /list or revoke/],
    [['users', 'show'], /Say whom/],
    [['migrate', 'now'], /now is one argument too many/],
    [['migrate'], /DATABASE_URL/],
  ]) {
    const { code, stdout, stderr } = await kavachos(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, message);
    assert.match(stderr, /^Usage: npx kavachos/m);
    assert.equal(stdout, '');
  }
});

test('secret makes another one each time, good enough for createKavach', async () => {
  const { code, stdout } = await kavachos(['secret']);
  const { secret } = JSON.parse((await kavachos(['secret', '--json'])).stdout);
  assert.equal(code, 0);
  assert.notEqual(stdout.trim(), secret);
  for (const text of [stdout.trim(), secret]) assert.equal(Buffer.from(text, 'base64').length, 32);
});

for (const database of databases().filter(({ name }) => name !== 'sqlite-memory')) {
  const { name, skip } = database;

  test(`migrate shows what it would do, does it once, and says so, on ${name}`, { skip }, async (t) => {
    const { options, query, drop } = await database.fresh();
    t.after(drop);
    const env = { DATABASE_URL: options.url };
    const dry = await kavachos(['migrate', '--dry-run'], env);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /-- 0001_initial[^]*CREATE TABLE [A-Z ]*kavach_users[^]*-- 0002_changes/);
    if (options.provider === 'sqlite') assert.equal(existsSync(options.url), false);
    else await assert.rejects(query('SELECT * FROM kavach_users'));

    const done = await kavachos(['migrate', '--json'], env);
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(JSON.parse(done.stdout), {
      applied: ['0001_initial', '0002_changes'], refused: [],
    });
    for (const args of [['migrate'], ['migrate', '--dry-run']]) {
      assert.equal((await kavachos(args, env)).stdout, 'The tables are up to date.\n');
    }
    const kavach = await createKavach({
      database: { ...options, skipMigrations: true }, secret: SECRET, baseUrl: BASE_URL,
    });
    await kavach.close();
  });

  if (database.canQuery !== 'write') continue;
  test(`schema makes a database that misses nothing, on ${name}`, { skip }, async (t) => {
    const { options, query, drop } = await database.fresh();
    t.after(drop);
    const { code, stdout } = await kavachos(['schema', '--dialect', options.provider]);
    assert.equal(code, 0);
    await runAll(options, query, stdout);
    const { stdout: left } = await kavachos(['migrate', '--dry-run'], { DATABASE_URL: options.url });
    assert.equal(left, 'The tables are up to date.\n');
  });

  test(`users and sessions are shown and ended, on ${name}`, { skip }, async (t) => {
    const { client, database: options, kavach } = await startApp(t, { database });
    await client.signIn('jane');
    const { user, session } = await client.session();
    const env = { DATABASE_URL: options.url };
    for (const who of [user.id, user.email]) {
      const shown = JSON.parse((await kavachos(['users', 'show', who, '--json'], env)).stdout);
      assert.equal(shown.user.id, user.id);
      assert.deepEqual(shown.accounts.map(({ provider }) => provider), ['bitbucket']);
      assert.deepEqual(shown.sessions.map(({ id }) => id), [session.id]);
    }
    const text = await kavachos(['users', 'show', user.id], env);
    assert.match(text.stdout, new RegExp(user.email));
    assert.equal(text.stdout.includes(client.token), false);

    const list = await kavachos(['sessions', 'list', user.id], env);
    assert.match(list.stdout, new RegExp(session.id));
    const ended = await kavachos(['sessions', 'revoke', session.id], env);
    assert.equal(ended.stdout, '1 session ended.\n');
    assert.equal((await kavachos(['sessions', 'revoke', session.id], env)).code, 1);
    await client.signIn('jane');
    await client.signIn('jane');
    const all = await kavachos(['sessions', 'revoke', user.id, '--all', '--json'], env);
    assert.deepEqual(JSON.parse(all.stdout), { ended: 2 });
    assert.deepEqual(await kavach.auth.session.list(user.id), []);
    assert.equal((await kavachos(['users', 'show', 'nobody@example.com'], env)).code, 1);
    assert.equal((await kavachos(['prune'], env)).stdout, 'What had expired is deleted.\n');
  });
}

test('what strangers chose cannot steer the terminal', async (t) => {
  const postgres = databases().find(({ canQuery, skip }) => canQuery === 'write' && !skip);
  if (!postgres) return t.skip('no server');
  const { client, database } = await startApp(t, { database: postgres });
  const url = await client.authorize();
  const { approve } = await import('../testing/server.js');
  await client.get(await approve(url, { user: 'jane' }), { 'user-agent': 'evil\u009b31mred' });
  const { user } = await client.session();
  const { stdout } = await kavachos(['sessions', 'list', user.id], { DATABASE_URL: database.url });
  assert.equal(stdout.includes('\u009b'), false);
});

test('doctor finds nothing wrong with a good environment, and shows the callback URL', async (t) => {
  const env = {
    DATABASE_URL: join(directory(t), 'app.db'),
    KAVACH_SECRET: GOOD,
    BASE_URL: 'https://your-app.com',
    BITBUCKET_CLIENT_ID: 'the-client-id',
    BITBUCKET_CLIENT_SECRET: 'the-client-secret',
  };
  await kavachos(['migrate'], env);
  const { code, stdout } = await kavachos(['doctor', '--offline'], env);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /https:\/\/your-app\.com\/api\/kavach\/auth\/oauth\/callback\/bitbucket/);
  assert.match(stdout, /Nothing is wrong/);
  for (const secret of [GOOD, 'the-client-secret']) assert.equal(stdout.includes(secret), false);
});

test('doctor names each mistake, and ends with 1', async (t) => {
  const good = {
    DATABASE_URL: join(directory(t), 'app.db'),
    KAVACH_SECRET: GOOD,
    BASE_URL: 'https://your-app.com',
  };
  for (const [wrong, check, detail] of [
    [{ KAVACH_SECRET: 'short' }, 'secret', /shorter than 32/],
    [{ KAVACH_SECRET: 'abcabcabc'.repeat(5) }, 'secret', /does not look random/],
    [{ KAVACH_SECRET: undefined }, 'secret', /none is set/],
    [{ DATABASE_URL: undefined }, 'database', /none is set/],
    [{ DATABASE_URL: 'postgres://kavach:pass-word@127.0.0.1:9/x' }, 'database', /cannot be opened/],
    [{ BASE_URL: undefined }, 'base URL', /none is set/],
    [{ BASE_URL: 'http://your-app.com' }, 'options', /baseUrl/],
    [{ BASE_URL: 'http://localhost:3000', NODE_ENV: 'production' }, 'base URL', /in production/],
  ]) {
    const env = Object.fromEntries(
      Object.entries({ ...good, ...wrong }).filter(([, value]) => value !== undefined),
    );
    const { code, stdout } = await kavachos(['doctor', '--offline', '--json'], env);
    assert.equal(code, 1, stdout);
    const { findings } = JSON.parse(stdout);
    const found = findings.find((one) => one.check === check && one.status === 'problem');
    assert.match(found?.detail ?? stdout, detail);
    assert.equal(stdout.includes('pass-word'), false);
  }
});

test('doctor reads a module, calls its providers, and compares the clock', async (t) => {
  const behind = createServer((req, res) => {
    res.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
    res.end();
  });
  await new Promise((resolve) => {
    behind.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => behind.close());
  const at = `http://127.0.0.1:${behind.address().port}`;
  const file = join(directory(t), 'auth.mjs');
  const entry = (name) => JSON.stringify(pathToFileURL(join(root, name)).href);
  writeFileSync(file, `
    import { bitbucketProvider, oauth } from ${entry('auth.js')};
    const endpoints = {
      authorizationUrl: '${at}/authorize', tokenUrl: 'http://127.0.0.1:9/token', userInfoUrl: '${at}/user',
      emailsUrl: '${at}/emails',
    };
    export const options = {
      database: { provider: 'sqlite', url: ':memory:' },
      secret: '${GOOD}',
      baseUrl: 'http://localhost:3000',
      plugins: [oauth({ providers: [bitbucketProvider('id', 'secret', endpoints)] })],
    };
  `);
  const { code, stdout } = await kavachos(['doctor', '--config', file]);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /127\.0\.0\.1:9 cannot be reached/);
  assert.match(stdout, /clock: 3\d{3} s behind/);
});

test('a module may export its instance', async (t) => {
  const file = join(directory(t), 'auth.mjs');
  const entry = (name) => JSON.stringify(pathToFileURL(join(root, name)).href);
  writeFileSync(file, `
    import { createKavach } from ${entry('index.js')};
    export const kavach = await createKavach({
      database: { provider: 'sqlite', url: ${JSON.stringify(`${file}.db`)} },
      secret: '${GOOD}',
      baseUrl: 'http://localhost:3000',
    });
  `);
  const { code, stdout, stderr } = await kavachos(['doctor', '--offline', '--config', file]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /sqlite answers/);
  assert.equal((await kavachos(['prune', '--config', file])).code, 0);
  assert.match((await kavachos(['migrate', '--config', file])).stderr, /migrated its database already/);
});

test('a module that cannot be loaded, or exports nothing of use, is named', async (t) => {
  const file = join(directory(t), 'auth.mjs');
  writeFileSync(file, 'export const nothing = 1;\n');
  const empty = await kavachos(['doctor', '--config', file]);
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /exports neither an instance nor options/);
  const gone = await kavachos(['doctor', '--config', `${file}.missing`]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /cannot be loaded/);
});

test('variables may come from a file', async (t) => {
  const made = directory(t);
  writeFileSync(join(made, 'env'), `DATABASE_URL=${join(made, 'app.db')}\n`);
  const { code, stdout } = await kavachos(['migrate', '--env-file', join(made, 'env')]);
  assert.equal(code, 0);
  assert.match(stdout, /applied 0001_initial/);
});

/** As `psql` or `mysql` would run it. */
async function runAll(options, query, sql) {
  if (options.provider === 'postgres') return query(sql);
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({ uri: options.url, multipleStatements: true });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
