// Quirks of the tools of offices and shops, without OpenID Connect.

import { bearer, json, plainText } from './http.js';
import { withoutUnasked } from './profiles.js';
import { RFC_7009 } from './revoke.js';

export const work = {
  notion: {
    tokenFormats: ['json', 'form'],
    fixed: { owner: 'user' },
    paths: { userinfo: '/v1/users/me' },
    signsInWithoutUserInfo: true,
    tokenAnswer: (answer) => ({
      ...answer,
      bot_id: 'b1b2c3d4-0000-4000-8000-000000000001',
      workspace_id: 'a1b2c3d4-0000-4000-8000-000000000002',
      workspace_name: 'Stand-in',
      workspace_icon: null,
      duplicated_template_id: null,
      request_id: '00000000-0000-4000-8000-000000000003',
    }),
    checkApi: ({ headers }) =>
      headers['notion-version']
        ? undefined
        : notionError(400, 'missing_version', 'Notion-Version header should be defined.'),
    apiError: (status, message) =>
      notionError(status, status === 401 ? 'unauthorized' : 'restricted_resource', message),
    revoke: { auth: 'client', formats: ['json'], names: ['token'] },
  },

  dropbox: {
    both: true,
    extraScopes: ['openid', 'email', 'profile', 'files.metadata.read'],
    tokenAnswer: (answer, { profile }) => ({
      ...answer,
      uid: '12345',
      account_id: profile.userInfo?.account_id,
    }),
    checkApi({ headers, body }) {
      const type = headers['content-type'];
      const isBare = body === '' && type === undefined;
      const isNull = body === 'null' && type === 'application/json';
      const call = 'Error in call to API function "users/get_current_account"';
      return isBare || isNull ? undefined : plainText(400, `${call}: expected null, got value`);
    },
    apiScopes: ['account_info.read'],
    apiError(status) {
      const tag = status === 401 ? 'invalid_access_token' : 'missing_scope';
      return json(status, { error_summary: `${tag}/..`, error: { '.tag': tag } });
    },
    revoke: { auth: 'bearer', answer: null },
  },

  zoom: {
    // They are set on the app.
    extraScopes: ['user:read', 'user:read:user'],
    noScopes: ['openid', 'profile', 'email'],
    tokenError: (error, reason) =>
      error === 'invalid_client'
        ? json(401, { reason, error })
        : json(400, { reason, error: 'invalid_request' }),
    apiError: (status, message) => json(status, { code: status === 401 ? 124 : 4711, message }),
    revoke: { ...RFC_7009, answer: { status: 'success' } },
  },

  figma: {
    extraScopes: ['files:read', 'file_content:read'],
    codeSeconds: 30,
    refreshPath: '/v1/oauth/refresh',
    tokenAnswer: (answer, { profile }) => ({
      ...answer,
      user_id: profile.userInfo?.id,
      user_id_string: profile.userInfo?.id,
    }),
    apiScopes: ['current_user:read|file_read|files:read'],
  },

  atlassian: {
    tokenFormats: ['form', 'json'],
    fixed: { audience: 'api.atlassian.com' },
    extraScopes: ['read:jira-user', 'read:account'],
    refreshErrorStatus: 403,
    apiScopes: ['read:me'],
  },

  coinbase: {
    separators: [',', ' '],
    extraScopes: ['offline_access', 'wallet:accounts:read'],
    apiScopes: ['wallet:user:read'],
    needs: { 'data.email': 'wallet:user:email' },
    apiError: (status, message) =>
      json(status, {
        errors: [{ id: status === 401 ? 'invalid_token' : 'invalid_scope', message }],
      }),
    revoke: RFC_7009,
  },

  paypal: {
    extraScopes: ['address', 'https://uri.paypal.com/services/paypalattributes'],
    apiScopes: ['openid'],
    checkApi: ({ params }) =>
      ['paypalv1.1', 'openid'].includes(params.get('schema'))
        ? undefined
        : paypalError(400, 'INVALID_REQUEST', 'The schema is missing.'),
    needs: { emails: 'email', email: 'email', name: 'profile' },
    apiError: (status, message) =>
      paypalError(status, status === 401 ? 'AUTHENTICATION_FAILURE' : 'NOT_AUTHORIZED', message),
  },

  linear: {
    extraScopes: ['write', 'issues:create', 'comments:create'],
    checkAsked: ({ actor }) =>
      actor && !['user', 'app', 'application'].includes(actor) ? `actor=${actor}` : undefined,
    checkApi({ json: body }) {
      const query = body?.query;
      if (typeof query !== 'string') {
        return linearError(400, 'Send the query as JSON.', 'BAD_USER_INPUT');
      }
      // GraphQL: the request went well, the query did not.
      return VIEWER.test(query)
        ? undefined
        : linearError(200, 'Cannot query that field.', 'GRAPHQL_VALIDATION_FAILED');
    },
    apiScopes: ['read'],
    view(body, request) {
      if (!body.data?.viewer) return body;
      const asked = VIEWER.exec(request.json.query)[1].trim().split(/[\s,]+/);
      const known = ['id', 'name', 'email', 'avatarUrl', 'active'];
      const viewer = withoutUnasked(body.data.viewer, known, asked);
      return { ...body, data: { ...body.data, viewer } };
    },
    apiError: (status, message) => linearError(status, message, 'AUTHENTICATION_ERROR'),
    revoke: {
      auth: 'none',
      formats: ['form'],
      names: ['token', 'access_token'],
      orBearer: bearer,
    },
  },
};

function notionError(status, code, message) {
  return json(status, { object: 'error', status, code, message });
}

function paypalError(status, name, message) {
  return json(status, { name, debug_id: '0123456789abc', message, details: [] });
}

function linearError(status, message, code) {
  return json(status, { errors: [{ message, extensions: { code } }] });
}

const VIEWER = /\bviewer\s*\{([^}]*)\}/;
