import type { JsonObject, KavachPlugin } from './index.js';
import type {
  KnownProviders,
  MappedProfile,
  OpenIdOptions,
  ProfileDefaults,
  ProviderOptions,
} from './provider-options.js';

export * from './provider-options.js';
export * from './providers.js';

/**
 * Sign-in with OAuth 2.0 and OpenID Connect, for
 * {@link import('./index.js').createKavach | createKavach}.
 *
 * @example
 * ```ts
 * import { bitbucketProvider, oauth } from 'kavachos/auth';
 *
 * export const signIn = oauth({
 *   providers: [
 *     bitbucketProvider(process.env.BITBUCKET_CLIENT_ID!, process.env.BITBUCKET_CLIENT_SECRET!),
 *   ],
 *   redirects: { afterSignIn: '/dashboard' },
 * });
 * ```
 *
 * @throws {KavachError} `config_invalid`; the message names the option's path and what to write
 * there.
 */
export declare function oauth<const Id extends string>(
  options: OAuthOptions<Id>,
): OAuthPlugin<Id>;

/** What {@link oauth} takes. An option that is not listed here is refused, never ignored. */
export interface OAuthOptions<Id extends string = string> {
  /** Whom users can sign in with: an array, or a record by provider id. */
  readonly providers: readonly ProviderConfig<Id>[] | ProviderRecord<Id>;
  /** Where browsers go. */
  readonly redirects?: RedirectOptions | undefined;
  /**
   * Links a new account to the user who has the same e-mail address, when both the provider and we
   * know the address to be verified. Default: `true`.
   */
  readonly autoLink?: boolean | undefined;
  /** Lets in only users who exist already. Default: `false`. */
  readonly disableSignUp?: boolean | undefined;
  /** Keeps the provider's tokens, sealed, for `getAccessToken`. Default: `true`. */
  readonly storeTokens?: boolean | undefined;
  /** How many seconds a user may take to sign in at the provider: 30 to 3,600. Default: 600. */
  readonly stateTtlSeconds?: number | undefined;
  /**
   * Gives the redirect URI of a provider, asked once for each at start, where it differs from the
   * callback route, behind a gateway say. Whatever it points at must lead to the callback route.
   * Default: the callback route.
   */
  readonly buildRedirectUri?: ((provider: NoInfer<Id>) => string) | undefined;
}

/**
 * Where browsers go. Each is a path of the application, or a URL on its own or a trusted origin.
 */
export interface RedirectOptions {
  /** After sign-in, unless the sign-in was started with a `redirectTo`. Default: `/`. */
  readonly afterSignIn?: string | undefined;
  /** After a failure, with `?error=<code>`. Default: the plain page `<basePath>/auth/error`. */
  readonly onError?: string | undefined;
}

/**
 * Somebody to sign in with: what a provider factory returns; the plain form of it, for a provider
 * that the library knows or finds by its issuer; the endpoints of any other; or an object of your
 * own that makes the calls itself.
 */
export type ProviderConfig<Id extends string = string> =
  | OAuthProvider<Id>
  | (KnownProvider & { readonly id: Id })
  | GenericOidcOptions<Id>
  | CustomOAuth2Provider<Id>
  | OwnProvider<Id>;

/** Providers by their ids, which need not be repeated inside. */
export type ProviderRecord<Id extends string = string> = {
  readonly [Key in Id]?: ProviderEntry<Key>;
};

/** What a {@link ProviderRecord} holds under an id; where that is any `string`, one of all. */
export type ProviderEntry<Id extends string = string> =
  | OAuthProvider
  | (Id extends KnownProviderId
      ? KnownEntry<Id>
      : string extends Id
        ? KnownEntry<KnownProviderId> | OtherEntry
        : OtherEntry);

/** A provider that the library knows, under its id. */
export type KnownEntry<Id extends KnownProviderId> = KnownProviders[Id] & { readonly id?: Id };

/** Any other provider, under an id of your own. */
export type OtherEntry =
  | WithoutId<GenericOidcOptions>
  | WithoutId<CustomOAuth2Provider>
  | WithoutId<OwnProvider>;

/** The ids of the providers that the library knows. */
export type KnownProviderId = keyof KnownProviders;

/** A provider that the library knows, by its id and with the options that it has. */
export type KnownProvider = {
  [Id in KnownProviderId]: KnownProviders[Id] & { readonly id: Id };
}[KnownProviderId];

