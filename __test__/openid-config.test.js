// Options of providers that cannot work: refused at start, by their path, with what to do instead.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  appleProvider, auth0Provider, cognitoProvider, createAppleProvider, createGoogleProvider,
  facebookProvider, genericOIDC, githubProvider, googleProvider, microsoftProvider, oauth,
  oktaProvider, paypalProvider,
} from 'kavachos/auth';
import { KavachError, createKavach } from 'kavachos';

import { GOOD, NO_KEYS, RSA } from './support/misbehaving-keys.js';
import { custom, own } from './support/misbehaving-own.js';

const SECRET = 'hunter2-hunter2-hunter2-hunter2';
const SITE = { url: 'https://custom.example' };
const usual = (options) => ({
  id: 'corp',
  issuer: 'https://login.example',
  clientId: 'client-id',
  clientSecret: SECRET,
  ...options,
});
const oidc = (options) => () => genericOIDC(usual(options));
const plain = (options) => () => usual(options);
const described = (options) => () => custom(SITE, { clientSecret: SECRET, ...options });
const made = (options) => () => own(options);
/** A factory of the catalogue, with these options. */
const google = (options) => () => googleProvider('client-id', SECRET, options);
const created = (options) => () => {
  return createGoogleProvider({ clientId: 'client-id', clientSecret: SECRET, ...options });
};

test('the options that the cases start from are good', async () => {
  for (const make of [oidc(), plain(), described(), made(), google()]) {
    const kavach = await start(make);
    await kavach.close();
  }
});

describe('an id that cannot stand in an address is refused:', () => {
  const ids = {
    'with a slash': 'a/b', 'in capitals': 'Corp', 'empty': '', 'blank': ' ', 'of dots': '..',
    'with a dot': 'a.b', 'with a blank': 'a b', 'with a percent sign': 'a%2fb',
    'with a question mark': 'a?b', 'with a line break': 'a\n', 'with NUL': 'a\0', 'in Greek': 'αβ',
    '__proto__': '__proto__', 'of 300 characters': 'a'.repeat(300), 'a number': 7, 'null': null,
    'missing': undefined,
  };
  for (const [name, id] of Object.entries(ids)) {
    for (const [kind, make] of Object.entries({ oidc, plain, described, made })) {
      test(`${name}, ${kind}`, async () => assertRefused(make({ id }), 'id'));
    }
  }

  test('as a key of a record', async () => {
    const { id, ...rest } = usual();
    assert.equal(id, 'corp');
    for (const key of ['a/b', 'Corp', '', '__proto__']) {
      const providers = JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(rest)}}`);
      const error = thrown(() => oauth({ providers }));
      assertConfigError(error);
    }
  });
});

describe('a provider that comes a second time is refused:', () => {
  const pairs = {
    'two of one id': [oidc(), oidc({ issuer: 'https://other.example' })],
    'two of the catalogue': [google(), google()],
    'one in the plain form': [oidc(), plain()],
    'one that is described': [described({ id: 'corp' }), oidc()],
    'one that is made of functions': [made({ id: 'corp' }), oidc()],
  };
  for (const [name, pair] of Object.entries(pairs)) {
    test(name, () => {
      const error = thrown(() => oauth({ providers: pair.map((make) => make()) }));
      assertConfigError(error, 'providers[1]', /second time|twice/);
    });
  }
});

describe('an issuer that is none is refused:', () => {
  const issuers = {
    'with a query': 'https://login.example?tenant=x',
    'with a fragment': 'https://login.example#x',
    'with an empty query': 'https://login.example/?',
    'with a user': 'https://user:pass@login.example',
    'by http': 'http://login.example',
    'by http on a host that begins like this one': 'http://127.0.0.1.login.example',
    'by http on localhost of another': 'http://localhost.login.example',
    'by http on a private address': 'http://10.0.0.1',
    'by ftp': 'ftp://login.example',
    'a path': '/login',
    'a host': 'login.example',
    'text': 'login',
    'empty': '',
    'a number': 7,
    'null': null,
    'missing': undefined,
  };
  for (const [name, issuer] of Object.entries(issuers)) {
    test(name, () => assertRefused(oidc({ issuer }), 'issuer'));
  }

  test('of a provider of the catalogue', () => {
    return assertRefused(google({ issuer: 'https://login.example?x' }), 'issuer');
  });

  test('but http is good on this machine', async () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      await (await start(oidc({ issuer: `http://${host}:8080/realms/x` }))).close();
    }
  });
});

