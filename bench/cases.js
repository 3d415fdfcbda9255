// What is measured. `operation` is a name in operations.js (peers) or floor.js (floors), `how` a
// way of measuring in turns.js; `floor` is the entry below it that does the unavoidable part of
// the same work, so that a figure is a ratio; `slices` is into how many short turns a sample is cut
// that alternate with those of the floor and of the other peers.

export const CASES = [
  { name: 'authorize', title: 'authorize call', how: 'run', operation: 'authorize',
    concurrency: 1, floor: 'web-objects', slices: 4 },
  ...atOneAndMany({ name: 'sign-in-new', title: 'sign-in, new user', how: 'run',
    operation: 'signInNew', floor: 'provider-fetch' }),
  ...atOneAndMany({ name: 'sign-in-known', title: 'sign-in, known user', how: 'run',
    operation: 'signInKnown', floor: 'provider-fetch' }),
  ...atOneAndMany({ name: 'session', title: 'session check', how: 'run', operation: 'session',
    floor: 'session-map', slices: 4 }),
  { name: 'session-http', title: 'session check through `node:http`, 50 connections', how: 'http',
    concurrency: 50, floor: 'bare-http', slices: 4 },
  { name: 'loop-delay', title: 'event loop delay p99, ms, 32 sign-ins at a time', how: 'loopDelay',
    operation: 'signInNew', concurrency: 32, floor: 'loop-delay-fetch' },
];

export const FLOORS = [
  { name: 'no-op', title: 'no-op: the loop alone', how: 'run', operation: 'noop', concurrency: 1 },
  { name: 'web-objects', title: 'a web `Request` and `Response`, nothing between', how: 'run',
    operation: 'webObjects', concurrency: 1 },
  ...atOneAndMany({ name: 'provider-fetch', title: 'provider calls, `fetch`', how: 'run',
    operation: 'providerFetch' }),
  ...atOneAndMany({ name: 'provider-http', title: 'provider calls, `node:http`', how: 'run',
    operation: 'providerHttp' }),
  ...atOneAndMany({ name: 'session-map', title: 'session check in a `Map`', how: 'run',
    operation: 'session' }),
  { name: 'bare-http', title: 'bare `node:http` server, 50 connections', how: 'http',
    concurrency: 50 },
  { name: 'loop-delay-fetch', title: 'event loop delay p99, ms, 32 provider calls at a time',
    how: 'loopDelay', operation: 'providerFetch', concurrency: 32 },
];

export const DATABASES = ['sqlite', 'postgres'];

/** Measured by processes of their own, see cold-start.js and worker.js. */
export const COLD_START = 'cold-start';
export const MEMORY = 'memory';

/** Counted, not timed, see counts.js. */
export const COUNTS = 'counts';

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

/** By its name alone, since it takes long: see scale.js. */
export const SCALE = 'scale';

/** Every other name that `--only` knows, next to the peers. */
export const CASE_NAMES = [
  ...CASES.map(({ name }) => name), COLD_START, MEMORY, COUNTS, ID_TOKEN, REQUESTS,
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
