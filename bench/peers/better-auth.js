// better-auth as its documentation opens it: the `genericOAuth` plugin for a provider that it has
// no factory for, its own tables, PKCE, and the state of a sign-in in the database, which is its
// default.

import { betterAuth } from 'better-auth';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';

import { SCOPES, profileOf } from '../bitbucket.js';
import { HEADERS, cookieFrom } from '../browser.js';
import { openDriver } from '../drivers.js';
import { versionOf } from '../packages.js';

export const callbackPath = '/api/auth/callback/bitbucket';

export function version() {
  return versionOf('better-auth');
}

export const { migrate, open } = peerWith({});

/** @param {{ session?: object }} settings options of better-auth next to the common ones */
export function peerWith(settings) {
  return {
    /** Its command line does this once, not the application at each start. */
    async migrate(options) {
      const { getMigrations } = await import('better-auth/db/migration');
      const { driver, close } = await openDriver(options.database);
      const { runMigrations } = await getMigrations(configOf(options, driver, settings));
      await runMigrations();
      await close();
    },

    async open(options) {
      const { driver, close } = await openDriver(options.database);
      return peerOf(betterAuth(configOf(options, driver, settings)), options, close);
    },
  };
}

function configOf({ baseUrl, secret, consumer, endpoints }, database, settings) {
  return {
    database,
    secret,
    baseURL: baseUrl,
    plugins: [
      genericOAuth({
        config: [
          {
            providerId: 'bitbucket',
            clientId: consumer.key,
            clientSecret: consumer.secret,
            authorizationUrl: endpoints.authorizationUrl,
            tokenUrl: endpoints.tokenUrl,
            tokenEndpointAuth: { method: 'client_secret_basic' },
            scopes: SCOPES,
            pkce: true,
            getUserInfo: ({ accessToken }) => profileOf(endpoints, accessToken),
          },
        ],
      }),
    ],
    rateLimit: { enabled: false },
    logger: { disabled: true },
    telemetry: { enabled: false },
    ...settings,
  };
}

function peerOf(auth, { baseUrl }, close) {
  const signInUrl = `${baseUrl}/api/auth/sign-in/social`;
  const signInHeaders = { ...HEADERS, 'content-type': 'application/json', origin: baseUrl };
  const signInBody = JSON.stringify({ provider: 'bitbucket', callbackURL: '/' });

  return {
    async authorize() {
      const request = { method: 'POST', headers: signInHeaders, body: signInBody };
      const response = await auth.handler(new Request(signInUrl, request));
      if (response.status !== 200) throw new Error(`sign-in answered ${response.status}`);
      const { url } = await response.json();
      return { url, cookie: cookieFrom(response) };
    },

    async callback(url, cookie) {
      const headers = cookie ? { ...HEADERS, cookie } : HEADERS;
      const response = await auth.handler(new Request(url, { headers }));
      const session = cookieFrom(response);
      if (response.status !== 302 || !session.includes('better-auth.session_token=')) {
        const where = response.headers.get('location') ?? (await response.text());
        throw new Error(`the callback answered ${response.status} ${where}`);
      }
      return session;
    },

    async session(headers) {
      const signedIn = await auth.api.getSession({ headers });
      return signedIn && signedIn.user;
    },

    async ofNodeRequest() {
      const { fromNodeHeaders } = await import('better-auth/node');
      return async (req) => {
        const signedIn = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
        return signedIn && signedIn.user;
      };
    },

    close,
  };
}
