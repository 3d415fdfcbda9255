// The application that a command is about: from a module of its own, or from the environment.

import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { createKavach, kavachHandle } from '../kavach.js';
import { oauth } from '../plugin.js';
import * as factories from '../providers.js';
import { Usage } from './usage.js';

/**
 * `{ kavach }` when the module exports an instance, else `{ options }`, as `createKavach` takes them.
 */
export async function applicationOf({ config }) {
  return config === undefined ? { options: optionsOf(process.env) } : load(config);
}

/** The `database` option of an application that is given by options. */
export function databaseOf({ options, kavach }) {
  if (kavach) {
    throw new Usage(
      'The module exports an instance, which has migrated its database already. Export its options, '
        + 'or leave --config out and set DATABASE_URL.',
    );
  }
  if (!options.database) throw new Usage('Set DATABASE_URL, or name a module by --config.');
  return options.database;
}

/** Runs `work` with an instance, and closes it if it was opened for that. The schema stays. */
export async function withKavach({ kavach, options }, work) {
  if (kavach) return work(kavach);
  const own = await createKavach({
    // Neither counts for what is read and deleted here.
    secret: randomBytes(32).toString('base64'),
    baseUrl: 'http://localhost:3000',
    ...defined(options),
    database: { ...databaseOf({ options }), skipMigrations: true },
  });
  try {
    return await work(own);
  } finally {
    await own.close();
  }
}


function optionsOf(environment) {
  const { DATABASE_URL: url, KAVACH_SECRET: secret, BASE_URL: baseUrl } = environment;
  const providers = FACTORIES.flatMap(([name, factory]) => {
    const prefix = prefixOf(name);
    const clientId = environment[`${prefix}_CLIENT_ID`];
    if (clientId === undefined) return [];
    // Some need more than these two, which only the application knows.
    try {
      return [factory(clientId, environment[`${prefix}_CLIENT_SECRET`])];
    } catch {
      return [];
    }
  });
  return {
    ...(url && { database: { provider: dialectOf(url), url } }),
    ...(secret && { secret }),
    ...(baseUrl && { baseUrl }),
    ...(providers.length > 0 && { plugins: [oauth({ providers })] }),
  };
}

const FACTORIES = Object.entries({ ...factories }).filter(([name]) => name.endsWith('Provider'));

function dialectOf(url) {
  if (/^postgres(ql)?:/.test(url)) return 'postgres';
  return /^(mysql|mariadb):/.test(url) ? 'mysql' : 'sqlite';
}

/** `googleProvider` to `GOOGLE`, `azureADProvider` to `AZURE_AD`. */
function prefixOf(name) {
  return name
    .slice(0, -'Provider'.length)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase();
}

async function load(path) {
  let module;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const hint = error?.code === 'ERR_UNKNOWN_FILE_EXTENSION'
      ? ' This Node reads no TypeScript: name the file that your build makes of it, or use a newer Node.'
      : '';
    throw new Error(`${path} cannot be loaded.${hint}`, { cause: error });
  }
  for (const name of ['kavach', 'default', 'options', 'config']) {
    const given = await module[name];
    if (kavachHandle(given)) return { kavach: given };
    if (given?.database) return { options: given };
  }
  throw new Usage(
    `${path} exports neither an instance nor options: export one as \`kavach\` or as \`options\`.`,
  );
}

function defined(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
