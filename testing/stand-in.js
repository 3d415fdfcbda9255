// Bitbucket as `kavachos/testing` gives it: one consumer with one callback URL.

import { approve } from './approve.js';
import { Bitbucket } from './server.js';
import { signIn } from './sign-in.js';

const CLIENT_ID = 'stand-in-key';
const CLIENT_SECRET = 'stand-in-secret';
/** What the documentation registers for development. */
const DEVELOPMENT = 'http://localhost:3000/api/kavach/auth/oauth/callback/bitbucket';
const OPTIONS = ['callbackUrl', 'port', 'scopes', 'users', 'variant'];

/** Starts it on a loopback port; types and explanations are in testing.d.ts. */
export async function startBitbucketStandIn(options = {}) {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${unknown} is not an option; the options are ${OPTIONS.join(', ')}`);
  }
  const { port = 0, ...rest } = options;
  const standIn = new BitbucketStandIn(rest);
  await standIn.listen(port, '127.0.0.1');
  return standIn;
}

class BitbucketStandIn extends Bitbucket {
  clientId = CLIENT_ID;
  clientSecret = CLIENT_SECRET;

  constructor({ callbackUrl = DEVELOPMENT, scopes, ...options }) {
    super({ consumer: { key: CLIENT_ID, secret: CLIENT_SECRET, callbackUrl, scopes }, ...options });
    this.callbackUrl = callbackUrl;
    if (Symbol.asyncDispose) {
      Object.defineProperty(this, Symbol.asyncDispose, { value: () => this.close() });
    }
  }

  approve(authorizationUrl, { user = this.#somebody(), deny } = {}) {
    return approve(authorizationUrl, { user, deny });
  }

  signIn(handler, { user = this.#somebody(), redirectTo } = {}) {
    return signIn(this, handler, { user, redirectTo });
  }

  #somebody() {
    return Object.keys(this.users)[0];
  }
}
