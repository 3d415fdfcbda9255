// How each provider says no, for the tests of the stand-in: [status, pattern of the body]. What is
// not here answers as RFC 6749 5.2 and RFC 6750 3 have it.

export const usual = {
  client: [401, /^\{"error":"invalid_client",/],
  code: [400, /^\{"error":"invalid_grant",/],
  bearer: [401, /^\{"error":"invalid_token",/],
};

export const special = {
  github: {
    client: [200, /^\{"error":"incorrect_client_credentials",.*"error_uri"/],
    code: [200, /^\{"error":"bad_verification_code",/],
    bearer: [401, /^\{"message":"Bad credentials",/],
  },
  gitlab: { bearer: [401, /^\{"message":"401 Unauthorized"\}$/] },
  microsoft: {
    client: [401, /^\{"error":"invalid_client","error_description":"AADSTS7000215: /],
    code: [400, /^\{"error":"invalid_grant","error_description":"AADSTS\d+: .*"error_codes":\[/],
  },
  discord: { bearer: [401, /^\{"message":"401: Unauthorized","code":0\}$/] },
  slack: {
    client: [200, /^\{"ok":false,"error":"bad_client_secret"\}$/],
    code: [200, /^\{"ok":false,"error":"invalid_code"\}$/],
    bearer: [200, /^\{"ok":false,"error":"invalid_auth"\}$/],
  },
  linkedin: { bearer: [401, /^\{"serviceErrorCode":\d+,"message":".*","status":401\}$/] },
  twitter: { bearer: [401, /^\{"title":"Unauthorized","type":"about:blank","status":401,/] },
  facebook: {
    client: [400, /^\{"error":\{"message":".*","type":"OAuthException","code":/],
    code: [400, /^\{"error":\{"message":".*","type":"OAuthException","code":/],
    bearer: [401, /^\{"error":\{"message":".*","type":"OAuthException","code":190,/],
  },
  notion: { bearer: [401, /^\{"object":"error","status":401,"code":"unauthorized",/] },
  reddit: {
    client: [401, /^\{"message":"Unauthorized","error":401\}$/],
    code: [200, /^\{"error":"invalid_grant"\}$/],
    bearer: [401, /^\{"message":"Unauthorized","error":401\}$/],
  },
  twitch: {
    client: [403, /^\{"status":403,"message":/],
    code: [400, /^\{"status":400,"message":/],
    bearer: [401, /^\{"error":"Unauthorized","status":401,"message":/],
  },
  spotify: { bearer: [401, /^\{"error":\{"status":401,"message":/] },
  dropbox: { bearer: [401, /^\{"error_summary":"invalid_access_token\/.*"error":\{"\.tag":/] },
  zoom: {
    client: [401, /^\{"reason":".*","error":"invalid_client"\}$/],
    code: [400, /^\{"reason":".*","error":"invalid_request"\}$/],
    bearer: [401, /^\{"code":124,"message":/],
  },
  coinbase: { bearer: [401, /^\{"errors":\[\{"id":"invalid_token","message":/] },
  tiktok: {
    client: [200, /^\{"error":"invalid_client","error_description":.*"log_id":/],
    code: [200, /^\{"error":"invalid_grant","error_description":.*"log_id":/],
    bearer: [401, /^\{"data":\{\},"error":\{"code":"access_token_invalid","message":.*"log_id":/],
  },
  paypal: { bearer: [401, /^\{"name":"AUTHENTICATION_FAILURE","debug_id":.*"details":\[/] },
  vk: {
    client: [200, /^\{"error":"invalid_client",/],
    code: [200, /^\{"error":"invalid_grant",/],
    bearer: [200, /^\{"error":"invalid_token",/],
  },
  kakao: {
    client: [401, /^\{"error":"invalid_client",.*"error_code":"KOE010"\}$/],
    code: [400, /^\{"error":"invalid_grant",.*"error_code":"KOE320"\}$/],
    bearer: [401, /^\{"msg":".*","code":-401\}$/],
  },
  naver: {
    client: [200, /^\{"error":"invalid_client",/],
    code: [200, /^\{"error":"invalid_grant",/],
    bearer: [401, /^\{"resultcode":"024","message":/],
  },
  linear: { bearer: [401, /^\{"errors":\[\{"message":".*","extensions":/] },
  kick: {
    client: [401, /^\{"error":"Invalid request"\}$/],
    code: [400, /^\{"error":"Invalid request"\}$/],
    bearer: [401, /^\{"data":\{\},"message":/],
  },
  wechat: {
    client: [200, /^\{"errcode":40125,"errmsg":/],
    code: [200, /^\{"errcode":40029,"errmsg":/],
    bearer: [200, /^\{"errcode":40001,"errmsg":/],
  },
};

/** What a user info request must not lack, and what it must not have. */
export const badApiRequests = {
  github: { 'without a User-Agent': { headers: { 'user-agent': '' } } },
  twitch: {
    'without a Client-Id': { headers: { 'client-id': undefined } },
    "with another client's": { headers: { 'client-id': 'other' } },
  },
  reddit: {
    "under fetch's own User-Agent": { headers: { 'user-agent': undefined } },
    'under a generic User-Agent': { headers: { 'user-agent': 'python-requests/2.31' } },
  },
  notion: { 'without a Notion-Version': { headers: { 'notion-version': undefined } } },
  tiktok: { 'without fields': { query: { fields: undefined } } },
  paypal: { 'without a schema': { query: { schema: undefined } } },
  dropbox: {
    'with a form': { body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    'with an empty object': { body: '{}', headers: { 'content-type': 'application/json' } },
  },
  linear: {
    'without JSON': { body: 'query=x', headers: { 'content-type': 'text/plain' } },
    'for another query': { body: '{"query":"{ teams { id } }"}' },
  },
  vk: {
    'without a form': { body: '', headers: { 'content-type': 'text/plain' } },
    'without the client': { body: 'access_token=x' },
  },
  wechat: {
    'with a bearer header': { headers: { authorization: 'Bearer x' } },
    'without the openid': { query: { openid: undefined } },
  },
};
