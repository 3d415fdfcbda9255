import type { GenericOidcOptions, OAuthProvider } from './auth.js';
import type {
  CognitoOptions,
  EmailsOptions,
  FacebookOptions,
  GoogleOptions,
  KnownProviders,
  MicrosoftOptions,
  OktaOptions,
  OpenIdOptions,
  PaypalOptions,
  ProviderOptions,
} from './provider-options.js';

/**
 * Sign-in with Apple. Create a *Services ID* for *Sign in with Apple* at
 * {@link https://developer.apple.com/account/resources | Apple Developer}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/apple` as its return URL, which must be https. The name
 * comes at the first sign-in only; a picture never. Apple comes back with a POST from its own site,
 * so the flow cookie is `SameSite=None`.
 *
 * @param clientId The Services ID.
 * @param clientSecret The signed client secret, which lives for six months at most. With
 * {@link createAppleProvider} the library signs it by itself.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function appleProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'apple'>;

/**
 * Sign-in with Atlassian. Create an *OAuth 2.0 integration* with the permission *User identity API*
 * at {@link https://developer.atlassian.com/console/myapps/ | the developer console}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/atlassian` as its callback URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function atlassianProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'atlassian'>;

/**
 * Sign-in with Auth0. Create a *Regular Web Application* at
 * {@link https://manage.auth0.com | the Auth0 dashboard}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/auth0` as an allowed callback URL.
 *
 * @param domain The host name, such as `acme.eu.auth0.com`.
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function auth0Provider(
  domain: string,
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'auth0'>;

/**
 * Sign-in with Bitbucket Cloud. Create an OAuth consumer as described at
 * {@link https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/},
 * register `<baseUrl>/api/kavach/auth/oauth/callback/bitbucket` as its callback URL, and tick its
 * permissions *Account: Read* and *Account: Email*.
 *
 * @param clientId The consumer's key.
 * @param clientSecret The consumer's secret.
 * @param scopesOrOptions Further scopes, on top of `account email`, or {@link EmailsOptions}.
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
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function bitbucketProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | EmailsOptions,
): OAuthProvider<'bitbucket'>;

/**
 * Sign-in with Amazon Cognito. Create an *app client* with a secret for the user pool in
 * {@link https://console.aws.amazon.com/cognito/ | the Cognito console}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/cognito` as an allowed callback URL. Say where the user
 * pool is, with `region` and `userPoolId`, so that id_tokens are verified.
 *
 * @param domain The host name, such as `acme.auth.eu-central-1.amazoncognito.com`.
 * @param clientId The id of the app client.
 * @param clientSecret Its secret.
 * @param scopesOrOptions Further scopes, or {@link CognitoOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function cognitoProvider(
  domain: string,
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | CognitoOptions,
): OAuthProvider<'cognito'>;

/**
 * Sign-in with Coinbase. Create an *OAuth client* at
 * {@link https://portal.cdp.coinbase.com | the Coinbase Developer Platform}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/coinbase` as a redirect URI. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function coinbaseProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'coinbase'>;

/**
 * Sign-in with Discord. Create an application at
 * {@link https://discord.com/developers/applications | the developer portal}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/discord` as a redirect under *OAuth2*.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function discordProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'discord'>;

/**
 * Sign-in with Dropbox. Create an app at
 * {@link https://www.dropbox.com/developers/apps | the app console}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/dropbox` as a redirect URI.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function dropboxProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'dropbox'>;

/**
 * Sign-in with Facebook. Create an app with *Facebook Login* at
 * {@link https://developers.facebook.com/apps | Meta for Developers}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/facebook` as a valid OAuth redirect URI. Its addresses
 * count as not verified, and not every account has one.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link FacebookOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function facebookProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | FacebookOptions,
): OAuthProvider<'facebook'>;

/**
 * Sign-in with Figma. Create an app at
 * {@link https://www.figma.com/developers/apps | Figma for Developers}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/figma` as its callback URL. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function figmaProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'figma'>;

/**
 * Sign-in with GitHub. Create an *OAuth app* at
 * {@link https://github.com/settings/developers | the developer settings}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/github` as its authorization callback URL. For GitHub
 * Enterprise set the endpoints.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link EmailsOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function githubProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | EmailsOptions,
): OAuthProvider<'github'>;

/**
 * Sign-in with GitLab. Create an application with the scope `read_user` at
 * {@link https://gitlab.com/-/user_settings/applications | your profile}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/gitlab` as its redirect URI. For a GitLab of your own
 * set the endpoints.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function gitlabProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'gitlab'>;

/**
 * Sign-in with Google. Create an OAuth client of the type *Web application* at
 * {@link https://console.cloud.google.com/apis/credentials | the Google Cloud console}, and
 * register `<baseUrl>/api/kavach/auth/oauth/callback/google` as an authorized redirect URI.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link GoogleOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function googleProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | GoogleOptions,
): OAuthProvider<'google'>;

/**
 * Sign-in with Hugging Face. Create an OAuth application at
 * {@link https://huggingface.co/settings/applications/new | your settings}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/huggingface` as a redirect URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function huggingfaceProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'huggingface'>;

/**
 * Sign-in with Kakao. Create an application with *Kakao Login* at
 * {@link https://developers.kakao.com/console/app | Kakao Developers}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/kakao` as a redirect URI.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function kakaoProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'kakao'>;

/**
 * Sign-in with Kick. Create an application in
 * {@link https://kick.com/settings/developer | the developer settings}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/kick` as its redirect URL. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function kickProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'kick'>;

/**
 * Sign-in with Linear. Create an OAuth application in
 * {@link https://linear.app/settings/api/applications/new | the API settings}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/linear` as a callback URL. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function linearProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'linear'>;

/**
 * Sign-in with LINE. Create a *LINE Login* channel with the permission for e-mail addresses at
 * {@link https://developers.line.biz/console/ | the LINE Developers console}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/line` as its callback URL. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function lineProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'line'>;

/**
 * Sign-in with LinkedIn. Create an app with the product *Sign In with LinkedIn using OpenID
 * Connect* at {@link https://www.linkedin.com/developers/apps | LinkedIn Developers}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/linkedin` as an authorized redirect URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function linkedinProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'linkedin'>;

/**
 * Sign-in with Microsoft. Create an app registration with a client secret at
 * {@link https://entra.microsoft.com | the Microsoft Entra admin center}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/microsoft` as a redirect URI of the platform *Web*. An
 * address counts as verified only where Microsoft says who owns it: see the claim `xms_edov`.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link MicrosoftOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function microsoftProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | MicrosoftOptions,
): OAuthProvider<'microsoft'>;

/**
 * Sign-in with Naver. Create an application for *Naver Login* at
 * {@link https://developers.naver.com/apps/ | Naver Developers}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/naver` as its callback URL. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function naverProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'naver'>;

/**
 * Sign-in with Notion. Create a public integration with user information including e-mail addresses
 * at {@link https://www.notion.so/my-integrations | your integrations}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/notion` as a redirect URI. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function notionProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'notion'>;

/**
 * Sign-in with Okta. Create an *OIDC* app integration of the type *Web Application* at
 * {@link https://developer.okta.com | the admin console of your organization}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/okta` as a sign-in redirect URI.
 *
 * @param domain The host name, such as `acme.okta.com`.
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OktaOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function oktaProvider(
  domain: string,
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OktaOptions,
): OAuthProvider<'okta'>;

/**
 * Sign-in with PayPal. Create an app with *Log in with PayPal* at
 * {@link https://developer.paypal.com/dashboard/applications | the developer dashboard}, and
 * register `<baseUrl>/api/kavach/auth/oauth/callback/paypal` as its return URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link PaypalOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function paypalProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | PaypalOptions,
): OAuthProvider<'paypal'>;

/**
 * Sign-in with Polar. Create an OAuth2 client as described at
 * {@link https://polar.sh/docs | Polar}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/polar` as a redirect URI.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function polarProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'polar'>;

/**
 * Sign-in with Railway. Create an OAuth app as described at
 * {@link https://docs.railway.com | Railway}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/railway` as a redirect URI. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function railwayProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'railway'>;

/**
 * Sign-in with Reddit. Create a *web app* at
 * {@link https://www.reddit.com/prefs/apps | your preferences}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/reddit` as its redirect URI. Reddit never tells an
 * e-mail address.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function redditProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'reddit'>;

/**
 * Sign-in with Roblox. Create an OAuth 2.0 app at
 * {@link https://create.roblox.com/dashboard/credentials | the Creator Hub}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/roblox` as a redirect URL. Ordinary apps get no e-mail
 * address.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function robloxProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'roblox'>;

/**
 * Sign-in with Salesforce. Create an external client app with OAuth in the setup of your
 * organization, as described at {@link https://developer.salesforce.com | Salesforce Developers},
 * and register `<baseUrl>/api/kavach/auth/oauth/callback/salesforce` as its callback URL. For a
 * sandbox or a domain of your own set `issuer`.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function salesforceProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'salesforce'>;

/**
 * Sign-in with Slack. Create an app at {@link https://api.slack.com/apps | Your Apps}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/slack` as a redirect URL under *OAuth & Permissions*;
 * it must be https.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function slackProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'slack'>;

/**
 * Sign-in with Spotify. Create an app at
 * {@link https://developer.spotify.com/dashboard | the developer dashboard}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/spotify` as a redirect URI. Its addresses count as not
 * verified.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function spotifyProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'spotify'>;

/**
 * Sign-in with TikTok. Create an app with *Login Kit* at
 * {@link https://developers.tiktok.com/apps/ | TikTok for Developers}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/tiktok` as a redirect URI. The client id is the *client
 * key*. TikTok never tells an e-mail address.
 *
 * @param clientId The client key.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function tiktokProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'tiktok'>;

/**
 * Sign-in with Twitch. Create an application at
 * {@link https://dev.twitch.tv/console/apps | the developer console}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/twitch` as an OAuth redirect URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function twitchProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'twitch'>;

/**
 * Sign-in with Twitter, now X. Create an app with user authentication of the type *Web App* at
 * {@link https://developer.x.com | the developer portal}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/twitter` as its callback URI. Tick *Request email from
 * users* there. The credentials are those of OAuth 2.0, not the API key.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function twitterProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'twitter'>;

/**
 * Sign-in with Vercel. Create an app as described at
 * {@link https://vercel.com/docs/sign-in-with-vercel | Sign in with Vercel}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/vercel` as an authorization callback URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function vercelProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'vercel'>;

/**
 * Sign-in with VK. Create an application for *VK ID* at
 * {@link https://id.vk.com/about/business/go | VK ID for business}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/vk` as a trusted redirect URL. Its addresses count as
 * not verified.
 *
 * @param clientId The id of the application.
 * @param clientSecret The protected key, or `undefined` for an application without.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function vkProvider(
  clientId: string,
  clientSecret?: string | undefined,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'vk'>;

/**
 * Sign-in with WeChat. Create a *website application* at
 * {@link https://open.weixin.qq.com | the WeChat Open Platform} with its host as the authorization
 * callback domain. Browsers come back to `<baseUrl>/api/kavach/auth/oauth/callback/wechat`. The
 * client id is the *AppID*. WeChat never tells an e-mail address.
 *
 * @param clientId The AppID.
 * @param clientSecret The AppSecret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function wechatProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'wechat'>;

/**
 * Sign-in with Yahoo. Create an app with the permission for OpenID Connect at
 * {@link https://developer.yahoo.com/apps/ | the Yahoo Developer Network}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/yahoo` as its redirect URI.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link OpenIdOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function yahooProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | OpenIdOptions,
): OAuthProvider<'yahoo'>;

/**
 * Sign-in with Zoom. Create a *General App* that users manage, with the scope `user:read:user`, at
 * {@link https://marketplace.zoom.us | the App Marketplace}, and register
 * `<baseUrl>/api/kavach/auth/oauth/callback/zoom` as its redirect URL.
 *
 * @param clientId The client id.
 * @param clientSecret The client secret.
 * @param scopesOrOptions Further scopes, or {@link ProviderOptions}.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function zoomProvider(
  clientId: string,
  clientSecret: string,
  scopesOrOptions?: readonly string[] | ProviderOptions,
): OAuthProvider<'zoom'>;

/**
 * The same as {@link appleProvider}, by one object. With a key in place of the secret, the library
 * signs one whenever it is needed.
 *
 * @example
 * ```ts
 * import { createAppleProvider } from 'kavachos/auth';
 *
 * export const apple = createAppleProvider({
 *   clientId: 'com.acme.web',
 *   teamId: 'A1B2C3D4E5',
 *   keyId: 'F6G7H8I9J0',
 *   privateKey: process.env.APPLE_PRIVATE_KEY!,
 * });
 * ```
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createAppleProvider(
  options: KnownProviders['apple'],
): OAuthProvider<'apple'>;

/**
 * The same as {@link discordProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createDiscordProvider(
  options: KnownProviders['discord'],
): OAuthProvider<'discord'>;

/**
 * The same as {@link githubProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createGithubProvider(
  options: KnownProviders['github'],
): OAuthProvider<'github'>;

/**
 * The same as {@link gitlabProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createGitlabProvider(
  options: KnownProviders['gitlab'],
): OAuthProvider<'gitlab'>;

/**
 * The same as {@link googleProvider}, by one object.
 *
 * @example
 * ```ts
 * import { createGoogleProvider } from 'kavachos/auth';
 *
 * export const google = createGoogleProvider({
 *   clientId: process.env.GOOGLE_CLIENT_ID!,
 *   clientSecret: process.env.GOOGLE_CLIENT_SECRET!,
 *   hd: 'acme.com',
 * });
 * ```
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createGoogleProvider(
  options: KnownProviders['google'],
): OAuthProvider<'google'>;

/**
 * The same as {@link linkedinProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createLinkedInProvider(
  options: KnownProviders['linkedin'],
): OAuthProvider<'linkedin'>;

/**
 * The same as {@link microsoftProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createMicrosoftProvider(
  options: KnownProviders['microsoft'],
): OAuthProvider<'microsoft'>;

/**
 * The same as {@link notionProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createNotionProvider(
  options: KnownProviders['notion'],
): OAuthProvider<'notion'>;

/**
 * The same as {@link redditProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createRedditProvider(
  options: KnownProviders['reddit'],
): OAuthProvider<'reddit'>;

/**
 * The same as {@link slackProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createSlackProvider(
  options: KnownProviders['slack'],
): OAuthProvider<'slack'>;

/**
 * The same as {@link twitchProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createTwitchProvider(
  options: KnownProviders['twitch'],
): OAuthProvider<'twitch'>;

/**
 * The same as {@link twitterProvider}, by one object.
 *
 * @throws {KavachError} `config_invalid` when a credential is empty, or an option wrong or unknown.
 */
export declare function createTwitterProvider(
  options: KnownProviders['twitter'],
): OAuthProvider<'twitter'>;

/**
 * Sign-in with any provider that has OpenID Connect, found by its issuer. Register
 * `<baseUrl>/api/kavach/auth/oauth/callback/<id>` there as the redirect URI. Nothing is fetched
 * before the first sign-in.
 *
 * @example
 * ```ts
 * import { genericOIDC } from 'kavachos/auth';
 *
 * export const keycloak = genericOIDC({
 *   id: 'keycloak',
 *   name: 'Company account',
 *   issuer: 'https://id.acme.com/realms/main',
 *   clientId: process.env.KEYCLOAK_CLIENT_ID!,
 *   clientSecret: process.env.KEYCLOAK_CLIENT_SECRET!,
 * });
 * ```
 *
 * @throws {KavachError} `config_invalid` when an option is missing, wrong or unknown.
 */
export declare function genericOIDC<const Id extends string>(
  options: GenericOidcOptions<Id>,
): OAuthProvider<Id>;
