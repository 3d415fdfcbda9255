// What a function of the application can do instead of what it should.

const cyclic = (fields) => {
  const value = { ...fields };
  value.self = value;
  return value;
};
const throws = (reason) => () => {
  throw reason;
};

class WithGetters {
  get id() {
    return 'inherited';
  }

  get accessToken() {
    return 'inherited';
  }
}

class Impostor extends Error {
  code = 'user_disabled';

  status = 200;
}

/** Ways not to answer at all. */
export const FAILS = {
  'throws': throws(new Error('the directory is down')),
  'rejects': () => Promise.reject(new Error('the directory is down')),
  'throws text': throws('the directory is down'),
  'throws undefined': throws(undefined),
  'throws null': throws(null),
  'throws a symbol': throws(Symbol('down')),
  'throws what cannot be printed': throws(Object.create(null)),
  'throws an error that throws': throws({
    get message() {
      throw new Error('no');
    },
  }),
  'throws an error with a code of ours': throws(new Impostor('the directory is down')),
  'throws a message of 1 MB': throws(new Error('x'.repeat(1 << 20))),
  'gives a promise that throws': () => ({
    // oxlint-disable-next-line unicorn/no-thenable -- that is the case
    then() {
      throw new Error('no');
    },
  }),
};

/** Answers that are no object. */
export const NO_OBJECTS = {
  'nothing': () => undefined,
  'null': () => null,
  'a number': () => 7,
  'NaN': () => NaN,
  'a big number': () => 1n,
  'true': () => true,
  'text': () => 'jane',
  'a symbol': () => Symbol('jane'),
  'a function': () => () => ({ id: 'jane', accessToken: 'x' }),
  'a list': () => [{ id: 'jane', accessToken: 'x' }],
  'a map': () => new Map([['id', 'jane'], ['accessToken', 'x']]),
  'an empty object': () => ({}),
  'an object in a circle': () => cyclic({ id: 'jane', accessToken: 'x' }),
  'an object whose fields throw': () => ({
    get id() {
      throw new Error('no');
    },
    get accessToken() {
      throw new Error('no');
    },
  }),
  'an object with nothing of its own': () => Object.create({ id: 'jane', accessToken: 'x' }),
  'an object of a class with getters': () => new WithGetters(),
  'an object with __proto__': () => JSON.parse('{"__proto__":{"id":"jane","accessToken":"x"}}'),
};

/** Profiles that name no account. */
export const NO_IDS = {
  'no id': (profile) => ({ ...profile, id: undefined }),
  'id null': (profile) => ({ ...profile, id: null }),
  'an id that JavaScript has rounded': (profile) => ({ ...profile, id: 2 ** 60 }),
  'an id that is a big number': (profile) => ({ ...profile, id: 7n }),
  'an id that is an object': (profile) => ({ ...profile, id: { toString: () => 'jane' } }),
  'an id that is a function': (profile) => ({ ...profile, id: () => 'jane' }),
  'an empty id': (profile) => ({ ...profile, id: '' }),
  'a blank id': (profile) => ({ ...profile, id: ' ' }),
  'an id with NUL': (profile) => ({ ...profile, id: 'jane\0' }),
  'an id of 256 characters': (profile) => ({ ...profile, id: 'j'.repeat(256) }),
};

/** Tokens that are none. */
export const NO_TOKENS = {
  'no access token': () => ({ refreshToken: 'x' }),
  'an access token that is a number': () => ({ accessToken: 7 }),
  'an access token that is null': () => ({ accessToken: null }),
  'an empty access token': () => ({ accessToken: '' }),
  'an access token in a list': () => ({ accessToken: ['x'] }),
  'an access token by another name': () => ({ access_token: 'x' }),
  'an end that is text': () => ({ accessToken: 'x', expiresAt: 'tomorrow' }),
  'an end that is no date': () => ({ accessToken: 'x', expiresAt: new Date(NaN) }),
};

/** Addresses where no browser is sent. */
export const NO_URLS = {
  'an empty text': () => '',
  'a path': () => '/login',
  'no URL': () => 'https://',
  'a script': () => 'javascript:alert(1)',
  'data': () => 'data:text/html,x',
  'a file': () => 'file:///etc/passwd',
};
