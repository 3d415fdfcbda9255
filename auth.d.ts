import type { JsonObject, KavachPlugin } from './index.js';

/**
 * Sign-in with OAuth 2.0 for {@link import('./index.js').createKavach | createKavach}.
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
export declare function oauth(options: OAuthOptions): OAuthPlugin;

/**
 * Sign-in with Bitbucket Cloud. Register `<baseUrl>/api/kavach/auth/oauth/callback/bitbucket` as
 * the callback URL of the consumer, and tick its permissions *Account: Read* and *Account: Email*.
 *
 * @param clientId The consumer's key.
 * @param clientSecret The consumer's secret.
 * @param scopesOrOptions Further scopes, on top of `account email`, or {@link ProviderOptions}.
 *
 * @example
 * ```ts
 * import { bitbucketProvider } from 'kavachos/auth';
 *
 * export const bitbucket = bitbucketProvider(
 *   process.env.BITBUCKET_CLIENT_ID!,
 *   process.env.BITBUCKET_CLIENT_SECRET!,
 *   ['repository'],
 * );
 * ```
 *
 * @throws {KavachError} `config_invalid` when the id or secret is empty, or an option wrong or
 * unknown.
 */
export declare function bitbucketProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider;

/** What {@link oauth} takes. An option that is not listed here is refused, never ignored. */
export interface OAuthOptions {
  /** Whom users can sign in with: an array, or a record by provider id. */
  readonly providers:
    | readonly ProviderConfig[]
    | Readonly<Record<string, ProviderConfig | ProviderCredentials>>;
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
  readonly buildRedirectUri?: ((provider: string) => string) | undefined;
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
 * What a provider factory returns, or the plain form of it for a provider that the library knows.
 */
export type ProviderConfig = OAuthProvider | KnownProvider;

/** A provider that the library knows, by its id. */
export interface KnownProvider extends ProviderCredentials {
  /** Which one. */
  readonly id: 'bitbucket';
}

/** The same where the id is the key of a record. */
export interface ProviderCredentials extends ProviderOptions {
  /** The client id that the provider gave to the application. */
  readonly clientId: string;
  /** The client secret that goes with it. */
  readonly clientSecret: string;
}

/** Options of a provider. Endpoints must be https, or http on a loopback host. */
export interface ProviderOptions {
  /** Scopes on top of those that sign-in needs. Default: none. */
  readonly scopes?: readonly string[] | undefined;
  /** Where users sign in. Default: the provider's own, as for the other endpoints. */
  readonly authorizationUrl?: string | undefined;
  /** Where codes become tokens. */
  readonly tokenUrl?: string | undefined;
  /** Where the profile is read. */
  readonly userInfoUrl?: string | undefined;
  /** Where the e-mail addresses are read. */
  readonly emailsUrl?: string | undefined;
  /** Where the provider sends browsers back to. Default: the callback route. */
  readonly redirectUri?: string | undefined;
  /**
   * The `prompt` parameter, such as `select_account`, for providers that know it. Default: none.
   */
  readonly prompt?: string | undefined;
  /**
   * Calls public addresses only, judged by what the connection is made to, after DNS. For endpoints
   * that tenants of your application may write. Default: `false`.
   */
  readonly denyPrivateNetworks?: boolean | undefined;
}

/** The plugin that {@link oauth} makes, for `createKavach({ plugins: [...] })`. */
declare class OAuthPlugin implements KavachPlugin {
  #native;
  private constructor();
  readonly id: 'oauth';
}
export type { OAuthPlugin };

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
export interface OAuthProvider {
  /** The id in routes and in the database, such as `bitbucket`. */
  readonly id: string;
  /** The name to show. */
  readonly name: string;
  /** Where users sign in. */
  readonly authorizationUrl: string;
  /** Where codes become tokens. */
  readonly tokenUrl: string;
  /** Where the profile is read. */
  readonly userInfoUrl: string;
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
