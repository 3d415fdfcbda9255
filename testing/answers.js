/**
 * The recorded answers, byte for byte. Handlers send them, and `server.fail('user',
 * answers.rateLimited)` makes any endpoint send them.
 */
import { json } from './http.js';

/** The token endpoint's error: `error_description` comes first on the wire. */
export function oauthError(description, error) {
  const body = spaced({ error_description: description, error });
  return json(400, body, { 'cache-control': 'no-store' });
}

export function apiError(status, error, rest) {
  return json(status, spaced({ type: 'error', error, ...rest }));
}

/** 403 [R backstage#22383] */
export function missingScope(granted, required) {
  return apiError(403, {
    message: 'Your credentials lack one or more required privilege scopes.',
    detail: { granted, required },
  });
}

export function methodNotAllowed(allow) {
  return {
    status: 405,
    headers: { allow, 'content-type': 'text/plain; charset=utf-8' },
    body: 'Method Not Allowed',
  };
}

const RATE_LIMIT = 'Rate limit for this resource has been exceeded';
const RATE_HEADERS = {
  'x-ratelimit-limit': '60, 60;w=3600',
  'x-ratelimit-remaining': '0',
  // Seconds left, not an epoch.
  'x-ratelimit-reset': '745',
};
const CHANGE_2770 = {
  announcement_url: 'https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770',
};

export const answers = Object.freeze({
  invalidCode: oauthError('The specified code is not valid.', 'invalid_grant'),
  invalidClient: oauthError('Invalid OAuth client credentials', 'unauthorized_client'),
  noCallback: oauthError('No callback uri defined for the OAuth client.', 'invalid_request'),
  noGrantType: oauthError('Unsupported grant type: None', 'invalid_grant'),
  publicConsumer: oauthError(
    'Cannot use client_credentials with a consumer marked as "public". Calls for auto generated ' +
      'consumers should use urn:bitbucket:oauth2:jwt instead.',
    'invalid_grant',
  ),
  // Seen with either error code.
  invalidRefreshToken: oauthError('Invalid refresh_token', 'invalid_request'),
  deadRefreshToken: oauthError('Invalid refresh_token', 'invalid_grant'),
  unauthorizedText: {
    status: 401,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: 'Unauthorized',
  },

  tokenExpired: apiError(401, {
    message: 'Access token expired. Use your refresh token to obtain a new access token.',
  }),
  tokenInvalid: apiError(401, {
    message: 'Token is invalid, expired, or not supported for this endpoint.',
  }),
  unauthorizedEmpty: { status: 401 },
  notFound: apiError(404, {
    message: 'Resource not found',
    detail:
      'There is no API hosted at this URL.\n\nFor information about our API\'s, please refer to ' +
      'the documentation at: https://developer.atlassian.com/bitbucket/api/2/reference/',
  }),
  removed: apiError(
    410,
    {
      message: 'CHANGE-2770 - Functionality has been deprecated',
      detail: 'Please read the changelog entry for more details.',
      data: CHANGE_2770,
    },
    { data: CHANGE_2770 },
  ),
  // `Retry-After` is only sometimes there, so one of the two has it.
  rateLimited: json(429, JSON.stringify({ type: 'error', error: { message: RATE_LIMIT } }), {
    ...RATE_HEADERS,
    'retry-after': '745',
  }),
  rateLimitedText: {
    status: 429,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...RATE_HEADERS },
    body: RATE_LIMIT,
  },
  unavailable: {
    status: 503,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!doctype html><title>Bitbucket</title><h1>Bitbucket is temporarily unavailable</h1>',
  },
});

/** JSON with a blank after each comma and colon, as Bitbucket's Python writes it. */
function spaced(value) {
  // Strings hold no raw line break in JSON, so each one is layout.
  return JSON.stringify(value, null, 1)
    .replace(/([[{])\n */g, '$1')
    .replace(/\n *([\]}])/g, '$1')
    .replace(/\n */g, ' ');
}
