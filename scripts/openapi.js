// Writes openapi.json: the routes are those of the route table in Rust, what they take and give is in
// openapi-operations.js. With --check it only says whether the file is up to date.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bitbucketProvider, oauth } from '../auth.js';
import { createKavach } from '../index.js';
import { fail, root } from './environment.js';
import { OPERATIONS, SCHEMAS, refusals } from './openapi-operations.js';

const FILE = join(root, 'openapi.json');

/** The document of an instance with a provider. */
export async function openapi() {
  const kavach = await createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: 'only to read the route table, nothing is sealed',
    baseUrl: 'https://your-app.com',
    plugins: [oauth({ providers: [bitbucketProvider('id', 'secret')] })],
  });
  try {
    return documentOf(kavach.plugins.getEndpoints());
  } finally {
    await kavach.close();
  }
}

function documentOf(endpoints) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = {};
  for (const { method, path, description, requireAuth } of endpoints) {
    const name = `${method} ${path}`;
    const operation = OPERATIONS[name];
    if (!operation) fail(`scripts/openapi-operations.js says nothing of ${name}.`);
    const { parameters = [], errors = [], responses, ...rest } = operation;
    const own = path.includes(':provider') ? [PROVIDER, ...parameters] : parameters;
    const item = (paths[path.replace(':provider', '{provider}')] ??= {});
    item[method.toLowerCase()] = {
      summary: description,
      ...rest,
      ...(own.length > 0 && { parameters: own }),
      responses: {
        ...responses,
        ...refusals([...errors, ...(requireAuth ? ['unauthenticated'] : []), ...ALWAYS]),
      },
      ...(requireAuth && { security: [{ sessionCookie: [] }, { bearer: [] }] }),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'kavachos',
      version,
      description: 'Sign-in, sessions and linked accounts. Times are ISO 8601 in UTC.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: '{baseUrl}/api/kavach',
        variables: { baseUrl: { default: 'http://localhost:3000' } },
      },
    ],
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: {
        sessionCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-kavach_session',
          description: '`kavach_session` on http, or as `auth.session.cookieName` says.',
        },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

const PROVIDER = {
  name: 'provider',
  in: 'path',
  required: true,
  description: 'The id of a provider in the configuration, such as `bitbucket`.',
  schema: { type: 'string' },
  example: 'bitbucket',
};

/** What any route may answer. */
const ALWAYS = ['rate_limited', 'database_unavailable'];

if (process.argv[1] === import.meta.filename) {
  const text = `${JSON.stringify(await openapi(), null, 2)}\n`;
  if (!process.argv.includes('--check')) writeFileSync(FILE, text);
  else if (readFileSync(FILE, 'utf8') !== text) fail('openapi.json is old: node scripts/openapi.js');
}
