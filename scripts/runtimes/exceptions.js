// What is not asked of a runtime, for reasons that lie in the test or in the runtime.

/** Files that say nothing about the runtime which runs them: browsers, npm and compilers work. */
export const ELSEWHERE = [
  /^browser/, /^client/, /^deploying/, /^docs/, /^framework-/, /^migrating-/, /^openapi/,
  /^package\./, /^platforms/, /^release/, /^telemetry/, /^testing/, /^types-/, /^workflows/,
];

const CIPHER = 'they forge what the library seals, with a cipher that `node:crypto` lacks here';
const CLOCK = 'it compares the times of several processes, by a clock that starts with each';
const EVAL = 'it starts a program by `--input-type=module`, which is unknown here';
const EXPORTS = 'it reads the code of an error for which the runtime has another one';
const USER_AGENT = /under fetch's own User-Agent/;
const OTHER_AGENT = 'that of `fetch` is another one here';

/**
 * By the kind of runtime: tests that need not pass. They are those of `file` whose name matches
 * `test`; without `test`, the file is not run at all.
 */
export const EXCEPTIONS = {
  node: [],
  bun: [
    { file: 'attacks-secrets.test.js', test: /^\[(39|45)\]/, why: CIPHER },
    { file: 'attacks-state.test.js', test: /^\[6\]/, why: CIPHER },
    { file: 'cache-processes.test.js', why: CLOCK },
    {
      file: 'cluster.test.js',
      why: 'the workers of `node:cluster` do not share port 0 here, so that it is one that answers',
    },
    { file: 'events.test.js', test: /^hold no secret/, why: CIPHER },
    {
      file: 'facade.test.js',
      test: /^is an Error with a name/,
      why: 'a stack trace does not lead through an `await` to the caller here',
    },
    { file: 'facade.test.js', test: /^exports what is documented/, why: EXPORTS },
    { file: 'flow-callback.test.js', test: /^a flow whose time is over/, why: CIPHER },
    {
      file: 'http.test.js',
      test: /^another method gets 405/,
      why: '`new Request(url, { method: \'x\' })` makes a GET of it here',
    },
    {
      file: 'openid-config.test.js',
      why: 'it makes keys on a curve that `node:crypto` lacks here',
    },
    {
      file: 'own-providers.test.js',
      test: /^a function that hangs is given up after ten seconds/,
      why: 'a promise that nobody can settle is noticed here, and given up sooner',
    },
    { file: 'stand-in.test.js', test: USER_AGENT, why: OTHER_AGENT },
  ],
  deno: [
    {
      file: 'bitbucket-stand-in.test.js',
      test: /^runs from the command line/,
      why: 'a process that ends by itself on a signal counts as killed by it here',
    },
    { file: 'cache-processes.test.js', why: CLOCK },
    {
      file: 'cluster.test.js',
      why: '`t.after` of a test in a suite is not called here, so that its workers answer the next',
    },
    { file: 'config.test.js', test: /^sqlite, a read-only file/, why: EVAL },
    { file: 'events.test.js', test: /^keep no process alive/, why: EVAL },
    { file: 'facade.test.js', test: /^exports what is documented/, why: EXPORTS },
    { file: 'facade.test.js', test: /^does not keep a program alive/, why: EVAL },
    {
      file: 'lifecycle.test.js',
      why: 'it reads what threads print, which goes elsewhere here',
    },
    {
      file: 'node-handler.test.js',
      test: /^answers 413 to a larger body/,
      why: '`node:http` hangs up here on a client that still sends when it has been answered',
    },
    { file: 'stand-in.test.js', test: USER_AGENT, why: OTHER_AGENT },
  ],
};
