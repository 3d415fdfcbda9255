// A peer is one file like this one: the library, opened as its own documentation says, behind five
// functions. Everything else is common to all. One whose tables are not made by `open` exports
// `migrate(options)` too.

import { readFileSync } from 'node:fs';

import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { HEADERS, cookieFrom } from '../browser.js';

/** Below the base URL: what is registered at the provider. */
export const callbackPath = '/api/kavach/auth/oauth/callback/bitbucket';

/** The library's version. */
export function version() {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/**
 * - `database`: `{ provider: 'sqlite' | 'postgres', url }`, empty or as an earlier `open` left it
 * - `consumer`: `{ key, secret, callbackUrl }`, as registered at the provider
 * - `endpoints`: `authorizationUrl`, `tokenUrl`, `userInfoUrl`, `emailsUrl` of the provider
 */
export async function open({ database, baseUrl, secret, consumer, endpoints }) {
  const kavach = await createKavach({
    database,
    secret,
    baseUrl,
    rateLimit: { enabled: false },
    plugins: [oauth({ providers: [bitbucketProvider(consumer.key, consumer.secret, endpoints)] })],
  });
  const authorizeUrl = `${baseUrl}/api/kavach/auth/oauth/authorize/bitbucket`;

  return {
    /** Starts a sign-in: where the browser goes, and the `Cookie` header that it then has. */
    async authorize() {
      const response = await kavach.handler(new Request(authorizeUrl, { headers: HEADERS }));
      if (response.status !== 302) throw new Error(`authorize answered ${response.status}`);
      return { url: response.headers.get('location'), cookie: cookieFrom(response) };
    },

    /** Finishes it: the `Cookie` header of the signed-in browser. Throws when nobody is. */
    async callback(url, cookie) {
      const headers = cookie ? { ...HEADERS, cookie } : HEADERS;
      const response = await kavach.handler(new Request(url, { headers }));
      const session = cookieFrom(response);
      if (response.status !== 302 || !session.includes('kavach_session=')) {
        const where = response.headers.get('location') ?? (await response.text());
        throw new Error(`the callback answered ${response.status} ${where}`);
      }
      return session;
    },

    /** Who sends these headers? `{ id, email }`, or `null`. @param {Headers} headers */
    async session(headers) {
      const signedIn = await kavach.auth.getSession(headers);
      return signedIn && signedIn.user;
    },

    /** The same for a request of `node:http`: `(req) => user`. */
    ofNodeRequest: () => async (req) => {
      const signedIn = await kavach.auth.getSession(req);
      return signedIn && signedIn.user;
    },

    /** Ends a session; `false` when there is none. Only scale.js asks for it. */
    revoke: (id) => kavach.auth.session.revoke(id),

    close: () => kavach.close(),
  };
}
