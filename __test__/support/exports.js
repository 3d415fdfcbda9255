// What the package exports, by the name that applications import.

/** Providers that have a `<id>Provider` factory. */
const KNOWN = [
  'apple', 'atlassian', 'auth0', 'bitbucket', 'cognito', 'coinbase', 'discord', 'dropbox',
  'facebook', 'figma', 'github', 'gitlab', 'google', 'huggingface', 'kakao', 'kick', 'line',
  'linear', 'linkedin', 'microsoft', 'naver', 'notion', 'okta', 'paypal', 'polar', 'railway',
  'reddit', 'roblox', 'salesforce', 'slack', 'spotify', 'tiktok', 'twitch', 'twitter', 'vercel',
  'vk', 'wechat', 'yahoo', 'zoom',
];

/** Those that also have a `create<Name>Provider`. */
const CREATED = [
  'Apple', 'Discord', 'Github', 'Gitlab', 'Google', 'LinkedIn', 'Microsoft', 'Notion', 'Reddit',
  'Slack', 'Twitch', 'Twitter',
];

export const EXPORTS = {
  kavachos: ['KavachError', 'createKavach'],
  'kavachos/auth': [
    ...KNOWN.map((id) => `${id}Provider`),
    ...CREATED.map((name) => `create${name}Provider`),
    'genericOIDC',
    'oauth',
  ].toSorted(),
  'kavachos/client': ['KavachClientError', 'createClient'],
  'kavachos/node': ['toNodeHandler'],
  'kavachos/react': ['useSession'],
  'kavachos/testing': ['startBitbucketStandIn'],
};
