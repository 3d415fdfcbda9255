// The stand-in for Bitbucket, in a process of its own, with two liberties that keep the measuring
// process free of work that is not the peer's:
//
// - It has a user for every number, made when asked for: `u1`, `u2`, …
// - `code.<consumer>.<user>` is a good code at any time, so that a sign-in need not spend a request
//   on the page where a person would click. The check before the timing does walk that page.

import { Bitbucket } from '../testing/server.js';
import { Grants } from '../testing/grants.js';
import { serve } from './child.js';

class EndlessBitbucket extends Bitbucket {
  constructor(options) {
    super(options);
    const limits = { accessTokenTtl: 7200, codeTtl: 600, refreshGrace: 600, now: Date.now };
    this.grants = new OpenGrants(limits, this.consumers);
  }

  user(key) {
    const [, number] = /^u(\d{1,12})$/.exec(key ?? '') ?? [];
    if (number === undefined) return undefined;
    const digits = number.padStart(12, '0');
    return {
      display_name: `User ${number}`,
      nickname: `User ${number}`,
      uuid: `{00000000-0000-4000-8000-${digits}}`,
      account_id: `712020:00000000-0000-4000-8000-${digits}`,
      emails: [{ email: `${key}@example.com`, is_primary: true, is_confirmed: true }],
    };
  }
}

class OpenGrants extends Grants {
  #consumers;

  constructor(limits, consumers) {
    super(limits);
    this.#consumers = consumers;
  }

  spendCode(code) {
    const [kind, key, user] = code?.split('.') ?? [];
    const consumer = this.#consumers.get(key);
    if (kind !== 'code' || !consumer || !user) return super.spendCode(code);
    return { grant: { consumer: key, user, scopes: consumer.scopes }, redirectUri: undefined };
  }
}

let bitbucket;

serve({
  /** One consumer for each peer, since each has a callback URL of its own. */
  async start(consumers) {
    const [consumer, ...others] = consumers;
    bitbucket = new EndlessBitbucket({ consumer, users: {}, autoApprove: true });
    for (const other of others) bitbucket.setConsumer(other);
    await bitbucket.listen(0, '127.0.0.1');
    return bitbucket.endpoints;
  },

  /** Requests so far, of everybody. */
  count: () => bitbucket.count(),
});
