// Auth.js as its documentation opens it: a provider of one's own, PKCE and state, sessions in the
// database by way of its Kysely adapter, with the tables that the adapter's page lists.

import { Auth, skipCSRFCheck } from '@auth/core';
import { KyselyAdapter } from '@auth/kysely-adapter';
import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';

import { SCOPES, profileOf } from '../bitbucket.js';
import { HEADERS, cookieFrom } from '../browser.js';
import { openDriver } from '../drivers.js';
import { versionOf } from '../packages.js';

export const callbackPath = '/auth/callback/bitbucket';

export function version() {
  return versionOf('@auth/core');
}

export async function migrate({ database }) {
  const { createTables } = await import('../authjs-tables.js');
  const { kysely, close } = await openKysely(database);
  await createTables(kysely, database.provider);
  await close();
}

export async function open({ database, baseUrl, secret, consumer, endpoints }) {
  const { kysely, close } = await openKysely(database);
  const config = {
    adapter: KyselyAdapter(kysely),
    basePath: '/auth',
    callbacks: {
      // Of the user, only name, address and image are told without this.
      session: ({ session, user }) => ({ expires: session.expires, user }),
    },
    logger: { error() {}, warn() {}, debug() {} },
    providers: [bitbucket(consumer, endpoints)],
    secret,
    session: { strategy: 'database' },
    // As the `signIn()` of its frameworks does it, which is a server action and no form.
    skipCSRFCheck,
    trustHost: true,
    useSecureCookies: true,
  };
  const signInUrl = `${baseUrl}/auth/signin/bitbucket`;
  const sessionUrl = `${baseUrl}/auth/session`;
  const form = 'application/x-www-form-urlencoded';
  const signInHeaders = { ...HEADERS, 'content-type': form, origin: baseUrl };
  const signInBody = new URLSearchParams({ callbackUrl: '/' }).toString();

  /** By its `session` action, which is the only way in for a server without a framework. */
  async function whoSends(headers) {
    const response = await Auth(new Request(sessionUrl, { headers }), config);
    const signedIn = await response.json();
    return signedIn && signedIn.user;
  }

  return {
    async authorize() {
      const request = { method: 'POST', headers: signInHeaders, body: signInBody };
      const response = await Auth(new Request(signInUrl, request), config);
      if (response.status !== 302) throw new Error(`sign-in answered ${response.status}`);
      return { url: response.headers.get('location'), cookie: cookieFrom(response) };
    },

    async callback(url, cookie) {
      const headers = cookie ? { ...HEADERS, cookie } : HEADERS;
      const response = await Auth(new Request(url, { headers }), config);
      const signedIn = cookieFrom(response);
      if (response.status !== 302 || !signedIn.includes('authjs.session-token=')) {
        throw new Error(`the callback answered ${response.headers.get('location')}`);
      }
      return signedIn;
    },

    session: whoSends,
    ofNodeRequest: () => (req) => whoSends(req.headers),
    close,
  };
}

async function openKysely({ provider, ...rest }) {
  const { driver, close } = await openDriver({ provider, ...rest });
  const dialect = provider === 'sqlite'
    ? new SqliteDialect({ database: driver })
    : new PostgresDialect({ pool: driver });
  return { kysely: new Kysely({ dialect }), close };
}

function bitbucket({ key, secret }, endpoints) {
  return {
    id: 'bitbucket',
    name: 'Bitbucket',
    type: 'oauth',
    clientId: key,
    clientSecret: secret,
    checks: ['pkce', 'state'],
    authorization: { url: endpoints.authorizationUrl, params: { scope: SCOPES.join(' ') } },
    token: endpoints.tokenUrl,
    userinfo: {
      url: endpoints.userInfoUrl,
      request: ({ tokens }) => profileOf(endpoints, tokens.access_token),
    },
    profile: ({ id, name, email }) => ({ id, name, email }),
  };
}