/**
 * Any provider with OpenID Connect, for {@link genericOIDC} or as a plain object.
 *
 * The default of `tokenEndpointAuthMethod` follows from the credentials: with a `clientSecret`
 * `client_secret_basic`, or `client_secret_post` where the provider takes only that; with a
 * `privateKey` `private_key_jwt`. A client without either must say `none`.
 */
export type GenericOidcOptions<Id extends string = string> = GenericOidcProvider<Id> &
  (SecretClient | PrivateKeyClient | PublicClient);

/** What does not depend on how the client proves who it is. */
export interface GenericOidcProvider<Id extends string = string> extends OpenIdOptions {
  /** The id in routes and in the database: lower-case letters, digits and dashes. */
  readonly id: Id;
  /** The name to show. Default: the id. */
  readonly name?: string | undefined;
  /** Who the provider is: the URL before `/.well-known/openid-configuration`, exactly. */
  readonly issuer: string;
  /** The client id that the provider gave to the application. */
  readonly clientId: string;
  /** Scopes on top of `openid profile email`. Default: none. */
  readonly scopes?: readonly string[] | undefined;
  /** Sends PKCE. Turn it off only for a provider that fails on it. Default: `true`. */
  readonly pkce?: boolean | undefined;
  /**
   * How the provider answers. With `form_post`, a POST from the provider's site, the flow cookie is
   * `SameSite=None`, for which the application must be on https. Default: `query`.
   */
  readonly responseMode?: 'query' | 'form_post' | undefined;
}

/** A client with a secret. */
export interface SecretClient {
  /** The client secret. */
  readonly clientSecret: string;
  /** How the secret is sent: in a header, or in the body. */
  readonly tokenEndpointAuthMethod?: 'client_secret_basic' | 'client_secret_post' | undefined;
  readonly privateKey?: undefined;
  readonly keyId?: undefined;
}

/** A client with a key pair, whose public half the provider knows. */
export interface PrivateKeyClient {
  /** PEM (PKCS#8) of an RSA, P-256 or Ed25519 key, which signs with RS256, ES256 or EdDSA. */
  readonly privateKey: string;
  /** The `kid` by which the provider finds the public key. Default: none. */
  readonly keyId?: string | undefined;
  /** Signs an assertion for each call (RFC 7523). */
  readonly tokenEndpointAuthMethod?: 'private_key_jwt' | undefined;
  readonly clientSecret?: undefined;
}

/** A client that cannot prove who it is, and rests on PKCE. */
export interface PublicClient {
  /** Must be said, so that a forgotten secret is noticed. */
  readonly tokenEndpointAuthMethod: 'none';
  readonly clientSecret?: undefined;
  readonly privateKey?: undefined;
  readonly keyId?: undefined;
}

/**
 * Any provider with OAuth 2.0, by its endpoints. The default of `tokenEndpointAuthMethod` is
 * `client_secret_basic`; a client without a secret must say `none`.
 *
 * @example
 * ```ts
 * import { oauth } from 'kavachos/auth';
 *
 * export const signIn = oauth({
 *   providers: [
 *     {
 *       id: 'acme',
 *       clientId: process.env.ACME_CLIENT_ID!,
 *       clientSecret: process.env.ACME_CLIENT_SECRET!,
 *       authorizationUrl: 'https://acme.example/oauth/authorize',
 *       tokenUrl: 'https://acme.example/oauth/token',
 *       userInfoUrl: 'https://acme.example/api/me',
 *       scopes: ['profile'],
 *       getUserProfile: ({ user_id: id, mail }) => {
 *         if (typeof id !== 'string') throw new Error('Acme names no user');
 *         return { id, email: typeof mail === 'string' ? mail : null };
 *       },
 *     },
 *   ],
 * });
 * ```
 */
export type CustomOAuth2Provider<Id extends string = string> = CustomOAuth2Endpoints<Id> &
  (SecretClient | PublicClient);

/** What does not depend on how the client proves who it is. */
export interface CustomOAuth2Endpoints<Id extends string = string> extends ProviderOptions {
  /** The id in routes and in the database: lower-case letters, digits and dashes. */
  readonly id: Id;
  /** The name to show. Default: the id. */
  readonly name?: string | undefined;
  /** The client id that the provider gave to the application. */
  readonly clientId: string;
  /** Where users sign in. */
  readonly authorizationUrl: string;
  /** Where codes become tokens. */
  readonly tokenUrl: string;
  /** Where the profile is read: JSON, with the access token as bearer. */
  readonly userInfoUrl: string;
  /** What is asked for. Default: nothing, which leaves it to the provider. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Reads who the user is out of the answer of `userInfoUrl`. If it throws, takes longer than 10
   * seconds or returns something else, the sign-in fails with `provider_error`. Default: the claims
   * `sub`, `email`, `email_verified`, `name` and `picture` of OpenID Connect.
   */
  readonly getUserProfile?:
    | ((data: JsonObject) => UserProfile | Promise<UserProfile>)
    | undefined;
  /** Sends PKCE. Turn it off only for a provider that fails on it. Default: `true`. */
  readonly pkce?: boolean | undefined;
}

