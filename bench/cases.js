// What is measured. `operation` is a name in operations.js (peers) or floor.js (floors); `floor` is
// the entry below it that does the unavoidable part of the same work, so that a figure is a ratio.

export const CASES = [
  { name: 'authorize', title: 'authorize call', operation: 'authorize', concurrency: 1,
    floor: 'web-objects' },
  ...atOneAndMany({ name: 'sign-in-new', title: 'sign-in, new user', operation: 'signInNew',
    floor: 'provider-fetch' }),
  ...atOneAndMany({ name: 'sign-in-known', title: 'sign-in, known user',
    operation: 'signInKnown', floor: 'provider-fetch' }),
  ...atOneAndMany({ name: 'session', title: 'session check', operation: 'session' }),
];

export const FLOORS = [
  { name: 'no-op', title: 'no-op: the loop alone', operation: 'noop', concurrency: 1 },
  { name: 'web-objects', title: 'a web `Request` and `Response`, nothing between',
    operation: 'webObjects', concurrency: 1 },
  ...atOneAndMany({ name: 'provider-fetch', title: 'provider calls, `fetch`',
    operation: 'providerFetch' }),
  ...atOneAndMany({ name: 'provider-http', title: 'provider calls, `node:http`',
    operation: 'providerHttp' }),
];

/** Measured by processes of their own, see cold-start.js and worker.js. */
export const COLD_START = 'cold-start';
export const MEMORY = 'memory';

/** Have tables of their own, see id-token.js and requests.js. */
export const ID_TOKEN = 'id_token';
export const REQUESTS = 'requests';

/** What a sign-in may ask of a provider. */
export const REQUESTED = [
  { endpoint: 'token', title: 'token' },
  { endpoint: 'userinfo', title: 'user info' },
  { endpoint: 'emails', title: 'e-mails' },
  { endpoint: 'discovery', title: 'discovery' },
  { endpoint: 'jwks', title: 'keys' },
];

/** Every name that `--only` knows, next to the peers. */
export const CASE_NAMES = [
  ...CASES.map(({ name }) => name), COLD_START, MEMORY, ID_TOKEN, REQUESTS,
];

function atOneAndMany({ name, title, floor, ...rest }) {
  return [1, 32].map((concurrency) => ({
    name: `${name}-${concurrency}`,
    title: `${title}, ${concurrency} at a time`,
    concurrency,
    ...(floor && { floor: `${floor}-${concurrency}` }),
    ...rest,
  }));
}
