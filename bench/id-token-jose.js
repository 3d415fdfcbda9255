// Verification by `jose`, as its documentation says, and what it leaves to its users by hand. In a
// process of its own.

import { createRequire } from 'node:module';

import { serve } from './child.js';
import { halfHash } from './id-token-grants.js';
import { measure } from './measure.js';

let jose;

serve({
  /** The version. */
  async open() {
    jose = await import('jose');
    return createRequire(import.meta.url)('jose/package.json').version;
  },

  /** A job, see id-token.js. */
  async run({ grants, concurrency, milliseconds, ...issuer }) {
    const verify = verifier(issuer);
    try {
      // All of them once, which imports the keys as well.
      for (const grant of grants) await verify(grant);
    } catch (error) {
      return { refused: error.message };
    }
    let turn = 0;
    const next = () => grants[(turn = (turn + 1) % grants.length)];
    return measure(() => verify(next()), { concurrency, milliseconds });
  },
});

function verifier({ algorithm, jwks, issuer, clientId }) {
  const keys = jose.createLocalJWKSet(jwks);
  const options = {
    issuer,
    audience: clientId,
    algorithms: [algorithm],
    clockTolerance: LEEWAY,
    requiredClaims: ['sub', 'iat', 'exp'],
  };
  return async ({ idToken, nonce, accessToken, subject }) => {
    const { payload } = await jose.jwtVerify(idToken, keys, options);
    if (payload.iat > Date.now() / 1000 + LEEWAY) throw new Error('iat is in the future');
    if (payload.nonce !== nonce) throw new Error('nonce is another');
    if (payload.at_hash !== undefined && payload.at_hash !== halfHash(algorithm, accessToken)) {
      throw new Error('at_hash is another');
    }
    if (payload.sub !== subject) throw new Error(`wrong claims for ${subject}`);
    return payload;
  };
}

/** Seconds, as the library has it. */
const LEEWAY = 60;
