import type { JsonObject } from './index.js';

/**
 * What each provider that the library knows is set up with, by its id. The factories take the same.
 */
export interface KnownProviders {
  readonly apple: AppleClient & OpenIdOptions;
  readonly atlassian: ClientCredentials & ProviderOptions;
  readonly auth0: TenantDomain & ClientCredentials & OpenIdOptions;
  readonly bitbucket: ClientCredentials & EmailsOptions;
  readonly cognito: TenantDomain & ClientCredentials & CognitoOptions;
  readonly coinbase: ClientCredentials & ProviderOptions;
  readonly discord: ClientCredentials & ProviderOptions;
  readonly dropbox: ClientCredentials & ProviderOptions;
  readonly facebook: ClientCredentials & FacebookOptions;
  readonly figma: ClientCredentials & ProviderOptions;
  readonly github: ClientCredentials & EmailsOptions;
  readonly gitlab: ClientCredentials & ProviderOptions;
  readonly google: ClientCredentials & GoogleOptions;
  readonly huggingface: ClientCredentials & OpenIdOptions;
  readonly kakao: ClientCredentials & ProviderOptions;
  readonly kick: ClientCredentials & ProviderOptions;
  readonly linear: ClientCredentials & ProviderOptions;
  readonly line: ClientCredentials & OpenIdOptions;
  readonly linkedin: ClientCredentials & OpenIdOptions;
  readonly microsoft: ClientCredentials & MicrosoftOptions;
  readonly naver: ClientCredentials & ProviderOptions;
  readonly notion: ClientCredentials & ProviderOptions;
  readonly okta: TenantDomain & ClientCredentials & OktaOptions;
  readonly paypal: ClientCredentials & PaypalOptions;
  readonly polar: ClientCredentials & OpenIdOptions;
  readonly railway: ClientCredentials & OpenIdOptions;
  readonly reddit: ClientCredentials & ProviderOptions;
  readonly roblox: ClientCredentials & OpenIdOptions;
  readonly salesforce: ClientCredentials & OpenIdOptions;
  readonly slack: ClientCredentials & OpenIdOptions;
  readonly spotify: ClientCredentials & ProviderOptions;
  readonly tiktok: ClientCredentials & ProviderOptions;
  readonly twitch: ClientCredentials & ProviderOptions;
  readonly twitter: ClientCredentials & ProviderOptions;
  readonly vercel: ClientCredentials & OpenIdOptions;
  readonly vk: VkClient & ProviderOptions;
  readonly wechat: ClientCredentials & ProviderOptions;
  readonly yahoo: ClientCredentials & OpenIdOptions;
  readonly zoom: ClientCredentials & ProviderOptions;
}

/** What the provider gave to the application when it was registered there. */
export interface ClientCredentials {
  /** The client id. */
  readonly clientId: string;
  /** The client secret that goes with it. */
  readonly clientSecret: string;
}

/** Options of every provider. Endpoints must be https, or http on a loopback host. */
export interface ProviderOptions {
  /** Scopes on top of those that sign-in needs. Default: none. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Scopes of sign-in that are not asked for, because the registration does not have them; `openid`
   * stays. Default: none.
   */
  readonly omitScopes?: readonly string[] | undefined;
  /**
   * Scopes that a single sign-in may ask for in addition: `authorize/<id>?scope=a%20b`. Any other
   * is refused there. Default: none.
   */
  readonly optionalScopes?: readonly string[] | undefined;
  /** Where users sign in. Default: the provider's own, as for the other endpoints. */
  readonly authorizationUrl?: string | undefined;
  /** Where codes become tokens. */
  readonly tokenUrl?: string | undefined;
  /** Where the profile is read. */
  readonly userInfoUrl?: string | undefined;
  /** Where tokens are revoked when an account is unlinked. */
  readonly revocationUrl?: string | undefined;
  /** Where the provider sends browsers back to. Default: the callback route. */
  readonly redirectUri?: string | undefined;
  /**
   * The `prompt` parameter, such as `select_account`, for providers that know it. Default: none.
   */
  readonly prompt?: string | undefined;
  /**
   * Further parameters of the authorization request, for what no option is there for. Those that
   * make the flow safe, such as `state`, are refused. Default: none.
   */
  readonly authorizationParams?: Readonly<Record<string, string>> | undefined;
  /**
   * Calls public addresses only, judged by what the connection is made to, after DNS. For endpoints
   * that tenants of your application may write. Default: `false`.
   */
  readonly denyPrivateNetworks?: boolean | undefined;
  /**
   * Makes of a new user's profile what is kept of it. Default: `name` and `image` as the provider
   * has them, and no {@link import('./index.js').User.extra | extra}.
   */
  readonly mapProfile?: MapProfile | undefined;
}

/** Options of a provider that has a list of e-mail addresses beside the profile. */
export interface EmailsOptions extends ProviderOptions {
  /** Where the e-mail addresses are read. */
  readonly emailsUrl?: string | undefined;
}

