// Quirks of the providers that speak OpenID Connect.

import { checkAppleSecret } from './client-auth.js';
import { json } from './http.js';
import { RFC_7009 } from './revoke.js';

export const openid = {
  google: {
    both: true,
    denied: { error: 'access_denied' },
    checkAsked: ({ access_type: type }) =>
      type && !['online', 'offline'].includes(type) ? `access_type=${type}` : undefined,
    revoke: { ...RFC_7009, auth: 'none' },
  },

  microsoft: {
    variables: { tenant: 'common', tid: '{tenantid}' },
    responseModes: ['query', 'form_post'],
    apiScopes: ['openid|User.Read'],
    paths: { userinfo: '/oidc/userinfo' },
    discoveryRoot: '/common/v2.0',
    // Any tenant; Graph beside OpenID's user info.
    canonical: (path) =>
      path
        .replace(/^\/[^/]+(?=\/(oauth2\/v2\.0|v2\.0|discovery)\/)/, '/common')
        .replace(/^\/v1\.0\/me$/, '/oidc/userinfo'),
    // PKCE is supported, though the metadata does not say so.
    metadata: ({ code_challenge_methods_supported: _, ...all }, { path }, { url }) => {
      const [, tenant] = path.split('/');
      const text = JSON.stringify(all).replaceAll(`${url}/common/`, `${url}/${tenant}/`);
      const issuer = `${url}/${MANY_TENANTS[tenant] ?? tenant}/v2.0`;
      return { ...JSON.parse(text), issuer };
    },
    view: (body, { path }) => (path === '/v1.0/me' ? toGraph(body) : body),
    tokenError(error, description) {
      const [code, name] = AADSTS[error] ?? [900144, error];
      return json(name === 'invalid_client' ? 401 : 400, {
        error: name,
        error_description: `AADSTS${code}: ${description}`,
        error_codes: [code],
        timestamp: '2026-01-01 00:00:00Z',
        trace_id: '00000000-0000-4000-8000-000000000001',
        correlation_id: '00000000-0000-4000-8000-000000000002',
        error_uri: `https://login.microsoftonline.com/error?code=${code}`,
      });
    },
  },

  apple: {
    checkSecret: checkAppleSecret,
    responseModes: ['query', 'fragment', 'form_post'],
    responseTypes: ['code', 'code id_token'],
    extraScopes: ['openid'],
    checkAsked: ({ response_mode: mode }, scopes) =>
      scopes.length > 0 && mode !== 'form_post'
        ? 'response_mode must be form_post when name or email scope is requested.'
        : undefined,
    denied: { error: 'user_cancelled_authorize' },
    needs: { email: 'email', email_verified: 'email' },
    // With every token answer, `openid` asked for or not.
    givesIdToken: () => true,
    revoke: RFC_7009,
  },

  slack: {
    both: true,
    tokenAnswer: ({ expires_in: _, scope: __, ...answer }) => ({ ok: true, ...answer }),
    tokenError: (error) => json(200, { ok: false, error: SLACK_ERRORS[error] ?? error }),
    view: (body) => ({ ok: true, ...body }),
    apiError: (status) =>
      json(200, { ok: false, error: status === 403 ? 'missing_scope' : 'invalid_auth' }),
    revoke: { auth: 'bearer', answer: { ok: true, revoked: true } },
  },

  linkedin: {
    denied: { error: 'user_cancelled_login' },
    apiError: (status, message) =>
      json(status, { serviceErrorCode: status === 403 ? 100 : 65_600, message, status }),
  },

  yahoo: {},

  line: {
    required: ['state'],
    // It signs with HS256 and advertises ES256.
    metadata: (all) => ({ ...all, id_token_signing_alg_values_supported: ['ES256'] }),
    // The address is in the id_token only.
    view: ({ email: _, email_verified: __, ...body }) => body,
    revoke: { ...RFC_7009, names: ['access_token', 'token', 'refresh_token'] },
  },

  salesforce: {
    both: true,
    extraScopes: ['refresh_token', 'offline_access', 'api', 'address', 'phone'],
    metadata: ({ code_challenge_methods_supported: _, ...rest }) => rest,
    tokenAnswer: (answer, grant, standIn) => ({
      ...answer,
      instance_url: standIn.url,
      id: `${standIn.url}/id/00Dxx0000000001EAA/005xx000001Sv6AAAS`,
      issued_at: String(Date.now()),
      signature: 'c3RhbmQtaW4gc2lnbmF0dXJl',
    }),
    revoke: { ...RFC_7009, auth: 'none' },
  },

  huggingface: { both: true, extraScopes: ['read-repos', 'inference-api'] },

  roblox: {
    // `email` is not granted to ordinary apps: an authorization request with it fails.
    needs: { name: 'profile', picture: 'profile' },
    revoke: RFC_7009,
  },

  vercel: {
    both: true,
    extraScopes: ['offline_access'],
    noScopes: ['user'],
    unknownScopes: 'dropped',
    revoke: { ...RFC_7009, auth: 'basic' },
  },

  railway: {
    extraScopes: ['offline_access'],
    noScopes: ['read:profile', 'read:email'],
    // RFC 9207.
    callback: (standIn) => ({ iss: standIn.issuer }),
    inErrors: (standIn) => ({ iss: standIn.issuer }),
    metadata: (all) => ({ ...all, authorization_response_iss_parameter_supported: true }),
  },

  polar: { revoke: RFC_7009 },

  auth0: {
    variables: { domain: 'stand-in.eu.auth0.com' },
    extraScopes: ['offline_access'],
    responseModes: ['query', 'form_post'],
    revoke: RFC_7009,
  },

  okta: {
    variables: { domain: 'stand-in.okta.com', authServer: 'default' },
    extraScopes: ['offline_access'],
    responseModes: ['query', 'form_post'],
    revoke: RFC_7009,
  },

  cognito: {
    variables: {
      domain: 'stand-in.auth.eu-west-1.amazoncognito.com',
      region: 'eu-west-1',
      userPoolId: 'eu-west-1_StandIn01',
    },
    // "`+` misbehaves": the scope has to be written with %20.
    literalPlus: true,
    revoke: RFC_7009,
  },

  'generic-oidc': {
    paths: { userinfo: '/userinfo' },
    extraScopes: ['offline_access'],
    responseModes: ['query', 'form_post'],
  },
};

/** The issuer that the metadata of these names: a template, or the tenant of all consumers. */
const MANY_TENANTS = {
  common: '{tenantid}',
  organizations: '{tenantid}',
  consumers: '9188040d-6c67-4c5b-b112-36a304b66dad',
};

function toGraph({ oid, email, name, preferred_username: upn, ...rest }) {
  if (oid === undefined) return rest;
  return { id: oid, displayName: name, mail: email ?? null, userPrincipalName: upn ?? email };
}

const AADSTS = {
  invalid_client: [7_000_215, 'invalid_client'],
  invalid_grant: [70_008, 'invalid_grant'],
  redirect_uri_mismatch: [50_011, 'invalid_grant'],
  unsupported_grant_type: [70_003, 'unsupported_grant_type'],
};

const SLACK_ERRORS = {
  invalid_client: 'bad_client_secret',
  invalid_grant: 'invalid_code',
  redirect_uri_mismatch: 'bad_redirect_uri',
  unsupported_grant_type: 'invalid_grant_type',
  invalid_request: 'invalid_arguments',
};
