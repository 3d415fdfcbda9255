// An application on Auth.js, as it was before it came here: the tables of its Kysely adapter, and
// users who signed up by its own routes.

import { Auth, skipCSRFCheck } from '@auth/core';
import Bitbucket from '@auth/core/providers/bitbucket';
import { KyselyAdapter } from '@auth/kysely-adapter';
import { sql } from 'kysely';

import { SCOPES, profileOf } from '../../bench/bitbucket.js';
import { approve } from '../../testing/server.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';

/** Below the base URL: what is registered at Bitbucket. */
export const CALLBACK_PATH = '/auth/callback/bitbucket';

/**
 * @param {import('kysely').Kysely<unknown>} kysely
 * @param {'sqlite' | 'postgres' | 'mysql'} type
 * @param {Record<string, string>} endpoints of Bitbucket
 * @param {'own' | 'built-in'} provider one that the application describes, or the one of Auth.js
 */
export async function openAuthjs(kysely, type, endpoints, provider = 'own') {
  for (const statement of tables(type)) await sql.raw(statement).execute(kysely);
  const adapter = KyselyAdapter(kysely);
  const config = {
    adapter,
    basePath: '/auth',
    logger: { error() {}, warn() {}, debug() {} },
    providers: [provider === 'own' ? ownProvider(endpoints) : builtIn(endpoints)],
    secret: SECRET,
    session: { strategy: 'database' },
    skipCSRFCheck,
    trustHost: true,
  };
  const browser = () => new Client((request) => Auth(request, config), { base: BASE_URL });

  return {
    /** Signs up, or in, with an account of Bitbucket: the browser that is signed in. */
    async signIn(user) {
      const client = browser();
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const started = await client.post('/auth/signin/bitbucket', 'callbackUrl=/', form);
      const response = await client.get(
        await approve(started.headers.get('location'), { user }),
      );
      const location = response.headers.get('location');
      if (new URL(location, BASE_URL).pathname !== '/') {
        throw new Error(`Auth.js refused ${user}: ${location}`);
      }
      return client;
    },

    /** What its e-mail sign-in leaves behind: a user with a verified address and no account. */
    createUser: (user) => adapter.createUser(user),

    /** Who owns an account of Bitbucket, as the adapter tells it. */
    whoOwns: (providerAccountId) =>
      adapter.getUserByAccount({ provider: 'bitbucket', providerAccountId }),
  };
}

function ownProvider(endpoints) {
  return {
    id: 'bitbucket',
    name: 'Bitbucket',
    type: 'oauth',
    clientId: CONSUMER.key,
    clientSecret: CONSUMER.secret,
    checks: ['pkce', 'state'],
    authorization: { url: endpoints.authorizationUrl, params: { scope: SCOPES.join(' ') } },
    token: endpoints.tokenUrl,
    userinfo: {
      url: endpoints.userInfoUrl,
      request: ({ tokens }) => profileOf(endpoints, tokens.access_token),
    },
    profile: ({ id, name, email }) => ({
      id, name, email, image: 'https://example.com/picture.png',
    }),
  };
}

/** Only the URLs are others. */
function builtIn(endpoints) {
  return Bitbucket({
    clientId: CONSUMER.key,
    clientSecret: CONSUMER.secret,
    authorization: { url: endpoints.authorizationUrl, params: { scope: 'account' } },
    token: endpoints.tokenUrl,
    userinfo: endpoints.userInfoUrl,
  });
}

/** As the adapter's types want them. An address may be missing: the built-in Bitbucket has none. */
function tables(type) {
  const { id, own, word, text, time } = TYPES[type];
  const q = type === 'mysql' ? '`' : '"';
  const user = `${q}userId${q} ${id} NOT NULL`;
  const owned = `FOREIGN KEY (${q}userId${q}) REFERENCES ${q}User${q} (id) ON DELETE CASCADE`;
  return [
    `CREATE TABLE ${q}User${q} (
      id ${own} PRIMARY KEY, name ${text}, email ${word} UNIQUE, ${q}emailVerified${q} ${time} NULL,
      image ${text}
    )`,
    `CREATE TABLE ${q}Account${q} (
      id ${own} PRIMARY KEY, ${user}, type ${text} NOT NULL, provider ${word} NOT NULL,
      ${q}providerAccountId${q} ${word} NOT NULL, refresh_token ${text}, access_token ${text},
      expires_at bigint, token_type ${text}, scope ${text}, id_token ${text},
      session_state ${text}, ${owned}
    )`,
    `CREATE TABLE ${q}Session${q} (
      id ${own} PRIMARY KEY, ${user}, ${q}sessionToken${q} ${word} NOT NULL UNIQUE,
      expires ${time} NOT NULL, ${owned}
    )`,
  ];
}

const TYPES = {
  sqlite: {
    id: 'text', own: 'text DEFAULT (lower(hex(randomblob(16))))',
    word: 'text', text: 'text', time: 'text',
  },
  postgres: {
    id: 'uuid', own: 'uuid DEFAULT gen_random_uuid()',
    word: 'text', text: 'text', time: 'timestamptz',
  },
  mysql: {
    id: 'varchar(36)', own: 'varchar(36) DEFAULT (uuid())',
    word: 'varchar(191)', text: 'text', time: 'datetime(3)',
  },
};
