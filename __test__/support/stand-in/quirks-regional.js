// Quirks of the providers that took OAuth 2.0 as a suggestion: TikTok, VK, Kakao, Naver, WeChat.

import { has, json, param, readForm } from './http.js';
import { withoutUnasked } from './profiles.js';
import { RFC_7009 } from './revoke.js';

export const regional = {
  tiktok: {
    extraScopes: ['user.info.profile', 'user.info.stats'],
    tokenAnswer: (answer, { profile }) => ({
      ...answer,
      open_id: profile.userInfo?.data?.user?.open_id,
      ...(answer.refresh_token && { refresh_expires_in: 31_536_000 }),
    }),
    tokenError: (error, description) =>
      json(200, {
        error: error === 'redirect_uri_mismatch' ? 'invalid_request' : error,
        error_description: description,
        log_id: LOG_ID,
      }),
    checkApi: ({ params }) =>
      has(params, 'fields') ? undefined : tiktokError(400, 'invalid_params', 'Fields is required.'),
    apiScopes: ['user.info.basic'],
    view(body, { params }) {
      const user = body?.data?.user;
      if (typeof user !== 'object' || user === null) return body;
      const asked = params.get('fields').split(',');
      const known = ['open_id', 'union_id', 'avatar_url', 'display_name'];
      return {
        ...body,
        data: { ...body.data, user: withoutUnasked(user, known, asked) },
        error: body.error ?? { code: 'ok', message: '', log_id: LOG_ID },
      };
    },
    apiError(status, message) {
      const code = status === 401 ? 'access_token_invalid' : 'scope_not_authorized';
      return tiktokError(status, code, message);
    },
    revoke: RFC_7009,
  },

  vk: {
    secretless: true,
    extraScopes: ['phone'],
    required: ['state'],
    callback: (_standIn, { deviceId }) => ({ device_id: deviceId, type: 'code_v2' }),
    checkCode: (form, grant) => vkDevice(form, grant) ?? (has(form, 'state') ? undefined : 'state'),
    checkRefresh: vkDevice,
    tokenAnswer: (answer, { profile, state }) => ({
      ...answer,
      user_id: profile.userInfo?.user?.user_id,
      state,
      // There is one, for `public_info` only; nobody needs it.
      id_token: 'e30.e30.',
    }),
    tokenError: (error, description) =>
      json(200, {
        error: error === 'redirect_uri_mismatch' ? 'invalid_request' : error,
        error_description: description,
      }),
    // In the form, with the client's id; a bearer header is not looked at.
    apiToken: (request) => readForm(request)?.get('access_token') ?? undefined,
    checkApi(request, standIn) {
      const form = readForm(request);
      if (!form) return vkError('invalid_request', 'Send a form.');
      return form.get('client_id') === standIn.client.clientId
        ? undefined
        : vkError('invalid_client', 'client_id');
    },
    needs: { 'user.email': 'email' },
    apiError: (status, message) =>
      vkError(status === 401 ? 'invalid_token' : 'access_denied', message),
    revoke: { auth: 'id', formats: ['form'], names: ['access_token'], answer: { response: 1 } },
  },

  kakao: {
    separators: [',', ' '],
    extraScopes: ['talk_message', 'friends'],
    tokenAnswer: (answer) => ({
      ...answer,
      ...(answer.refresh_token && { refresh_token_expires_in: 5_184_000 }),
    }),
    tokenError(error, description) {
      const isClient = error === 'invalid_client';
      return json(isClient ? 401 : 400, {
        error: error === 'redirect_uri_mismatch' ? 'invalid_grant' : error,
        error_description: description,
        error_code: KAKAO_CODES[error] ?? 'KOE006',
      });
    },
    needs: {
      'kakao_account.email': 'account_email',
      'kakao_account.profile.nickname': 'profile_nickname',
      'kakao_account.profile.profile_image_url': 'profile_image',
    },
    apiError: (status, msg) => json(status, { msg, code: status === 401 ? -401 : -402 }),
    revoke: { auth: 'bearer', answer: { id: 1_234_567_890 } },
  },

  naver: {
    required: ['state'],
    noScopes: ['name', 'email'],
    redirectUriOptional: true,
    checkCode: (form, { state }) => (param(form, 'state') === state ? undefined : 'state'),
    tokenError: (error, description) =>
      json(200, {
        error: error === 'redirect_uri_mismatch' ? 'invalid_request' : error,
        error_description: description,
      }),
    apiError: (status, message) =>
      json(status, { resultcode: status === 401 ? '024' : '403', message }),
    // At the token endpoint, as a grant type.
    revoke: {
      auth: 'client',
      formats: ['form'],
      names: ['access_token'],
      grantType: 'delete',
      answer: { access_token: 'gone', result: 'success' },
    },
  },

  wechat: {
    fragment: '#wechat_redirect',
    extraScopes: ['snsapi_userinfo', 'snsapi_base'],
    redirectUriOptional: true,
    idAloneRefreshes: true,
    refreshPath: '/sns/oauth2/refresh_token',
    tokenAnswer: (answer, { profile }) => ({
      ...answer,
      openid: profile.userInfo?.openid,
      unionid: profile.userInfo?.unionid,
    }),
    writeToken: (_request, body) => wechatAnswer(body),
    tokenError: (error, errmsg) =>
      wechatAnswer({ errcode: WECHAT_CODES[error] ?? 40_029, errmsg }),
    apiToken: ({ headers, params }) =>
      headers.authorization === undefined ? param(params, 'access_token') : undefined,
    checkApi: ({ params }, _standIn, grant) => {
      const own = grant && (grant.profile.token?.openid ?? grant.profile.userInfo?.openid);
      return !grant || params.get('openid') === own
        ? undefined
        : wechatAnswer({ errcode: 40_003, errmsg: 'invalid openid' });
    },
    apiScopes: ['snsapi_login|snsapi_userinfo'],
    apiError: (status, errmsg) =>
      wechatAnswer({ errcode: status === 401 ? 40_001 : 48_001, errmsg }),
  },
};

function tiktokError(status, code, message) {
  return json(status, { data: {}, error: { code, message, log_id: LOG_ID } });
}

function vkDevice(form, { deviceId }) {
  return form.get('device_id') === deviceId ? undefined : 'device_id';
}

/** Often with 200. */
function vkError(error, description) {
  return json(200, { error, error_description: description });
}

function wechatAnswer(body) {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return { status: 200, headers, body: JSON.stringify(body) };
}

const LOG_ID = '20260101000000000000000000000000FF';

const KAKAO_CODES = {
  invalid_client: 'KOE010',
  invalid_grant: 'KOE320',
  redirect_uri_mismatch: 'KOE303',
};

const WECHAT_CODES = {
  invalid_client: 40_125,
  invalid_grant: 40_029,
  invalid_request: 41_002,
  unsupported_grant_type: 40_002,
};