/** Options of a provider with OpenID Connect. */
export interface OpenIdOptions extends ProviderOptions {
  /**
   * Another issuer, from whose metadata everything is then discovered:
   * `<issuer>/.well-known/openid-configuration`. It must name itself exactly so. Default: the
   * provider's own.
   */
  readonly issuer?: string | undefined;
}

/** Options of Google. */
export interface GoogleOptions extends OpenIdOptions {
  /** Lets in accounts of this Google Workspace domain only. Default: every account. */
  readonly hd?: string | undefined;
}

/** Options of Microsoft. */
export interface MicrosoftOptions extends OpenIdOptions {
  /**
   * Whose accounts may sign in: a tenant's id or domain, `organizations`, `consumers` or `common`.
   * Default: `common`, which is all of them.
   */
  readonly tenant?: string | undefined;
}

/** Options of Facebook. */
export interface FacebookOptions extends ProviderOptions {
  /** The version of the Graph API. Default: `v24.0`. */
  readonly graphVersion?: string | undefined;
}

/** Options of PayPal. */
export interface PaypalOptions extends ProviderOptions {
  /** Where the accounts are. Default: `live`. */
  readonly environment?: 'live' | 'sandbox' | undefined;
}

/** Options of Okta. */
export interface OktaOptions extends OpenIdOptions {
  /** The authorization server in the Okta organization. Default: `default`. */
  readonly authorizationServerId?: string | undefined;
}

/** Options of Amazon Cognito. */
export type CognitoOptions = OpenIdOptions & (UserPool | NoUserPool);

/** Where the user pool is. With it id_tokens are verified. */
export interface UserPool {
  /** The AWS region of the user pool, such as `eu-central-1`. */
  readonly region: string;
  /** The id of the user pool, such as `eu-central-1_a1B2c3D4e`. */
  readonly userPoolId: string;
}

/** Without it the domain alone tells who the user is. */
export interface NoUserPool {
  readonly region?: undefined;
  readonly userPoolId?: undefined;
}

/** What stands in front of the path in all addresses of a tenant of Auth0, Okta or Cognito. */
export interface TenantDomain {
  /** The host name alone, such as `acme.eu.auth0.com`. */
  readonly domain: string;
}

/** How the application proves to Apple who it is. */
export type AppleClient = AppleKey | AppleSecret;

/** By its key, with which the library signs a client secret whenever one is needed. */
export interface AppleKey {
  /** The Services ID. */
  readonly clientId: string;
  /** The id of the team: ten characters. */
  readonly teamId: string;
  /** The id of the key: ten characters. */
  readonly keyId: string;
  /** The key itself: the text of the `.p8` file. */
  readonly privateKey: string;
  readonly clientSecret?: undefined;
}

/** By a client secret that was signed beforehand. Apple lets it live for six months at most. */
export interface AppleSecret extends ClientCredentials {
  readonly teamId?: undefined;
  readonly keyId?: undefined;
  readonly privateKey?: undefined;
}

/** VK knows applications without a secret. */
export interface VkClient {
  /** The id of the application. */
  readonly clientId: string;
  /** The protected key, where the application has one. */
  readonly clientSecret?: string | undefined;
}

/**
 * Makes of a new user's profile what is kept of it: `name` and `image` take the place of what the
 * provider said; `id`, `email` and `emailVerified` cannot be changed, and are left out; everything
 * else becomes {@link import('./index.js').User.extra | User.extra}, at most 16,384 bytes of JSON.
 *
 * It is asked at every sign-in, and what it says is kept when the user is made. If it throws, takes
 * longer than 10 seconds or returns something else, the sign-in fails with `provider_error`.
 *
 * @param profile The provider's own answer, as it came: nothing in it is sure to be there.
 * @param defaults What would be kept without it.
 *
 * @example
 * ```ts
 * import { githubProvider } from 'kavachos/auth';
 *
 * export const github = githubProvider('id', 'secret', {
 *   mapProfile: (profile, { name }) => ({
 *     name: name ?? 'Somebody',
 *     login: profile.login,
 *     isStaff: profile.site_admin === true,
 *   }),
 * });
 * ```
 */
export type MapProfile = (
  profile: JsonObject,
  defaults: ProfileDefaults,
) => MappedProfile | Promise<MappedProfile>;

/** What is kept of a profile unless {@link MapProfile} says otherwise. */
export interface ProfileDefaults {
  /** The address; `null` when there is none. */
  readonly email: string | null;
  /** Whether the provider has verified it. */
  readonly emailVerified: boolean;
  /** The name to show. */
  readonly name: string | null;
  /** The URL of a picture. */
  readonly image: string | null;
}

/** What {@link MapProfile} returns. */
export interface MappedProfile extends JsonObject {
  /** The name to show. Left out: as the provider has it. */
  readonly name?: string | null | undefined;
  /** The URL of a picture. Left out: as the provider has it. */
  readonly image?: string | null | undefined;
}