describe('a placeholder that was left in is refused:', () => {
  const cases = {
    'in an issuer': [oidc({ issuer: 'https://your-tenant.login.example' }), 'issuer'],
    'in the path of an issuer': [oidc({ issuer: 'https://login.example/your-tenant' }), 'issuer'],
    'in braces in an issuer': [oidc({ issuer: 'https://login.example/{tenant}/v2.0' }), 'issuer'],
    'in angles in an issuer': [oidc({ issuer: 'https://login.example/<tenant>/v2.0' }), 'issuer'],
    'as a tenant': [microsoft('your-tenant'), 'tenant'],
    'as a tenant id': [microsoft('your-tenant-id'), 'tenant'],
    'as a tenant in capitals': [microsoft('YOUR_TENANT_ID'), 'tenant'],
    'as a tenant in braces': [microsoft('{tenant}'), 'tenant'],
    'as a tenant in angles': [microsoft('<tenant>'), 'tenant'],
    'as a domain of Auth0': [auth0('YOUR_DOMAIN.auth0.com'), 'domain'],
    'as a domain of Auth0 in small letters': [auth0('your-tenant.auth0.com'), 'domain'],
    'as a domain in braces': [auth0('{domain}'), 'domain'],
    'as a domain in angles': [auth0('<domain>.auth0.com'), 'domain'],
    'as a domain of Okta': [okta('your-org.okta.com'), 'domain'],
    'as a domain of Okta in braces': [okta('{yourOktaDomain}'), 'domain'],
    'as an authorization server': [
      okta('x.okta.com', { authorizationServerId: '{id}' }), 'authorizationServerId',
    ],
    'as a domain of Cognito': [cognito({ domain: 'your-domain.auth.com' }), 'domain'],
    'as a user pool': [cognito({ userPoolId: '<user-pool-id>' }), 'userPoolId'],
    'as a region': [cognito({ region: '{region}' }), 'region'],
  };
  for (const [name, [make, option]] of Object.entries(cases)) {
    test(name, () => assertRefused(make, option, /placeholder|your own|in its place/i));
  }
});

describe('a domain or another part of an address is refused:', () => {
  const cases = {
    'with a scheme': [auth0('https://x.auth0.com'), 'domain'],
    'with a path': [auth0('x.auth0.com/path'), 'domain'],
    'with a query': [auth0('x.auth0.com?x'), 'domain'],
    'with a fragment': [auth0('x.auth0.com#x'), 'domain'],
    'with a user': [auth0('user@x.auth0.com'), 'domain'],
    'with a backslash': [auth0('x.auth0.com\\@evil.example'), 'domain'],
    'with a blank': [auth0('x auth0.com'), 'domain'],
    'with a line break': [auth0('x.auth0\n.com'), 'domain'],
    'empty': [auth0(''), 'domain'],
    'missing': [auth0(undefined), 'domain'],
    'a number': [auth0(7), 'domain'],
    'of Okta, with a scheme': [okta('https://x.okta.com'), 'domain'],
    'of Okta, with a path': [okta('x.okta.com/oauth2/default'), 'domain'],
    'of Cognito, with a scheme': [cognito({ domain: 'https://x.auth.com' }), 'domain'],
    'an authorization server with a path': [
      okta('x.okta.com', { authorizationServerId: '../admin' }), 'authorizationServerId',
    ],
    'a region that is a host': [cognito({ region: 'evil.example/' }), 'region'],
    'a user pool with a path': [cognito({ userPoolId: 'eu_x/../y' }), 'userPoolId'],
    'a tenant with a path': [microsoft('common/../x'), 'tenant'],
    'a tenant of dots': [microsoft('..'), 'tenant'],
    'an empty tenant': [microsoft(''), 'tenant'],
    'a version with a path': [facebook({ graphVersion: 'v24.0/me' }), 'graphVersion'],
    'an environment that is none': [paypal({ environment: 'production' }), 'environment', /live/],
  };
  for (const [name, [make, option, remedy]] of Object.entries(cases)) {
    test(name, () => assertRefused(make, option, remedy));
  }
});

