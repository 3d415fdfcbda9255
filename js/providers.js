// The provider factories. What is true of each provider is written down in Rust, by its id.

import { crossable } from './callbacks.js';
import * as native from './native.js';
import { provider } from './provider.js';

export const appleProvider = positional('apple');
export const atlassianProvider = positional('atlassian');
export const auth0Provider = positional('auth0');
export const bitbucketProvider = positional('bitbucket');
export const cognitoProvider = positional('cognito');
export const coinbaseProvider = positional('coinbase');
export const discordProvider = positional('discord');
export const dropboxProvider = positional('dropbox');
export const facebookProvider = positional('facebook');
export const figmaProvider = positional('figma');
export const githubProvider = positional('github');
export const gitlabProvider = positional('gitlab');
export const googleProvider = positional('google');
export const huggingfaceProvider = positional('huggingface');
export const kakaoProvider = positional('kakao');
export const kickProvider = positional('kick');
export const linearProvider = positional('linear');
export const lineProvider = positional('line');
export const linkedinProvider = positional('linkedin');
export const microsoftProvider = positional('microsoft');
export const naverProvider = positional('naver');
export const notionProvider = positional('notion');
export const oktaProvider = positional('okta');
export const paypalProvider = positional('paypal');
export const polarProvider = positional('polar');
export const railwayProvider = positional('railway');
export const redditProvider = positional('reddit');
export const robloxProvider = positional('roblox');
export const salesforceProvider = positional('salesforce');
export const slackProvider = positional('slack');
export const spotifyProvider = positional('spotify');
export const tiktokProvider = positional('tiktok');
export const twitchProvider = positional('twitch');
export const twitterProvider = positional('twitter');
export const vercelProvider = positional('vercel');
export const vkProvider = positional('vk');
export const wechatProvider = positional('wechat');
export const yahooProvider = positional('yahoo');
export const zoomProvider = positional('zoom');

export const createAppleProvider = described('apple', 'Apple');
export const createDiscordProvider = described('discord', 'Discord');
export const createGithubProvider = described('github', 'Github');
export const createGitlabProvider = described('gitlab', 'Gitlab');
export const createGoogleProvider = described('google', 'Google');
export const createLinkedInProvider = described('linkedin', 'LinkedIn');
export const createMicrosoftProvider = described('microsoft', 'Microsoft');
export const createNotionProvider = described('notion', 'Notion');
export const createRedditProvider = described('reddit', 'Reddit');
export const createSlackProvider = described('slack', 'Slack');
export const createTwitchProvider = described('twitch', 'Twitch');
export const createTwitterProvider = described('twitter', 'Twitter');

/** Any provider with OpenID Connect, found by its issuer. */
export function genericOIDC(options) {
  return provider(() => native.genericOidc(crossable(options)));
}

// `([domain,] clientId, clientSecret, scopesOrOptions)`
function positional(id) {
  return named(`${id}Provider`, (...args) =>
    provider(() => native.providerOfArguments(id, args.map(crossable))),
  );
}

// `({ clientId, clientSecret, ...options })`
function described(id, label) {
  return named(`create${label}Provider`, (options) =>
    provider(() => native.providerOfOptions(id, crossable(options))),
  );
}

function named(name, factory) {
  return Object.defineProperty(factory, 'name', { value: name });
}
