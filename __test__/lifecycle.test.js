// From `createKavach` to `close`: processes, threads, migrations, databases that are not there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

import sqlite from 'node-sqlite3-wasm';

import { approve } from '../testing/server.js';
import { createKavach } from '../index.js';
import { BASE_URL, SECRET, isShared, rejects, startApp } from './support/app.js';
import { assertError } from './support/client.js';
import { databases } from './support/database-matrix.js';

const CHILD = fileURLToPath(new URL('./support/app-child.js', import.meta.url));
const run = promisify(execFile);

/** Runs support/app-child.js, which must end by itself; resolves to what it printed as JSON. */
async function child(task, options = {}, flags = []) {
  const { stdout } = await run(process.execPath, [...flags, CHILD, task, JSON.stringify(options)], {
    timeout: 30_000,
  });
  return JSON.parse(stdout);
}

const open = (database, more) =>
  createKavach({ database, secret: SECRET, baseUrl: BASE_URL, ...more });

async function freshDatabase(t, database) {
  const fresh = await database.fresh();
  t.after(fresh.drop);
  return fresh;
}

// Two at a time: most of the first suite is waiting.
describe('an instance', { concurrency: 2 }, () => {
  describe('on a database that cannot be used', { concurrency: true }, () => {
    const PASSWORD = 'pass-w0rd%21';
    async function refuses(database) {
      const started = Date.now();
      const error = await rejects(open(database), 'database_unavailable');
      assert.ok(Date.now() - started < 12_000, `${Date.now() - started} ms`);
      assert.equal(error.status, 503);
      assert.ok(error.message.length > 20, error.message);
      const shown = [
        error.message, error.stack, String(error.cause?.stack), String(error), inspect(error),
        inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error),
      ].join('\n');
      for (const secret of [PASSWORD, decodeURIComponent(PASSWORD), 'w0rd']) {
        assert.ok(!shown.includes(secret), shown);
      }
      return error;
    }
    const KINDS = [['postgres', 'postgres'], ['mysql', 'mysql']];

    for (const [provider, scheme] of KINDS) {
      const at = (address) => `${scheme}://kavach:${PASSWORD}@${address}`;

      test(`${provider}: nobody listens, or the host has no address`, async () => {
        await refuses({ provider, url: at('127.0.0.1:1/app') });
        await refuses({ provider, url: at('nowhere.invalid/app') });
      });

      test(`${provider}: a server that never answers`, async (t) => {
        const sockets = new Set();
        const silent = createServer((socket) => sockets.add(socket.on('error', () => {})));
        await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
        t.after(() => {
          silent.close();
          for (const socket of sockets) socket.destroy();
        });
        await refuses({ provider, url: at(`127.0.0.1:${silent.address().port}/app`) });
      });

      test(`${provider}: a server that speaks another protocol`, async (t) => {
        const other = createServer((socket) => {
          socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n');
        });
        await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
        t.after(() => other.close());
        await refuses({ provider, url: at(`127.0.0.1:${other.address().port}/app`) });
      });

      test(`${provider}: a URL that is none, or of something else`, async () => {
        for (const url of [
          `not a url ${PASSWORD}`, `http://x:${PASSWORD}@127.0.0.1/app`, at(''),
          at('127.0.0.1:99999/app'),
          `${scheme}://kavach:${PASSWORD}#@127.0.0.1/app`,
          `${scheme}://kavach:${PASSWORD}/x@127.0.0.1/app`,
          `${scheme}:kavach:${PASSWORD}@127.0.0.1/app`,
        ]) {
          await refuses({ provider, url });
        }
      });

      const admin = process.env[`KAVACH_TEST_${provider.toUpperCase()}_URL`];
      test(`${provider}: a wrong password, user or database`, { skip: !admin }, async () => {
        for (const change of [
          { password: PASSWORD }, { username: 'nobody', password: PASSWORD },
          { pathname: '/nowhere' },
        ]) {
          const url = Object.assign(new URL(admin), change);
          const error = await refuses({ provider, url: url.href });
          const own = decodeURIComponent(new URL(admin).password);
          assert.ok(!inspect(error, { showHidden: true }).includes(own));
        }
      });
    }

    test('sqlite: no directory, a directory, a file that is something else', async (t) => {
      const directory = mkdtempSync(join(tmpdir(), 'kavachos-bad-'));
      t.after(() => rmSync(directory, { recursive: true, force: true }));
      mkdirSync(join(directory, 'taken.db'));
      writeFileSync(join(directory, 'text.db'), 'This is no database. '.repeat(500));
      for (const file of ['missing/app.db', 'taken.db', 'text.db']) {
        await refuses({ provider: 'sqlite', url: join(directory, file) });
      }
    });
  });

  for (const database of databases()) {
    describe(`on ${database.name}`, { skip: database.skip }, () => {
      test('that is closed says so, whatever is asked, and closes twice', async (t) => {
        const { kavach, client } = await startApp(t, { database });
        await client.signIn('jane');
        const { user } = await client.session();
        const { auth, users } = kavach;
        const { token } = client;
        assert.equal(await kavach.close(), undefined);
        assert.equal(await kavach.close(), undefined);
        await Promise.all([kavach.close(), kavach.close()]);
        for (const call of [
          () => auth.getSession({ authorization: `Bearer ${token}` }),
          () => auth.resolveUser({ authorization: `Bearer ${token}` }),
          () => auth.session.create(user.id), () => auth.session.validate(token),
          () => auth.session.list(user.id), () => auth.session.revoke(user.id),
          () => auth.session.revokeAll(user.id), () => auth.getOAuthConnections(user.id),
          () => auth.disconnectOAuth(user.id, 'bitbucket'),
          () => auth.getAccessToken(user.id, 'bitbucket'), () => users.get(user.id),
          () => users.findByEmail('a@b.c'), () => users.delete(user.id),
        ]) {
          const error = await rejects(call(), 'closed');
          assert.equal(error.status, 503);
        }
        for (const path of ['/auth/session', '/auth/oauth/authorize/bitbucket', '/auth/error']) {
          await assertError(await client.getJson(path), 503, 'closed');
        }
        await assertError(await client.post('/auth/sign-out'), 503, 'closed');
      });

      test('lets what is in flight finish before it closes', async (t) => {
        const { kavach, client, bitbucket } = await startApp(t, { database });
        const back = await approve(await client.authorize(), { user: 'jane' });
        bitbucket.fail('token', 'hang');
        const callback = client.getJson(back);
        while (bitbucket.count('token') === 0) await sleep(5);

        let closed = false;
        const closing = kavach.close().then(() => (closed = true));
        await sleep(150);
        assert.equal(closed, false);
        await rejects(kavach.users.get('x'), 'closed');
        await bitbucket.close();
        await assertError(await callback, 502, 'provider_error');
        await closing;
      });

      test('is gone with its process after closing, and without closing too', async (t) => {
        const { options } = await freshDatabase(t, database);
        for (const close of [true, false]) {
          const { email } = await child('sign-in', { database: options, close });
          assert.equal(email, 'jane@example.com');
        }
      });

      test('may live in several worker threads at once', async (t) => {
        const { options } = await freshDatabase(t, database);
        const emails = await Promise.all(
          Array.from({ length: 3 }, () => new Promise((resolve, reject) => {
            const argv = ['sign-in', JSON.stringify({ database: options, close: true })];
            const worker = new Worker(CHILD, { argv, stdout: true });
            let printed = '';
            worker.stdout.on('data', (chunk) => (printed += chunk));
            worker.once('error', reject).once('exit', () => resolve(JSON.parse(printed).email));
          })),
        );
        assert.deepEqual(emails, Array(3).fill('jane@example.com'));
        const kavach = await open(options);
        await kavach.close();
      });

      test('without migrations names what is missing, and makes no table', async (t) => {
        const { options, query } = await freshDatabase(t, database);
        const skipping = { ...options, skipMigrations: true };
        const error = await rejects(open(skipping), 'schema_outdated');
        assert.match(error.message, /0001_initial/);
        assert.match(error.message, /skipMigrations/);
        if (!isShared(database)) return;
        await rejects(open(skipping), 'schema_outdated');
        await (await open(options)).close();
        const kavach = await open(skipping);
        assert.equal(await kavach.users.findByEmail('a@b.c'), null);
        await kavach.close();
        assert.equal((await query('SELECT * FROM kavach_users')).length, 0);
      });

      if (!isShared(database)) return;
      test('of ten processes on one empty database all come up', async (t) => {
        const { options, query } = await freshDatabase(t, database);
        const all = await Promise.all(
          Array.from({ length: 10 }, () => child('open', { database: options })),
        );
        assert.ok(all.length === 10 && all.every(({ opened }) => opened));
        const rows = await query('SELECT version, name FROM kavach_migrations ORDER BY version');
        assert.ok(rows.length >= 1);
        assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
      });

      test('refuses a database that a newer release has migrated', async (t) => {
        const { options, query } = await freshDatabase(t, database);
        await (await open(options)).close();
        const sql = 'INSERT INTO kavach_migrations (version, name, applied_at) VALUES (?, ?, ?)';
        const row = [9999, '9999_from_the_future', Date.now()];
        if (database.canQuery === 'write') {
          await query(sql, row);
        } else {
          const file = new sqlite.Database(options.url);
          file.exec('PRAGMA locking_mode = EXCLUSIVE');
          file.run(sql, row);
          file.close();
        }
        for (const skipMigrations of [false, true]) {
          const error = await rejects(open({ ...options, skipMigrations }), 'schema_newer');
          assert.match(error.message, /9999/);
        }
        const count = await query('SELECT version FROM kavach_migrations WHERE version < 9999');
        assert.ok(count.length >= 1);
      });
    });
  }

  test('has after three hundred sign-ins the memory that it had', async () => {
    const { before, after } = await child('memory', { rounds: 300 }, ['--expose-gc']);
    const grown = (after - before) / 2 ** 20;
    assert.ok(grown < 16, `${grown.toFixed(1)} MiB more`);
  });

  test('closes at the end of its block', { skip: !Symbol.asyncDispose }, async () => {
    const kavach = await open({ provider: 'sqlite', url: ':memory:' });
    await kavach[Symbol.asyncDispose]();
    await rejects(kavach.users.get('x'), 'closed');
  });
});
