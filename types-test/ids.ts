// The ids of providers: literal where the configuration says them, `string` where it cannot.

import {
  type AccessToken,
  createKavach,
  type Kavach,
  type KavachOptions,
  type KavachPlugin,
  type OAuthConnection,
  type ProviderOf,
} from 'kavachos';
import {
  auth0Provider,
  bitbucketProvider,
  createLinkedInProvider,
  genericOIDC,
  githubProvider,
  oauth,
  type OAuthPlugin,
  type OAuthProvider,
  type OwnProvider,
  type OwnProviderTokens,
  type ProviderConfig,
} from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';

import { expectType } from './expect.js';

const base = {
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'x'.repeat(32),
  baseUrl: 'http://localhost:3000',
} as const;
const options: KavachOptions = base;
const credentials = { clientId: 'id', clientSecret: 'secret' };
const urls = {
  authorizationUrl: 'https://acme.example/authorize',
  tokenUrl: 'https://acme.example/token',
  userInfoUrl: 'https://acme.example/me',
};
const bitbucket = bitbucketProvider('id', 'secret');
const github = githubProvider('id', 'secret', { mapProfile: (profile) => ({ a: profile.login }) });

class Own implements OwnProvider {
  readonly id = 'own';
  readonly name = 'Own';
  getAuthorizationUrl(state: string): string {
    return `https://own.example/?state=${state}`;
  }
  exchangeCode(code: string): OwnProviderTokens {
    return { accessToken: code };
  }
  getUserInfo(): { id: string } {
    return { id: '1' };
  }
}

// Providers
expectType<OAuthProvider<'bitbucket'>>()(bitbucket);
expectType<OAuthProvider<'auth0'>>()(auth0Provider('acme.auth0.com', 'id', 'secret'));
expectType<OAuthProvider<'linkedin'>>()(createLinkedInProvider(credentials));
expectType<OAuthProvider<'sso'>>()(
  genericOIDC({ id: 'sso', issuer: 'https://sso.example', ...credentials }),
);
expectType<OAuthProvider>()(
  genericOIDC({ id: `sso-${1}` as string, issuer: 'https://sso.example', ...credentials }),
);
expectType<'bitbucket'>()(bitbucket.id);

// In an array
expectType<OAuthPlugin<'bitbucket' | 'github'>>()(oauth({ providers: [bitbucket, github] }));
expectType<OAuthPlugin<'bitbucket' | 'github'>>()(
  oauth({ providers: [bitbucket, github] as const }),
);
const list = [bitbucket, github];
expectType<OAuthPlugin<'bitbucket' | 'github'>>()(oauth({ providers: list }));
expectType<OAuthPlugin<'bitbucket' | 'github'>>()(
  oauth({ providers: [bitbucket, ...(list.length > 9 ? [github] : [])] }),
);
expectType<OAuthPlugin<'acme' | 'bitbucket' | 'google' | 'literal' | 'own' | 'sso'>>()(
  oauth({
    providers: [
      bitbucket,
      { id: 'google', ...credentials, mapProfile: (profile) => ({ a: profile.sub }) },
      { id: 'sso', issuer: 'https://sso.example', ...credentials },
      { id: 'acme', ...credentials, ...urls, getUserProfile: ({ uid }) => ({ id: String(uid) }) },
      new Own(),
      {
        id: 'literal',
        name: 'Literal',
        getAuthorizationUrl: (state) => `https://own.example/${state}`,
        exchangeCode: (code) => ({ accessToken: code }),
        getUserInfo: (accessToken) => ({ id: accessToken }),
      },
    ],
    buildRedirectUri: (id) => {
      expectType<'acme' | 'bitbucket' | 'google' | 'literal' | 'own' | 'sso'>()(id);
      return `https://gateway.example/${id}`;
    },
  }),
);

// In a record
expectType<OAuthPlugin<'acme' | 'bitbucket' | 'google' | 'own' | 'sso'>>()(
  oauth({
    providers: {
      bitbucket,
      google: { ...credentials, hd: 'a.example', mapProfile: ({ sub }) => ({ a: sub }) },
      sso: { issuer: 'https://sso.example', ...credentials },
      acme: { ...credentials, ...urls, getUserProfile: ({ uid }) => ({ id: String(uid) }) },
      own: new Own(),
    },
  }),
);
expectType<OAuthPlugin<'bitbucket' | 'github'>>()(
  oauth({ providers: { bitbucket, ...(list.length > 9 && { github }) } }),
);

// Put together at run time
const unknown: ProviderConfig[] = list;
const entries = Object.fromEntries(unknown.map((provider) => [provider.id, provider]));
const wide: OAuthProvider = bitbucket;
const sso = { id: 'sso', issuer: 'https://sso.example', ...credentials };
expectType<OAuthPlugin>()(oauth({ providers: unknown }));
expectType<OAuthPlugin>()(oauth({ providers: entries }));
expectType<OAuthPlugin>()(oauth({ providers: [bitbucket, wide] }));
expectType<OAuthPlugin>()(oauth({ providers: [sso] }));