describe('a private key that is none is refused:', () => {
  for (const [name, privateKey] of Object.entries(NO_KEYS)) {
    test(name, async () => {
      const keyed = oidc({ clientSecret: undefined, privateKey });
      assertNoKey(await assertRefused(keyed, 'privateKey'), privateKey);
    });

    test(`${name}, for Apple`, async () => {
      assertNoKey(await assertRefused(apple({ privateKey }), 'privateKey'), privateKey);
    });
  }

  test('a good one of the wrong kind, for Apple', async () => {
    assertNoKey(await assertRefused(apple({ privateKey: RSA }), 'privateKey', /P-256/), RSA);
  });

  test('but a good one is good, also on one line', async () => {
    // Environment variables often hold one line.
    const spelt = [GOOD.replaceAll('\n', '\\n'), GOOD.replaceAll('\n', '\r\n')];
    for (const privateKey of [GOOD, RSA, ...spelt]) {
      await (await start(oidc({ clientSecret: undefined, privateKey, keyId: 'k' }))).close();
    }
  });
});

describe('credentials that do not go together are refused:', () => {
  const none = { tokenEndpointAuthMethod: 'none' };
  const keyed = { clientSecret: undefined, privateKey: GOOD };
  const auth = (method, more) => oidc({ tokenEndpointAuthMethod: method, ...more });
  const EITHER = ['tokenEndpointAuthMethod', 'clientSecret', 'privateKey'];
  const cases = {
    'a secret and none': [oidc(none), EITHER],
    'a key and none': [oidc({ ...none, ...keyed }), EITHER],
    'neither secret nor key': [oidc({ clientSecret: undefined }), EITHER],
    'an empty secret': [oidc({ clientSecret: '' }), 'clientSecret'],
    'a secret that is a number': [oidc({ clientSecret: 7 }), 'clientSecret'],
    'private_key_jwt without a key': [auth('private_key_jwt'), EITHER],
    'client_secret_basic without a secret': [auth('client_secret_basic', keyed), EITHER],
    'client_secret_post without anything': [
      auth('client_secret_post', { clientSecret: undefined }), EITHER,
    ],
    'a method that is none of ours': [
      auth('client_secret_jwt'), 'tokenEndpointAuthMethod', /client_secret_basic/,
    ],
    'a method in capitals': [auth('NONE'), 'tokenEndpointAuthMethod'],
    'a method that needs a certificate': [auth('tls_client_auth'), 'tokenEndpointAuthMethod'],
    'a method that is a list': [auth(['none']), 'tokenEndpointAuthMethod'],
    'no client id': [oidc({ clientId: undefined }), 'clientId'],
    'an empty client id': [oidc({ clientId: '' }), 'clientId'],
    'no client id, described': [described({ clientId: undefined }), 'clientId'],
    'no secret, described': [described({ clientSecret: undefined }), EITHER],
    'none for a provider of the catalogue': [google({ ...none }), 'tokenEndpointAuthMethod'],
    'Apple without a team': [apple({ teamId: undefined }), 'teamId'],
    'Apple without a key id': [apple({ keyId: undefined }), 'keyId'],
    'Apple without a key': [apple({ privateKey: undefined }), ['privateKey', 'clientSecret']],
    'Apple with neither': [() => appleProvider('client-id', undefined), 'clientSecret'],
    'a response mode that is none': [
      oidc({ responseMode: 'fragment' }), 'responseMode', /query.*form_post/,
    ],
    'pkce that is text': [oidc({ pkce: 'S256' }), 'pkce'],
    'scopes that are text': [oidc({ scopes: 'openid email' }), 'scopes'],
    'a scope with a blank': [oidc({ scopes: ['openid email'] }), 'scopes[0]'],
    'a mapProfile that is no function': [oidc({ mapProfile: 'name' }), 'mapProfile', /function/],
    'a mapProfile in the catalogue that is no function': [
      google({ mapProfile: {} }), 'mapProfile', /function/,
    ],
  };
  for (const [name, [make, option, remedy]] of Object.entries(cases)) {
    test(name, () => assertRefused(make, option, remedy));
  }
});

