// better-auth with its cookie cache: a signed copy of the session travels with the browser, and is
// believed for its whole life without asking the database, also when the session has ended
// meanwhile.

import { peerWith } from './better-auth.js';

export { callbackPath, version } from './better-auth.js';

export const { migrate, open } = peerWith({
  // Longer than the five minutes of its default: the copies have to last for the whole run.
  session: { cookieCache: { enabled: true, maxAge: 3600 } },
});