/** Who a user is, by your word for the provider's. */
export interface UserProfile {
  /**
   * The account's id at the provider: text or a whole number, which never changes and never passes
   * to somebody else.
   */
  readonly id: string | number;
  /** The primary address. */
  readonly email?: string | null | undefined;
  /**
   * Whether the provider has verified that the address is the user's. With a wrong `true` anybody
   * can sign in as the user who has the address. Default: `false`.
   */
  readonly emailVerified?: boolean | undefined;
  /** The name to show. */
  readonly name?: string | null | undefined;
  /** The URL of a picture. */
  readonly image?: string | null | undefined;
}

/**
 * A provider of your own, which makes its calls itself: an object, or an instance of a class, with
 * these functions. State, cookies, accounts and sessions stay with the library.
 *
 * What a function returns crosses as JSON, so its own properties count and nothing else. If it
 * throws, takes longer than 10 seconds or returns something else, the sign-in fails with
 * `provider_error`.
 *
 * @example
 * ```ts
 * import type { OwnProvider, OwnProviderProfile, OwnProviderTokens } from 'kavachos/auth';
 *
 * const API = 'https://legacy.example/sso';
 *
 * export class LegacyProvider implements OwnProvider {
 *   readonly id = 'legacy';
 *   readonly name = 'Legacy SSO';
 *
 *   getAuthorizationUrl(state: string, _codeVerifier: string, redirectUri: string): string {
 *     return `${API}/start?${new URLSearchParams({ state, return: redirectUri })}`;
 *   }
 *
 *   async exchangeCode(code: string): Promise<OwnProviderTokens> {
 *     const response = await fetch(`${API}/ticket`, { method: 'POST', body: code });
 *     if (!response.ok) throw new Error(`The ticket was refused: ${response.status}`);
 *     return { accessToken: await response.text(), expiresAt: new Date(Date.now() + 3_600_000) };
 *   }
 *
 *   async getUserInfo(accessToken: string): Promise<OwnProviderProfile> {
 *     const headers = { authorization: `Bearer ${accessToken}` };
 *     const response = await fetch(`${API}/me`, { headers });
 *     const { uid, mail } = (await response.json()) as { uid: string; mail: string };
 *     return { id: uid, email: mail, emailVerified: true };
 *   }
 * }
 * ```
 */
export interface OwnProvider<Id extends string = string> {
  /** The id in routes and in the database: lower-case letters, digits and dashes. */
  readonly id: Id;
  /** The name to show. */
  readonly name: string;
  /** What is asked for, where `exchangeCode` does not say what was granted. Default: nothing. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * The URL to send the browser to. The answer must come to `redirectUri` with `state` and a
   * `code`.
   *
   * @param state Comes back with the answer, unchanged.
   * @param codeVerifier For PKCE: its S256 challenge may go into the URL, it must not.
   */
  getAuthorizationUrl(
    state: string,
    codeVerifier: string,
    redirectUri: string,
  ): string | Promise<string>;
  /** Trades the code of the callback for tokens. */
  exchangeCode(
    code: string,
    codeVerifier: string,
    redirectUri: string,
  ): OwnProviderTokens | Promise<OwnProviderTokens>;
  /** Reads who the user is. */
  getUserInfo(accessToken: string): OwnProviderProfile | Promise<OwnProviderProfile>;
  /** Gets new tokens. Without it a token that has expired needs the user to sign in again. */
  refreshTokens?(refreshToken: string): OwnProviderTokens | Promise<OwnProviderTokens>;
  /** Takes a token back when an account is unlinked: the refresh token, if there is one. */
  revokeToken?(token: string): void | Promise<void>;
  /** As {@link ProviderOptions.mapProfile}; what it gets is `raw` of the profile. */
  mapProfile?(
    profile: JsonObject,
    defaults: ProfileDefaults,
  ): MappedProfile | Promise<MappedProfile>;
}