describe('parameters of the authorization request that are ours are refused:', () => {
  const PARAMS = 'authorizationParams';
  const reserved = [
    'client_id', 'state', 'redirect_uri', 'nonce', 'scope', 'response_type', 'code_challenge',
    'code_challenge_method', 'response_mode', 'request', 'request_uri', 'client_secret', 'prompt',
    'max_age',
  ];
  for (const name of reserved) {
    for (const [kind, make] of Object.entries({ oidc, plain, described, google })) {
      test(`${name}, ${kind}`, async () => {
        const meddling = make({ authorizationParams: { audience: 'x', [name]: 'evil' } });
        const error = await assertRefused(meddling, [`${PARAMS}.${name}`, PARAMS]);
        assert.ok(error.message.includes(name), error.message);
      });
    }
  }

  for (const [name, value] of Object.entries({
    'a list': [], 'text': 'a=b', 'a number': 7, 'a number in it': { a: 7 },
    'an object in it': { a: {} },
  })) {
    test(`${name} in their place`, () => {
      return assertRefused(oidc({ authorizationParams: value }), [PARAMS, `${PARAMS}.a`]);
    });
  }

  test('but others are good', async () => {
    const authorizationParams = { audience: 'https://api.example', access_type: 'offline' };
    await (await start(oidc({ authorizationParams }))).close();
  });
});

describe('an unknown option is refused with the nearest known name:', () => {
  const cases = {
    'isuer': [oidc({ isuer: 'x' }), 'issuer'],
    'client_id': [oidc({ client_id: 'x' }), 'clientId'],
    'redirectURI': [oidc({ redirectURI: 'x' }), 'redirectUri'],
    'mapprofile': [oidc({ mapprofile: () => ({}) }), 'mapProfile'],
    'tokenEndpointAuthMetod': [oidc({ tokenEndpointAuthMetod: 'none' }), 'tokenEndpointAuthMethod'],
    'authorizationParam': [google({ authorizationParam: {} }), 'authorizationParams'],
    'optionalScope': [google({ optionalScope: [] }), 'optionalScopes'],
    'tenat': [microsoft('x', { tenat: 'x' }), 'tenant'],
    'getUserprofile': [described({ getUserprofile: () => ({}) }), 'getUserProfile'],
    'getUserinfo': [made({ getUserinfo: () => ({}) }), 'getUserInfo'],
    'refreshToken': [made({ refreshToken: () => ({}) }), 'refreshTokens'],
  };
  for (const [option, [make, meant]] of Object.entries(cases)) {
    test(option, () => assertRefused(make, option, new RegExp(`did you mean \`${meant}\``)));
  }

  test('in an object factory too', () => {
    const make = () => {
      const options = { clientId: 'client-id', clientSecret: SECRET, hostedDomain: 'x' };
      return createGoogleProvider(options);
    };
    return assertRefused(make, 'hostedDomain', /option/);
  });
});

