// What happens when the configuration cannot work: an error that names the path and what to write.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { createKavach, KavachError } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';
import sqlite from 'node-sqlite3-wasm';

import { databases } from './support/database-matrix.js';

const folder = mkdtempSync(join(tmpdir(), 'kavachos-config-'));
after(() => rmSync(folder, { recursive: true }));

const SECRET = 'a secret of more than 32 characters';
const base = () => ({
  database: { provider: 'sqlite', url: join(folder, 'never.db') },
  secret: SECRET,
  baseUrl: 'https://your-app.com',
});
const provider = () => bitbucketProvider('client-id', 'client-secret');

describe('an option that cannot be used is refused by its path, before any I/O:', () => {
  const cases = {
    'secret, missing': [{ secret: undefined }, 'secret', /32 random characters/],
    'secret, short': [{ secret: 'x'.repeat(31) }, 'secret', /32 random characters/],
    'secret, a number': [{ secret: 12_345 }, 'secret', /string/],
    'secret, an empty array': [{ secret: [] }, 'secret', /32 random characters/],
    'secret, one of them short': [{ secret: [SECRET, 'x'] }, 'secret[1]', /32 random/],
    'baseUrl, missing': [{ baseUrl: undefined }, 'baseUrl', /https:\/\/your-app\.com/],
    'baseUrl, relative': [{ baseUrl: '/app' }, 'baseUrl', /absolute/],
    'baseUrl, with a query': [{ baseUrl: 'https://your-app.com?x=1' }, 'baseUrl', /query/],
    'baseUrl, http elsewhere': [{ baseUrl: 'http://your-app.com' }, 'baseUrl', /https/],
    'basePath, no path': [{ basePath: 'https://x' }, 'basePath', /\/api\/kavach/],
    'database, missing': [{ database: undefined }, 'database', /provider/],
    'database.provider, unknown': [
      { database: { provider: 'oracle', url: 'x' } },
      'database.provider',
      /'sqlite', 'postgres' or 'mysql'/,
    ],
    'database.url, missing': [{ database: { provider: 'sqlite' } }, 'database.url', /missing/],
    'plugins, no array': [{ plugins: {} }, 'plugins', /array/],
    'plugins, a stranger': [{ plugins: [{ id: 'oauth' }] }, 'plugins[0]', /oauth\(\)/],
    'plugins, a bare provider': [() => ({ plugins: [provider()] }), 'plugins[0]', /oauth\(\)/],
    'logger, no function': [{ logger: console }, 'logger', /function/],
    'auth.session.expiresIn, text': [
      { auth: { session: { expiresIn: '7d' } } },
      'auth.session.expiresIn',
      /whole number/,
    ],
    'trustedOrigins, a wildcard': [
      { trustedOrigins: ['https://*.your-app.com'] },
      'trustedOrigins[0]',
      /wildcard/,
    ],
    'trustedProxies, a name': [{ trustedProxies: ['proxy'] }, 'trustedProxies[0]', /CIDR/],
  };

  for (const [name, [change, path, remedy]] of Object.entries(cases)) {
    test(name, async () => {
      const changed = typeof change === 'function' ? change() : change;
      const error = await refusal(createKavach({ ...base(), ...changed }));
      assertConfigError(error, path, remedy);
      assert.deepEqual(readdirSync(folder), []);
    });
  }

  for (const options of [undefined, null, 'x', 7, [], () => {}]) {
    test(`options, ${Array.isArray(options) ? 'an array' : typeof options}`, async () => {
      assertConfigError(await refusal(createKavach(options)), 'options', /object/);
    });
  }
});

describe('an unknown option is refused with the nearest known name:', () => {
  const atCreate = {
    'baseURL, a typo': [{ baseURL: 'https://your-app.com' }, 'baseURL', 'baseUrl'],
    'database.URL': [{ database: { provider: 'sqlite', URL: 'x' } }, 'database.URL', 'url'],
    'auth.sesion': [{ auth: { sesion: {} } }, 'auth.sesion', 'session'],
    'auth.session.expires_in': [
      { auth: { session: { expires_in: 60 } } },
      'auth.session.expires_in',
      'expiresIn',
    ],
  };
  for (const [name, [change, path, meant]] of Object.entries(atCreate)) {
    test(name, async () => {
      const error = await refusal(createKavach({ ...base(), ...change }));
      assertConfigError(error, path, new RegExp(`did you mean \`${meant}\``));
    });
  }

  test('provider for providers', () => {
    const error = thrown(() => oauth({ provider: [provider()] }));
    assertConfigError(error, 'provider', /did you mean `providers`/);
  });

  test('in oauth', () => {
    const error = thrown(() => oauth({ providers: [provider()], autolink: true }));
    assertConfigError(error, 'autolink', /did you mean `autoLink`/);
  });

  test('in a provider', () => {
    const error = thrown(() => bitbucketProvider('id', 'secret', { tokenURL: 'https://x' }));
    assertConfigError(error, 'tokenURL', /did you mean `tokenUrl`/);
  });
});

