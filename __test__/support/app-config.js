// The usual application of the tests.

export const SECRET = 'a secret for tests, longer than 32 characters';
export const BASE_URL = 'https://your-app.com';
export const CONSUMER = {
  key: 'consumer-key',
  secret: 'consumer+secret/%',
  callbackUrl: `${BASE_URL}/api/kavach/auth/oauth/callback/bitbucket`,
};