describe('getUserProfile is for providers that are described, so it is refused', () => {
  const getUserProfile = () => ({ id: 'x' });
  const cases = {
    'in a factory': google({ getUserProfile }),
    'in a factory without OpenID': () => githubProvider('client-id', SECRET, { getUserProfile }),
    'in the plain form': () => ({
      id: 'google', clientId: 'client-id', clientSecret: SECRET, getUserProfile,
    }),
    'in an object factory': () => {
      return createGoogleProvider({ clientId: 'client-id', clientSecret: SECRET, getUserProfile });
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    test(name, () => assertRefused(make, 'getUserProfile', /mapProfile|option/));
  }

  test('beside an id of the catalogue with other addresses', async () => {
    await assertRefused(described({ id: 'google', getUserProfile }));
  });
});

describe('a function in place of a value is refused:', () => {
  const functions = {
    denyPrivateNetworks: () => true, redirectUri: () => '', scopes: () => [], prompt: () => 'login',
    authorizationParams: () => ({}),
  };
  const kinds = { oidc, plain, described, google, created };
  for (const [option, value] of Object.entries(functions)) {
    for (const [kind, make] of Object.entries(kinds)) {
      test(`${option}, ${kind}`, () => assertRefused(make({ [option]: value }), option, /must be/));
    }
  }
});

describe('a function that nobody would call is refused:', () => {
  const kinds = { oidc, plain, described, google, created };
  for (const name of ['exchangeCode', 'getUserInfo', 'refreshTokens', 'revokeToken']) {
    for (const [kind, make] of Object.entries(kinds)) {
      test(`${name}, ${kind}`, async () => {
        // Beside one that makes the calls itself, the rest of a description is what is too much.
        const isOwn = [plain, described].includes(make) && !name.startsWith('re');
        await assertRefused(make({ [name]: () => ({}) }), isOwn ? undefined : name);
      });
    }
  }
});

describe('an id that is said twice', () => {
  const cases = {
    'of a provider of the catalogue': { google: { id: 'github' } },
    'of one with an issuer': { corp: usual({ id: 'other' }) },
    'of one that is described': { corp: custom(SITE, { clientSecret: SECRET }) },
    'of one that is made of functions': { corp: own() },
  };
  for (const [name, providers] of Object.entries(cases)) {
    test(`and differs is refused, ${name}`, () => {
      const credentials = { clientId: 'client-id', clientSecret: SECRET };
      if (providers.google) Object.assign(providers.google, credentials);
      const [key] = Object.keys(providers);
      assertConfigError(thrown(() => oauth({ providers })), `providers.${key}.id`, /key/);
    });
  }

  test('is good when it is the same', () => {
    assert.equal(oauth({ providers: { corp: usual(), own: own() } }).id, 'oauth');
  });

  test('is refused among the options of a factory', async () => {
    for (const id of ['google', 'other']) {
      await assertRefused(google({ id }), 'id');
      await assertRefused(created({ id }), 'id');
    }
  });
});

describe('omitScopes', () => {
  test('leaves out what the registration does not have', () => {
    const { scopes } = facebook({ omitScopes: ['email'] })();
    assert.deepEqual(scopes, ['public_profile']);
    const corp = oidc({ omitScopes: ['profile'], scopes: ['groups'] })();
    assert.deepEqual(corp.scopes, ['openid', 'email', 'groups']);
  });

  test('is refused for what cannot be left out', async () => {
    await assertRefused(google({ omitScopes: ['openid'] }), 'omitScopes[0]');
    await assertRefused(oidc({ omitScopes: ['email', 'openid'] }), 'omitScopes[1]');
  });

  test('is refused for what is not asked for', async () => {
    for (const [at, omitScopes] of [['[0]', ['emial']], ['[1]', ['email', 'x']], ['', 'email']]) {
      await assertRefused(facebook({ omitScopes }), `omitScopes${at}`);
    }
    await assertRefused(google({ scopes: ['x'], omitScopes: ['x'] }), 'omitScopes[0]');
  });
});

describe('a provider of the application is refused', () => {
  for (const name of ['getAuthorizationUrl', 'exchangeCode', 'getUserInfo']) {
    test(`without ${name}`, () => assertRefused(made({ [name]: undefined }), name));
  }
  const names = [
    'getAuthorizationUrl', 'exchangeCode', 'getUserInfo', 'refreshTokens', 'revokeToken',
  ];
  for (const name of names) {
    for (const [kind, value] of Object.entries({ text: 'x', 'a number': 7, 'an object': {} })) {
      test(`when ${name} is ${kind}`, () => {
        return assertRefused(made({ [name]: value }), name, /function/);
      });
    }
  }
  test('when getUserProfile is no function', () => {
    return assertRefused(described({ getUserProfile: 'sub' }), 'getUserProfile', /function/);
  });
  for (const name of ['authorizationUrl', 'tokenUrl', 'userInfoUrl']) {
    for (const [kind, value] of Object.entries({
      missing: undefined, 'http elsewhere': 'http://custom.example/x', 'a path': '/x',
      'a number': 7,
    })) {
      test(`when ${name} is ${kind}`, () => assertRefused(described({ [name]: value }), name));
    }
  }
  test('when its name is no text', () => assertRefused(made({ name: 7 }), 'name'));
});

function microsoft(tenant, options) {
  return () => microsoftProvider('client-id', SECRET, { tenant, ...options });
}

function auth0(domain) {
  return () => auth0Provider(domain, 'client-id', SECRET);
}

function okta(domain, options) {
  return () => oktaProvider(domain, 'client-id', SECRET, options);
}

function cognito({ domain = 'x.auth.eu-west-1.amazoncognito.com', ...options }) {
  const pool = { region: 'eu-west-1', userPoolId: 'eu-west-1_abc', ...options };
  return () => cognitoProvider(domain, 'client-id', SECRET, pool);
}

function facebook(options) {
  return () => facebookProvider('client-id', SECRET, options);
}

function paypal(options) {
  return () => paypalProvider('client-id', SECRET, options);
}

function apple(options) {
  const team = { teamId: 'TEAM123456', keyId: 'KEY1234567', privateKey: GOOD };
  return () => createAppleProvider({ clientId: 'client-id', ...team, ...options });
}

/** An instance with the provider that `make` gives. */
function start(make) {
  return createKavach({
    database: { provider: 'sqlite', url: ':memory:' },
    secret: 'a secret of more than 32 characters',
    baseUrl: 'https://your-app.com',
    plugins: [oauth({ providers: [make()] })],
  });
}

/** Asserts that the factory, `oauth` or `createKavach` refuses it; resolves to the error. */
async function assertRefused(make, option, remedy) {
  let kavach;
  try {
    kavach = await start(make);
  } catch (error) {
    assertConfigError(error, option, remedy);
    return error;
  }
  await kavach.close();
  return assert.fail('it was accepted');
}

const SAYS_WHAT_TO_DO =
  /must|missing|write|leave|pass|set|use|empty|undefined|not an option|known|twice|time/;

/** The message begins with the path of the option, or of one of several, and says what to do. */
function assertConfigError(error, option, remedy = /./) {
  assert.ok(error instanceof KavachError, error?.stack);
  const { code, status, message } = error;
  assert.equal(code, 'config_invalid', message);
  assert.equal(status, 500);
  const [, path, rest] = /^`([^`]+)` (.+)$/s.exec(message) ?? [];
  assert.ok(path, `"${message}" does not begin with a path`);
  if (option !== undefined) {
    const isNamed = [option].flat().some((name) => {
      return path === name || path.endsWith(`.${name}`) || path.endsWith(`(${name})`);
    });
    assert.ok(isNamed, `"${message}" does not begin with ${option}`);
  }
  assert.match(rest, remedy);
  assert.match(rest, SAYS_WHAT_TO_DO);
  assert.ok(!`${error.stack}${error.cause?.message}`.includes(SECRET), 'a secret is in it');
}

function assertNoKey(error, key) {
  if (typeof key !== 'string' || key.length < 100) return;
  const told = `${error.stack}${error.cause?.message}`;
  for (const line of key.split('\n').filter((text) => text.length > 40)) {
    assert.ok(!told.includes(line), 'the key is in it');
  }
}

function thrown(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail('it was accepted');
}