// What `createKavach` gives
const kavach = await createKavach({
  ...base,
  plugins: [oauth({ providers: [bitbucket, github] })],
});
expectType<Kavach<'bitbucket' | 'github'>>()(kavach);
// In one piece, with functions before what their arguments follow from.
type Five = 'acme' | 'bitbucket' | 'github' | 'google' | 'sso';
expectType<Kavach<Five>>()(
  await createKavach({
    events: (event) => {
      if (event.type === 'user.created') expectType<Five>()(event.provider);
    },
    ...base,
    plugins: [
      oauth({
        buildRedirectUri: (id) => {
          expectType<Five>()(id);
          return `https://gateway.example/${id}`;
        },
        providers: [
          bitbucketProvider('id', 'secret'),
          githubProvider('id', 'secret', { mapProfile: ({ login }) => ({ login }) }),
          { id: 'google', ...credentials, mapProfile: ({ sub }) => ({ sub }) },
          genericOIDC({
            id: 'sso',
            issuer: 'https://sso.example',
            ...credentials,
            mapProfile: ({ sub }, { name }) => ({ sub, name }),
          }),
          { id: 'acme', ...credentials, ...urls, getUserProfile: ({ n }) => ({ id: Number(n) }) },
        ],
      }),
    ],
  }),
);
expectType<Kavach<'bitbucket' | 'github' | 'sso'>>()(
  await createKavach({
    ...base,
    plugins: [
      oauth({
        providers: {
          bitbucket: bitbucketProvider('id', 'secret'),
          github: { ...credentials, mapProfile: ({ login }) => ({ login }) },
          sso: genericOIDC({ id: 'sso', issuer: 'https://sso.example', ...credentials }),
        },
      }),
    ],
  }),
);
expectType<Kavach<'bitbucket' | 'github'>>()(
  await createKavach({
    ...base,
    plugins: [oauth({ providers: [bitbucket] }), oauth({ providers: { github } })],
  }),
);
expectType<Kavach>()(await createKavach({ ...base }));
expectType<Kavach>()(await createKavach({ ...base, plugins: [] }));
expectType<Kavach>()(await createKavach(options));
expectType<Kavach>()(await createKavach({ ...base, plugins: [oauth({ providers: unknown })] }));

// `ProviderOf`
expectType<'bitbucket' | 'github'>()('' as ProviderOf<typeof kavach>);
expectType<string>()('' as ProviderOf<Kavach>);
// @ts-expect-error only a `Kavach` has providers
export type None = ProviderOf<{ id: string }>;

// A plain `Kavach` is any
const plain: Kavach = kavach;
const fewer: Kavach<'bitbucket' | 'github' | 'google'> = kavach;
export const annotated: Kavach = await createKavach({
  ...base,
  plugins: [oauth({ providers: [bitbucket] })],
});
export const plugins: readonly KavachPlugin[] = [oauth({ providers: [bitbucket] })];
export const pending: Promise<Kavach> = createKavach({ ...base, plugins });
export async function takes(any: Kavach): Promise<void> {
  await any.auth.getAccessToken('user', 'whatever');
  await any.auth.disconnectOAuth('user', 'whatever');
}
await takes(kavach);
await takes(fewer);
toNodeHandler(kavach);
// @ts-expect-error it may lack them
export const some: Kavach<'bitbucket'> = plain;
// @ts-expect-error it has others
export const other: Kavach<'google'> = kavach;
// @ts-expect-error it has more
export const less: Kavach<'bitbucket'> = kavach;

// A function may be of the same providers as what it takes
export function tokenOf<K extends Kavach>(k: K, provider: ProviderOf<K>): Promise<AccessToken> {
  return k.auth.getAccessToken('user', provider);
}
export function unlink<P extends string>(k: Kavach<P>, provider: NoInfer<P>): Promise<void> {
  return k.auth.disconnectOAuth('user', provider);
}
await tokenOf(kavach, 'github');
await unlink(kavach, 'github');
// @ts-expect-error Google is not set up
await tokenOf(kavach, 'google');
// @ts-expect-error Google is not set up
await unlink(kavach, 'google');

// Calls
await kavach.auth.getAccessToken('user', 'bitbucket');
await kavach.auth.getAccessToken('user', 'github', { minValidity: 300 });
await kavach.auth.disconnectOAuth('user', 'github');
const connections = await kavach.auth.getOAuthConnections('user');
expectType<OAuthConnection<'bitbucket' | 'github'>[]>()(connections);
for (const { provider } of connections) await kavach.auth.disconnectOAuth('user', provider);
const { getAccessToken, disconnectOAuth } = kavach.auth;
await getAccessToken('user', 'bitbucket');
await disconnectOAuth('user', 'bitbucket');
// @ts-expect-error it is `bitbucket`
await kavach.auth.getAccessToken('user', 'bitbuckt');
// @ts-expect-error Google is not set up
await kavach.auth.getAccessToken('user', 'google', { minValidity: 300 });
// @ts-expect-error Google is not set up
await kavach.auth.disconnectOAuth('user', 'google');
// @ts-expect-error Google is not set up, also where the function was passed on
await getAccessToken('user', 'google');
// @ts-expect-error any text may be wrong
await kavach.auth.getAccessToken('user', 'bitbucket' as string);
// @ts-expect-error a function of the library is not replaced
kavach.auth = plain.auth;
