// Bitbucket without Bitbucket: what the demo signs in with until it is given a real consumer.

import { startBitbucket } from '../../testing/server.js';

const clientId = 'demo';
const clientSecret = 'not a secret: only the stand-in knows it';

/** @param {string} baseUrl of the demo */
export async function startStandIn(baseUrl) {
  const consumer = {
    key: clientId,
    secret: clientSecret,
    callbackUrl: `${baseUrl}/api/kavach/auth/oauth/callback/bitbucket`,
    name: 'kavachos demo',
  };
  // The same port each time, if it is free: the addresses of the avatars are kept in the database.
  const port = Number(new URL(baseUrl).port) + 1;
  const bitbucket = await startBitbucket({ consumer, port }).catch(() =>
    startBitbucket({ consumer }),
  );
  return {
    clientId,
    clientSecret,
    options: bitbucket.endpoints,
    url: bitbucket.url,
    bitbucket,
    close: () => bitbucket.close(),
  };
}
