// The providers: what their factories and their plain forms take, and what they must not.

import {
  auth0Provider,
  appleProvider,
  bitbucketProvider,
  cognitoProvider,
  createAppleProvider,
  createGoogleProvider,
  createLinkedInProvider,
  createMicrosoftProvider,
  facebookProvider,
  genericOIDC,
  githubProvider,
  googleProvider,
  type GenericOidcOptions,
  type KnownProvider,
  type KnownProviderId,
  type KnownProviders,
  type MapProfile,
  microsoftProvider,
  oauth,
  type OAuthProvider,
  oktaProvider,
  type OwnProvider,
  type OwnProviderProfile,
  type OwnProviderTokens,
  paypalProvider,
  type ProfileDefaults,
  vkProvider,
} from 'kavachos/auth';
import type { JsonObject } from 'kavachos';

import { expectType } from './expect.js';

const credentials = { clientId: 'id', clientSecret: 'secret' };
const urls = {
  authorizationUrl: 'https://acme.example/authorize',
  tokenUrl: 'https://acme.example/token',
  userInfoUrl: 'https://acme.example/me',
};

const mapProfile: MapProfile = (profile, defaults) => {
  expectType<JsonObject>()(profile);
  expectType<ProfileDefaults>()(defaults);
  return { name: defaults.name ?? 'Somebody', login: profile.login, tags: ['a', { b: null }] };
};

class Own implements OwnProvider {
  readonly id = 'own';
  readonly name = 'Own';
  getAuthorizationUrl(state: string): string {
    return `https://own.example/?state=${state}`;
  }
  async exchangeCode(code: string): Promise<OwnProviderTokens> {
    return { accessToken: code, refreshToken: null, expiresAt: new Date(), scopes: ['a'] };
  }
  async getUserInfo(): Promise<OwnProviderProfile> {
    return { id: '1', email: null, emailVerified: false, raw: { a: [1] } };
  }
}

// Factories
export const google: OAuthProvider = createGoogleProvider({ ...credentials, hd: 'acme.example' });
expectType<string | null>()(google.tokenUrl);
export const factories: readonly OAuthProvider[] = [
  googleProvider('id', 'secret', ['x']),
  googleProvider('id', 'secret', {
    scopes: ['a'],
    optionalScopes: ['b'],
    authorizationUrl: 'http://localhost/a',
    tokenUrl: 'http://localhost/t',
    userInfoUrl: 'http://localhost/u',
    revocationUrl: 'http://localhost/r',
    redirectUri: 'http://localhost/cb',
    prompt: 'login',
    authorizationParams: { access_type: 'offline' },
    denyPrivateNetworks: true,
    mapProfile,
    issuer: 'http://localhost',
    hd: 'acme.example',
  }),
  githubProvider('id', 'secret', { mapProfile: async () => ({}), emailsUrl: 'http://localhost/e' }),
  microsoftProvider('id', 'secret', { tenant: 'organizations' }),
  createMicrosoftProvider({ ...credentials, tenant: process.env['TENANT'] }),
  createLinkedInProvider(credentials),
  facebookProvider('id', 'secret', { graphVersion: 'v25.0', omitScopes: ['email'] }),
  paypalProvider('id', 'secret', { environment: 'sandbox' }),
  appleProvider('id', 'signed'),
  createAppleProvider({ ...credentials, scopes: [] }),
  createAppleProvider({ clientId: 'id', teamId: 't', keyId: 'k', privateKey: 'pem' }),
  auth0Provider('acme.auth0.com', 'id', 'secret', ['offline_access']),
  oktaProvider('acme.okta.com', 'id', 'secret', { authorizationServerId: 'main' }),
  cognitoProvider('acme.example', 'id', 'secret'),
  cognitoProvider('acme.example', 'id', 'secret', { region: 'r', userPoolId: 'r_1' }),
  vkProvider('id'),
  vkProvider('id', undefined, ['phone']),
];

// OpenID Connect
const openId = { id: 'sso', issuer: 'https://sso.example', clientId: 'id' };
export const clients: readonly GenericOidcOptions[] = [
  { ...openId, clientSecret: 's' },
  { ...openId, clientSecret: 's', tokenEndpointAuthMethod: 'client_secret_post', pkce: false },
  { ...openId, privateKey: 'pem', keyId: 'k', responseMode: 'form_post', name: 'SSO' },
  { ...openId, privateKey: 'pem', tokenEndpointAuthMethod: 'private_key_jwt', mapProfile },
  { ...openId, tokenEndpointAuthMethod: 'none', scopes: ['groups'] },
];
export const sso: OAuthProvider = genericOIDC({ ...openId, clientSecret: 's' });

// In an array, in a record
export const array = oauth({
  providers: [
    google,
    { id: 'google', ...credentials, hd: 'acme.example', mapProfile },
    { id: 'apple', clientId: 'id', teamId: 't', keyId: 'k', privateKey: 'pem' },
    { id: 'auth0', domain: 'acme.auth0.com', ...credentials },
    { id: 'vk', clientId: 'id' },
    { ...openId, clientSecret: 's' },
    { id: 'acme', ...credentials, ...urls },
    { id: 'acme', clientId: 'id', tokenEndpointAuthMethod: 'none', ...urls },
    {
      id: 'acme',
      ...credentials,
      ...urls,
      pkce: false,
      tokenEndpointAuthMethod: 'client_secret_post',
      getUserProfile: async (data) => ({ id: String(data.id), email: 'a@b.example' }),
    },
    new Own(),
    {
      id: 'literal',
      name: 'Literal',
      getAuthorizationUrl: () => 'https://own.example',
      exchangeCode: () => ({ accessToken: 'a' }),
      getUserInfo: (accessToken) => ({ id: accessToken }),
      refreshTokens: (refreshToken) => ({ accessToken: refreshToken }),
      revokeToken: () => {},
      mapProfile,
    },
  ],
});
export const record = oauth({
  providers: {
    google,
    github: { ...credentials, emailsUrl: 'http://localhost/e', mapProfile },
    microsoft: { id: 'microsoft', ...credentials, tenant: 'common' },
    okta: { ...credentials, domain: 'acme.okta.com' },
    sso: { issuer: 'https://sso.example', clientId: 'id', clientSecret: 's' },
    acme: { ...credentials, ...urls, getUserProfile: () => ({ id: 1 }) },
    own: new Own(),
  },
});

