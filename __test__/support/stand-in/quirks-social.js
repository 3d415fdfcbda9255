// Quirks of the places where people meet, play and listen, without OpenID Connect.

import { formEncoded, json, plainText } from './http.js';
import { withoutUnasked } from './profiles.js';
import { RFC_7009 } from './revoke.js';

export const social = {
  github: {
    both: true,
    extraScopes: ['user', 'user:follow', 'repo', 'read:org'],
    writeToken: githubToken,
    tokenError: (error, description, request) =>
      githubToken(request, {
        error: GITHUB_ERRORS[error] ?? error,
        error_description: description,
        error_uri: 'https://docs.github.com/apps/managing-oauth-apps/troubleshooting',
      }),
    checkApi: ({ headers }) =>
      headers['user-agent'] ? undefined : plainText(403, 'Request forbidden: no User-Agent'),
    apiError: (status, message) =>
      json(status, {
        message: status === 401 ? 'Bad credentials' : message,
        documentation_url: 'https://docs.github.com/rest',
        status: String(status),
      }),
    revoke: {
      method: 'DELETE',
      auth: 'basic',
      formats: ['json'],
      names: ['access_token'],
      status: 204,
    },
  },

  gitlab: {
    both: true,
    extraScopes: ['api', 'read_api', 'openid', 'profile'],
    tokenAnswer: (answer) => ({ ...answer, created_at: Math.floor(Date.now() / 1000) }),
    apiScopes: ['read_user|api|read_api'],
    apiError: (status) =>
      json(status, { message: status === 401 ? '401 Unauthorized' : '403 Forbidden' }),
    revoke: RFC_7009,
  },

  discord: {
    both: true,
    extraScopes: ['guilds', 'connections', 'openid'],
    apiScopes: ['identify'],
    needs: { email: 'email', verified: 'email' },
    apiError: (status, message) =>
      json(status, { message: status === 401 ? '401: Unauthorized' : message, code: 0 }),
    revoke: RFC_7009,
  },

  twitter: {
    extraScopes: ['offline.access', 'follows.read', 'like.read'],
    apiScopes: ['users.read', 'tweet.read'],
    needs: { 'data.confirmed_email': 'users.email' },
    view(body, { params }) {
      const asked = list(params.get('user.fields'));
      const known = ['profile_image_url', 'confirmed_email'];
      return 'data' in body ? { ...body, data: withoutUnasked(body.data, known, asked) } : body;
    },
    apiError: (status, detail) =>
      json(status, {
        title: status === 401 ? 'Unauthorized' : 'Forbidden',
        type: 'about:blank',
        status,
        detail,
      }),
    revoke: { ...RFC_7009, answer: { revoked: true } },
  },

  facebook: {
    separators: [',', ' '],
    extraScopes: ['user_friends', 'user_birthday', 'openid'],
    denied: { error: 'access_denied', error_code: '200', error_reason: 'user_denied' },
    tokenError: (_error, description) => facebookError(400, description, 100),
    needs: { email: 'email' },
    view: (body, { params }) =>
      withoutUnasked(body, ['name', 'email', 'picture'], list(params.get('fields') ?? 'name')),
    apiError: (status, message) => facebookError(status, message, 190),
    // `{user-id}`: the id itself, or `me`. The version is an option.
    paths: { revoke: '/me/permissions' },
    canonical: (path) =>
      path
        .replace(/^(\/v\d+\.\d+)?\/[^/]+\/permissions$/, '/me/permissions')
        .replace(/^\/v\d+\.\d+\//, '/v24.0/'),
    revoke: { method: 'DELETE', auth: 'bearer', answer: { success: true } },
  },

  reddit: {
    extraScopes: ['read', 'history', 'mysubreddits'],
    checkAsked: ({ duration }) =>
      duration && !['permanent', 'temporary'].includes(duration)
        ? `duration=${duration}`
        : undefined,
    tokenError: (error) =>
      error === 'invalid_client'
        ? json(401, { message: 'Unauthorized', error: 401 })
        : json(200, { error: error === 'redirect_uri_mismatch' ? 'invalid_grant' : error }),
    checkApi: ({ headers }) =>
      GENERIC_AGENT.test(headers['user-agent'] ?? '')
        ? json(429, { message: 'Too Many Requests', error: 429 })
        : undefined,
    apiScopes: ['identity'],
    apiError: (status) =>
      json(status, { message: status === 401 ? 'Unauthorized' : 'Forbidden', error: status }),
    revoke: { ...RFC_7009, status: 204 },
  },

  twitch: {
    extraScopes: ['openid', 'user:edit', 'channel:read:subscriptions'],
    tokenError(error, message) {
      const status = error === 'invalid_client' ? 403 : 400;
      // Of a refresh it says that in these words.
      const said = /refresh token/.test(message) ? 'Invalid refresh token' : message;
      return json(status, { status, message: said });
    },
    checkApi: ({ headers }, standIn) =>
      headers['client-id'] === standIn.client.clientId
        ? undefined
        : twitchError(401, 'Client ID and OAuth token do not match'),
    needs: { 'data.0.email': 'user:read:email' },
    apiError: twitchError,
    revoke: { ...RFC_7009, auth: 'id' },
  },

  spotify: {
    both: true,
    extraScopes: ['playlist-read-private', 'user-top-read'],
    needs: { email: 'user-read-email' },
    apiError: (status, message) => json(status, { error: { status, message } }),
  },

  kick: {
    required: ['state'],
    extraScopes: ['channel:read', 'chat:write'],
    tokenError: (error) =>
      json(error === 'invalid_client' ? 401 : 400, { error: 'Invalid request' }),
    apiScopes: ['user:read'],
    apiError: (status, message) => json(status, { data: {}, message }),
    revoke: { auth: 'none', formats: ['query'], names: ['token'] },
  },
};

/** Form-encoded, unless the client says that it wants JSON. */
function githubToken({ headers }, body) {
  const wantsJson = /\bapplication\/json\b/.test(headers.accept ?? '');
  return wantsJson ? json(200, body) : formEncoded(200, body);
}

function facebookError(status, message, code) {
  return json(status, {
    error: { message, type: 'OAuthException', code, error_subcode: 33, fbtrace_id: 'AStandIn' },
  });
}

function twitchError(status, message) {
  return json(status, { error: status === 401 ? 'Unauthorized' : 'Forbidden', status, message });
}

function list(text) {
  return (text ?? '').split(',').filter(Boolean);
}

const GITHUB_ERRORS = {
  invalid_grant: 'bad_verification_code',
  invalid_client: 'incorrect_client_credentials',
};

/** What a client calls itself whose author did not think about it. */
const GENERIC_AGENT =
  /^$|^(node|undici|python|curl|wget|java|okhttp|go-http|axios|reqwest|hyper|php|mozilla|bot)\b/i;