describe('credentials of a provider', () => {
  for (const empty of [undefined, null, '', '  ']) {
    test(`are refused when they are ${JSON.stringify(empty) ?? 'undefined'}`, () => {
      const id = thrown(() => bitbucketProvider(empty, 'secret'));
      assertConfigError(id, 'bitbucketProvider(clientId)', /client id|empty/i);
      const secret = thrown(() => bitbucketProvider('id', empty));
      assertConfigError(secret, 'bitbucketProvider(clientSecret)', /client secret|empty/i);
    });
  }

  test('are refused in the plain form too', () => {
    const plain = { id: 'bitbucket', clientId: 'id', clientSecret: undefined };
    const error = thrown(() => oauth({ providers: [plain] }));
    assertConfigError(error, 'oauth.providers[0].clientSecret', /environment variable/);
  });

  test('never show up in the error', () => {
    const error = thrown(() => bitbucketProvider('id', 'hunter2', { tokenURL: 'https://x' }));
    assert.doesNotMatch(`${error.stack}${error.cause}`, /hunter2/);
  });
});

describe('providers', () => {
  test('may be a record', async () => {
    const plain = { clientId: 'id', clientSecret: 'secret' };
    for (const providers of [{ bitbucket: provider() }, { bitbucket: plain }]) {
      const kavach = await createKavach({
        ...base(),
        database: { provider: 'sqlite', url: ':memory:' },
        plugins: [oauth({ providers })],
      });
      await kavach.close();
    }
  });

  test('must each be one', () => {
    for (const stranger of [undefined, null, 7, 'bitbucket', () => {}]) {
      const error = thrown(() => oauth({ providers: [stranger] }));
      assertConfigError(error, 'providers[0]', /bitbucketProvider|function/);
    }
  });

  test('must be there', () => {
    for (const options of [undefined, null, {}, { providers: [] }, { providers: 7 }]) {
      assert.match(thrown(() => oauth(options)).message, /bitbucketProvider|providers: \[/);
    }
  });

  test('must not come twice', () => {
    const error = thrown(() => oauth({ providers: [provider(), provider()] }));
    assertConfigError(error, 'providers[1]', /second time/);
  });

  test('must not have plain http endpoints, unless on this machine', () => {
    const elsewhere = 'https://bitbucket.example';
    const at = (tokenUrl) => bitbucketProvider('id', 'secret', {
      tokenUrl, userInfoUrl: `${elsewhere}/user`, emailsUrl: `${elsewhere}/emails`,
    });
    assertConfigError(
      thrown(() => at('http://example.com/token')),
      'tokenUrl',
      /https/,
    );
    assert.equal(at('http://127.0.0.1:1/token').tokenUrl, 'http://127.0.0.1:1/token');
  });
});

test('a token endpoint of one\'s own goes together with the other endpoints there', () => {
  const urls = {
    tokenUrl: 'https://bitbucket.example/token',
    userInfoUrl: 'https://bitbucket.example/user',
    emailsUrl: 'https://bitbucket.example/emails',
  };
  for (const name of ['userInfoUrl', 'emailsUrl']) {
    const { [name]: _, ...rest } = urls;
    const error = thrown(() => bitbucketProvider('id', 'secret', rest));
    assertConfigError(error, `bitbucketProvider.${name}`, /missing/);
  }
  assert.ok(bitbucketProvider('id', 'secret', urls));
});

// At once, since some of them wait those ten seconds.
const atOnce = { concurrency: true };
describe('a database that cannot be used gives a clear error within ten seconds:', atOnce, () => {
  const PASSWORD = 'correct-horse-battery';

  for (const [kind, scheme] of [
    ['postgres', 'postgres'],
    ['mysql', 'mysql'],
  ]) {
    test(`${kind}, where nobody listens`, async () => {
      const url = `${scheme}://kavach:${PASSWORD}@127.0.0.1:1/app`;
      await assertUnavailable({ provider: kind, url });
    });

    test(`${kind}, where nobody answers`, async (t) => {
      const sockets = new Set();
      const silent = createServer((socket) => sockets.add(socket));
      await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
      t.after(() => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      });
      const url = `${scheme}://kavach:${PASSWORD}@127.0.0.1:${silent.address().port}/app`;
      await assertUnavailable({ provider: kind, url });
    });
  }

  const servers = databases().filter(({ name }) => !name.startsWith('sqlite'));
  for (const { name, skip, fresh } of servers) {
    test(`${name}, with a wrong password`, { skip }, async (t) => {
      const { options, drop } = await fresh();
      t.after(drop);
      const url = new URL(options.url);
      url.password = PASSWORD;
      await assertUnavailable({ ...options, url: url.href });
    });
  }

  test('sqlite, a directory', async () => {
    await assertUnavailable({ provider: 'sqlite', url: tmpdir() });
  });

  test('sqlite, in a directory that does not exist', async () => {
    await assertUnavailable({ provider: 'sqlite', url: join(tmpdir(), 'no', 'such', 'app.db') });
  });

  test('sqlite, a read-only file', { skip: process.platform === 'win32' }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kavachos-read-only-'));
    try {
      const path = join(directory, 'app.db');
      new sqlite.Database(path).close();
      chmodSync(path, 0o444);
      chmodSync(directory, 0o555);
      assert.equal(await codeAsNobody(path), 'database_unavailable');
    } finally {
      chmodSync(directory, 0o755);
      rmSync(directory, { recursive: true });
    }
  });

  test('sqlite, a file of another kind', async () => {
    await assertUnavailable({ provider: 'sqlite', url: import.meta.filename });
  });

  test('sqlite, migrated by a newer release', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kavachos-newer-'));
    try {
      const database = { provider: 'sqlite', url: join(directory, 'app.db') };
      const kavach = await createKavach({ ...base(), database });
      await kavach.close();
      pretendNewer(database.url);
      const error = await refusal(createKavach({ ...base(), database }));
      assert.equal(error.code, 'schema_newer');
      assert.equal(error.status, 503);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('sqlite, not migrated when migrations are skipped', async () => {
    const database = { provider: 'sqlite', url: ':memory:', skipMigrations: true };
    const error = await refusal(createKavach({ ...base(), database }));
    assert.equal(error.code, 'schema_outdated');
  });

  async function assertUnavailable(database) {
    const before = performance.now();
    const error = await refusal(createKavach({ ...base(), database }));
    assert.ok(performance.now() - before < 10_500, 'it took more than ten seconds');
    assert.equal(error.code, 'database_unavailable');
    assert.equal(error.status, 503);
    assert.ok(error.cause instanceof Error);
    assert.notEqual(error.cause.message, '');
    assert.ok(!`${error.stack}${error.cause.message}`.includes(PASSWORD));
  }
});

function assertConfigError(error, path, remedy) {
  assert.ok(error instanceof KavachError, String(error));
  assert.equal(error.code, 'config_invalid', error.message);
  assert.equal(error.status, 500);
  assert.ok(error.message.includes(path), `"${error.message}" does not name ${path}`);
  assert.match(error.message, remedy);
}

async function refusal(promise) {
  try {
    await (await promise).close();
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

function thrown(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

// Root may write to read-only files, so someone else has to try.
async function codeAsNobody(path) {
  const script = `
    import { createKavach } from ${JSON.stringify(import.meta.resolve('kavachos'))};
    const database = { provider: 'sqlite', url: ${JSON.stringify(path)} };
    const options = { ...${JSON.stringify(base())}, database };
    try { await createKavach(options); console.log('accepted'); }
    catch (error) { console.log(error.code); }
  `;
  const nobody = process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const command = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, command, nobody);
  return stdout.trim();
}

// Adds a row to the bookkeeping of migrations that this release knows nothing of.
function pretendNewer(path) {
  // The driver of the tests knows no WAL: back to the rollback journal (file format, 1.3.3).
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from([1, 1]), 0, 2, 18);
  closeSync(file);
  const database = new sqlite.Database(path);
  try {
    const [{ name: table }] = database.all(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'kavach%migration%'",
    );
    const [row] = database.all(`SELECT * FROM ${table} ORDER BY version DESC LIMIT 1`);
    const newer = { ...row, version: Number(row.version) + 1000 };
    const names = Object.keys(newer);
    database.run(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      Object.values(newer),
    );
  } finally {
    database.close();
  }
}