// Ids
expectType<KnownProviderId>()('google' as KnownProvider['id']);
export function known(provider: KnownProvider): string | undefined {
  return provider.id === 'microsoft' ? provider.tenant : provider.clientId;
}
export const tenant: KnownProviders['microsoft'] = { ...credentials, tenant: 'consumers' };

// Typos, and options of another provider
// @ts-expect-error it is `mapProfile`
googleProvider('id', 'secret', { profileMap: mapProfile });
// @ts-expect-error it is `createGoogleProvider({ clientId, … })`
createGoogleProvider({ clientID: 'id', clientSecret: 'secret' });
// @ts-expect-error Google has no tenants
googleProvider('id', 'secret', { tenant: 'common' });
// @ts-expect-error only OpenID providers have an issuer
facebookProvider('id', 'secret', { issuer: 'https://facebook.example' });
// @ts-expect-error Google has no list of addresses
googleProvider('id', 'secret', { emailsUrl: 'http://localhost/e' });
// @ts-expect-error Google has no tenants
oauth({ providers: [{ id: 'google', ...credentials, tenant: 'common' }] });
// @ts-expect-error it is `clientId`
oauth({ providers: { google: { clientID: 'id', clientSecret: 's' } } });
// @ts-expect-error the id inside is another
oauth({ providers: { google: { id: 'github', ...credentials } } });
// @ts-expect-error it is `mapProfile`
oauth({ providers: [{ id: 'acme', ...credentials, ...urls, mapprofile: mapProfile }] });

// Missing
// @ts-expect-error Auth0 needs a domain
oauth({ providers: [{ id: 'auth0', ...credentials }] });
// @ts-expect-error Auth0 needs a domain, also in a record
oauth({ providers: { auth0: { ...credentials } } });
// @ts-expect-error Auth0 needs a domain in front
auth0Provider('id', 'secret');
// @ts-expect-error a user pool has a region and an id
cognitoProvider('acme.example', 'id', 'secret', { region: 'r' });
// @ts-expect-error a secret, or all of the key
createAppleProvider({ clientId: 'id', teamId: 't', privateKey: 'pem' });
// @ts-expect-error a secret or a key, not both
createAppleProvider({ ...credentials, teamId: 't', keyId: 'k', privateKey: 'pem' });
// @ts-expect-error only VK goes without a secret
googleProvider('id');
// @ts-expect-error a client without secret and key must say `none`
genericOIDC({ ...openId });
// @ts-expect-error a public client has no secret
genericOIDC({ ...openId, clientSecret: 's', tokenEndpointAuthMethod: 'none' });
// @ts-expect-error `private_key_jwt` needs a key
genericOIDC({ ...openId, clientSecret: 's', tokenEndpointAuthMethod: 'private_key_jwt' });
// @ts-expect-error a secret or a key, not both
genericOIDC({ ...openId, clientSecret: 's', privateKey: 'pem' });
// @ts-expect-error a client without a secret must say `none`, also by its endpoints
oauth({ providers: [{ id: 'acme', clientId: 'id', ...urls }] });
// @ts-expect-error the issuer is missing
genericOIDC({ id: 'sso', ...credentials });
// @ts-expect-error no such provider is known, and the endpoints are missing
oauth({ providers: [{ id: 'acme', ...credentials }] });
// @ts-expect-error no such provider is known, also by its key
oauth({ providers: { acme: credentials } });

// Of the wrong kind
// @ts-expect-error no such environment
paypalProvider('id', 'secret', { environment: 'test' });
// @ts-expect-error scopes are an array
bitbucketProvider('id', 'secret', 'repository');
// @ts-expect-error parameters are strings
googleProvider('id', 'secret', { authorizationParams: { max_age: 3 } });
// @ts-expect-error a profile is made of what JSON can hold
googleProvider('id', 'secret', { mapProfile: () => ({ since: new Date() }) });
// @ts-expect-error a name is a string
googleProvider('id', 'secret', { mapProfile: () => ({ name: 7 }) });
// @ts-expect-error a provider's answer is not sure to hold what is wanted
googleProvider('id', 'secret', { mapProfile: (profile) => ({ name: profile.name }) });
oauth({
  // @ts-expect-error an id is not sure to be there, so it must be looked at
  providers: [{ id: 'acme', ...credentials, ...urls, getUserProfile: ({ uid }) => ({ id: uid }) }],
});
// @ts-expect-error no such response mode
genericOIDC({ ...openId, clientSecret: 's', responseMode: 'fragment' });
// @ts-expect-error an own provider must tell who the user is
export const incomplete: OwnProvider = { id: 'x', name: 'X', getAuthorizationUrl: () => '' };
// @ts-expect-error an expiry is a `Date`
export const tokens: OwnProviderTokens = { accessToken: 'a', expiresAt: 3600 };
