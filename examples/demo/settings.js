// What the demo reads from the environment.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DATA = fileURLToPath(new URL('.data', import.meta.url));

/** @param {Record<string, string | undefined>} env */
export function readSettings(env) {
  const port = readPort(env.PORT || '3000');
  const bitbucket = readConsumer(env.BITBUCKET_CLIENT_ID, env.BITBUCKET_CLIENT_SECRET);
  const url = env.DATABASE_URL || inData('demo.db');
  return {
    port,
    bitbucket,
    database: { provider: providerOf(url), url },
    databaseName: nameOf(url),
    secret: env.KAVACH_SECRET || keptSecret(inData('secret')),
  };
}

/** One line for the terminal: what went wrong, and why. */
export function explain(error) {
  if (error.code === 'EADDRINUSE') {
    return `Port ${error.port} is taken. Choose another one: PORT=${error.port + 2} npm start`;
  }
  const cause = error.cause?.message ? ` (${error.cause.message})` : '';
  return `${error.code ?? error.name}: ${error.message}${cause}`;
}

function readPort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw settingInvalid(`PORT must be a number up to 65535, not "${text}".`);
}

function readConsumer(clientId, clientSecret) {
  if (!clientId && !clientSecret) return undefined;
  if (clientId && clientSecret) return { clientId, clientSecret };
  const [there, missing] = clientId ? ['ID', 'SECRET'] : ['SECRET', 'ID'];
  throw settingInvalid(
    `BITBUCKET_CLIENT_${there} is set, BITBUCKET_CLIENT_${missing} is not. Set both for the real ` +
      'Bitbucket, or neither for the stand-in.',
  );
}

function providerOf(url) {
  const [, scheme] = /^([a-z]{2,}):/i.exec(url) ?? [];
  switch (scheme?.toLowerCase()) {
    case 'postgres':
    case 'postgresql':
      return 'postgres';
    case 'mysql':
    case 'mariadb':
      return 'mysql';
    case undefined:
    case 'sqlite':
    case 'file':
      return 'sqlite';
    default:
      throw settingInvalid(
        'DATABASE_URL must start with postgres://, mysql:// or sqlite:, or be the path of a ' +
          `SQLite file; it starts with ${scheme}:`,
      );
  }
}

/** Says which database it is, without the user name and the password. */
function nameOf(url) {
  const provider = providerOf(url);
  if (provider === 'sqlite') return `SQLite, ${url}`;
  const kind = provider === 'postgres' ? 'PostgreSQL' : 'MySQL';
  if (!URL.canParse(url)) return kind;
  const { host, pathname } = new URL(url);
  return `${kind}, ${host}${pathname}`;
}

/**
 * The secret must outlive a restart, or nobody's tokens could be opened any more. A deployment
 * takes it from its own store of secrets; a demo makes one up and keeps it in a file.
 */
function keptSecret(file) {
  try {
    writeFileSync(file, randomBytes(32).toString('base64'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

/** A file that only this user can reach. */
function inData(name) {
  mkdirSync(DATA, { recursive: true, mode: 0o700 });
  return join(DATA, name);
}

function settingInvalid(message) {
  return Object.assign(new Error(message), { code: 'setting_invalid' });
}