/** What {@link OwnProvider.exchangeCode} gives. */
export interface OwnProviderTokens {
  /** For calls to the provider's API. */
  readonly accessToken: string;
  /** For {@link OwnProvider.refreshTokens}. Left out by that: the old one still works. */
  readonly refreshToken?: string | null | undefined;
  /** When the access token expires. Default: unknown. */
  readonly expiresAt?: Date | null | undefined;
  /** What was granted. Default: {@link OwnProvider.scopes}. */
  readonly scopes?: readonly string[] | undefined;
}

/** What {@link OwnProvider.getUserInfo} gives. */
export interface OwnProviderProfile extends UserProfile {
  /** The provider's own answer. Default: none. */
  readonly raw?: JsonObject | undefined;
}

/** The same where the id is the key of a record. */
export type WithoutId<Config extends { readonly id: string }> = Config extends unknown
  ? Omit<Config, 'id'> & { readonly id?: string | undefined }
  : never;

/** The plugin that {@link oauth} makes, for `createKavach({ plugins: [...] })`. */
export interface OAuthPlugin<Id extends string = string> extends KavachPlugin<Id> {
  readonly id: 'oauth';
}

/**
 * A provider, ready for {@link oauth}. It also works alone, where an application runs the flow by
 * itself: it then keeps `state` and the verifier, and compares them.
 *
 * Printing it shows no secret.
 *
 * @example
 * ```ts
 * import { bitbucketProvider, type OAuthProfile } from 'kavachos/auth';
 *
 * const bitbucket = bitbucketProvider('key', 'secret');
 * const redirectUri = 'https://your-app.com/callback';
 *
 * export function start(state: string, codeVerifier: string): Promise<string> {
 *   return bitbucket.getAuthorizationUrl(state, codeVerifier, redirectUri);
 * }
 *
 * export async function finish(code: string, codeVerifier: string): Promise<OAuthProfile> {
 *   const { accessToken } = await bitbucket.exchangeCode(code, codeVerifier, redirectUri);
 *   return bitbucket.getUserInfo(accessToken);
 * }
 * ```
 */
export interface OAuthProvider<Id extends string = string> {
  /** The id in routes and in the database, such as `bitbucket`. */
  readonly id: Id;
  /** The name to show. */
  readonly name: string;
  /** Where users sign in; `null` when that is discovered. */
  readonly authorizationUrl: string | null;
  /** Where codes become tokens; `null` when that is discovered. */
  readonly tokenUrl: string | null;
  /** Where the profile is read; `null` when that is discovered. */
  readonly userInfoUrl: string | null;
  /** What is asked for. */
  readonly scopes: readonly string[];
  /**
   * The URL to send the browser to.
   *
   * @param state A fresh random value, to be compared at the callback.
   * @param codeVerifier A fresh PKCE verifier: 43 to 128 characters. Its S256 challenge goes into
   * the URL.
   * @param redirectUri Where the provider sends the browser back to.
   * @throws {KavachError} `argument_invalid`.
   */
  getAuthorizationUrl(state: string, codeVerifier: string, redirectUri: string): Promise<string>;
  /**
   * Trades the code of the callback for tokens. A code works once.
   *
   * @throws {KavachError} `provider_error` when the provider refuses or does not answer within 10
   * seconds; `argument_invalid`.
   */
  exchangeCode(code: string, codeVerifier: string, redirectUri: string): Promise<OAuthTokens>;
  /**
   * Reads who the user is.
   *
   * @throws {KavachError} `provider_error`, `argument_invalid`.
   */
  getUserInfo(accessToken: string): Promise<OAuthProfile>;
}

/** What a provider gives for a code. Secrets: keep them out of logs and browsers. */
export interface OAuthTokens {
  /** For calls to the provider's API. */
  accessToken: string;
  /** For the next access token; `null` when the provider gives none. */
  refreshToken: string | null;
  /** How the access token is sent: `bearer`. */
  tokenType: string;
  /** When the access token expires; `null` when the provider did not say. */
  expiresAt: Date | null;
  /** What was granted. */
  scopes: string[];
}

/** Who a user is, by the provider's word. */
export interface OAuthProfile {
  /** The account's id at the provider: never changes, unlike names and addresses. */
  id: string;
  /** The primary address; `null` when there is none. */
  email: string | null;
  /** Whether the provider has verified it. */
  emailVerified: boolean;
  /** The name to show. */
  name: string | null;
  /** The URL of a picture. */
  image: string | null;
  /** The provider's own answer, as it came. */
  raw: JsonObject;
}
