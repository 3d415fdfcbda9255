// An application on better-auth, as it was before it came here: its own tables, made by its own
// migrations, and users who signed up by its own routes.

import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { admin } from 'better-auth/plugins/admin';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';

import { SCOPES, profileOf } from '../../bench/bitbucket.js';
import { approve } from '../../testing/server.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';

/** Below the base URL: what is registered at Bitbucket. */
export const CALLBACK_PATH = '/api/auth/callback/bitbucket';

/**
 * @param {import('kysely').Kysely<unknown>} kysely
 * @param {'sqlite' | 'postgres' | 'mysql'} type
 * @param {Record<string, string>} endpoints of Bitbucket
 */
export async function openBetterAuth(kysely, type, endpoints) {
  const options = {
    database: { db: kysely, type },
    secret: SECRET,
    baseURL: BASE_URL,
    emailAndPassword: { enabled: true },
    plugins: [admin(), genericOAuth({ config: [bitbucket(endpoints)] })],
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
  };
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);
  const browser = () => new Client((request) => auth.handler(request), { base: BASE_URL });

  return {
    /** Signs up, or in, with an account of Bitbucket: the browser that is signed in. */
    async signIn(user) {
      const client = browser();
      const started = await client.post('/api/auth/sign-in/social', {
        provider: 'bitbucket', callbackURL: '/',
      });
      const { url } = await started.json();
      const response = await client.get(await approve(url, { user }));
      if (new URL(response.headers.get('location'), BASE_URL).search !== '') {
        throw new Error(`better-auth refused ${user}: ${response.headers.get('location')}`);
      }
      return client;
    },

    /** Signs up with a password. */
    async signUp(email, name) {
      await auth.api.signUpEmail({ body: { email, name, password: 'a password for tests' } });
    },

    /** Who is signed in with this browser, as better-auth tells it; the times are dates. */
    async whoIs(client) {
      const cookie = [...client.cookies].map((pair) => pair.join('=')).join('; ');
      const { user } = await auth.api.getSession({ headers: new Headers({ cookie }) });
      return user;
    },

    /** What its admin plugin does to keep somebody out. */
    async ban(userId, banReason, banExpires = null) {
      const { internalAdapter } = await auth.$context;
      await internalAdapter.updateUser(userId, { banned: true, banReason, banExpires });
    },
  };
}

function bitbucket(endpoints) {
  return {
    providerId: 'bitbucket',
    clientId: CONSUMER.key,
    clientSecret: CONSUMER.secret,
    authorizationUrl: endpoints.authorizationUrl,
    tokenUrl: endpoints.tokenUrl,
    tokenEndpointAuth: { method: 'client_secret_basic' },
    scopes: SCOPES,
    getUserInfo: async ({ accessToken }) => ({
      ...(await profileOf(endpoints, accessToken)),
      image: 'https://example.com/picture.png',
    }),
  };
}
