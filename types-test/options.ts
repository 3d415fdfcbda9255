// What the options take, and what they must not.

import { createKavach, type KavachOptions, type Logger } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

const provider = bitbucketProvider('id', 'secret');
const base: KavachOptions = {
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'x'.repeat(32),
  baseUrl: 'http://localhost:3000',
};
const logger: Logger = (level, message, fields) => console.log(level, message, fields);

export const everything = createKavach({
  database: { provider: 'mysql', url: 'mysql://db', skipMigrations: true, maxConnections: 3 },
  secret: ['new'.repeat(12), 'old'.repeat(12)],
  baseUrl: 'https://your-app.com',
  basePath: '/auth',
  plugins: [
    oauth({
      providers: { bitbucket: provider },
      redirects: { afterSignIn: '/', onError: '/oops' },
      autoLink: false,
      disableSignUp: true,
      storeTokens: false,
      stateTtlSeconds: 60,
      buildRedirectUri: (id) => `https://gateway.example/${id}`,
    }),
    oauth({ providers: [{ id: 'bitbucket', clientId: 'id', clientSecret: 's', scopes: ['x'] }] }),
    oauth({ providers: { bitbucket: { clientId: 'id', clientSecret: 's', prompt: 'login' } } }),
  ],
  trustedOrigins: ['https://admin.your-app.com'],
  trustedProxies: ['10.0.0.0/8'],
  auth: {
    session: {
      expiresIn: 60,
      updateAge: 6,
      maxAge: 600,
      freshAge: 6,
      cookieName: 'sid',
      domain: 'your-app.com',
      sameSite: 'strict',
    },
  },
  logger,
});

export const undefinedIsAbsent = createKavach({ ...base, basePath: process.env['BASE_PATH'] });
export const withScopes = bitbucketProvider('id', 'secret', ['repository'] as const);
export const withOptions = bitbucketProvider('id', 'secret', {
  scopes: ['repository'],
  authorizationUrl: 'http://localhost/a',
  tokenUrl: 'http://localhost/t',
  userInfoUrl: 'http://localhost/u',
  emailsUrl: 'http://localhost/e',
  redirectUri: 'http://localhost/cb',
  prompt: 'login',
});

// Typos
// @ts-expect-error it is `baseUrl`
createKavach({ database: base.database, secret: base.secret, baseURL: base.baseUrl });
// @ts-expect-error it is `baseUrl`, also beside the right one
createKavach({ ...base, baseURL: base.baseUrl });
// @ts-expect-error it is `providers`
oauth({ provider: [provider] });
// @ts-expect-error it is `providers`, also beside the right one
oauth({ providers: [provider], provider });
// @ts-expect-error it is `emailsUrl`
bitbucketProvider('id', 'secret', { emailUrl: 'http://localhost/e' });
// @ts-expect-error it is `clientId`
oauth({ providers: { bitbucket: { clientID: 'id', clientSecret: 's' } } });
// @ts-expect-error it is `expiresIn`
createKavach({ ...base, auth: { session: { expires: 60 } } });

// Missing and wrong
// @ts-expect-error the secret is missing
createKavach({ database: base.database, baseUrl: base.baseUrl });
// @ts-expect-error a variable that may be undefined is no secret
createKavach({ ...base, secret: process.env['KAVACH_SECRET'] });
// @ts-expect-error a variable that may be undefined is no client id
bitbucketProvider(process.env['BITBUCKET_CLIENT_ID'], 'secret');
// @ts-expect-error no such database
createKavach({ ...base, database: { provider: 'oracle', url: 'x' } });
// @ts-expect-error the url is missing
createKavach({ ...base, database: { provider: 'sqlite' } });
// @ts-expect-error a provider is no plugin
createKavach({ ...base, plugins: [provider] });
// @ts-expect-error plugins are made by the library
createKavach({ ...base, plugins: [{ id: 'oauth' }] });
// @ts-expect-error a single plugin must stand in an array
createKavach({ ...base, plugins: oauth({ providers: [provider] }) });
// @ts-expect-error a single provider must stand in an array
oauth({ providers: provider });
// @ts-expect-error no such provider is known
oauth({ providers: [{ id: 'example', clientId: 'id', clientSecret: 's' }] });
// @ts-expect-error seconds are a number
createKavach({ ...base, auth: { session: { expiresIn: '7d' } } });
// @ts-expect-error no such value
createKavach({ ...base, auth: { session: { sameSite: 'Lax' } } });
// @ts-expect-error a provider's facts are read-only
provider.id = 'other';
// @ts-expect-error an options object is read-only
base.baseUrl = 'https://other.example';
