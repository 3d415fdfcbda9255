// What no pattern reads out of the facts: one entry for each provider, in four tables. A member
// that an entry leaves out has the value of `USUAL`.

import { bearer, bearerError, json, oauthError } from './http.js';
import { openid } from './quirks-openid.js';
import { regional } from './quirks-regional.js';
import { social } from './quirks-social.js';
import { work } from './quirks-work.js';

/**
 * @typedef {object} Quirks
 * @property {boolean} both the client may authenticate by Basic or in the body
 * @property {boolean} secretless the client is public
 * @property {boolean} idAloneRefreshes a refresh names the client but proves nothing
 * @property {(standIn: object, secret: string) => Promise<boolean>} [checkSecret]
 * @property {('form' | 'json' | 'query')[]} [tokenFormats] instead of what the facts say
 * @property {string[]} [separators] of scopes; the facts' one when left out
 * @property {string[]} extraScopes known besides those of the facts
 * @property {string[]} noScopes in the facts, yet wrong according to them
 * @property {'refused' | 'dropped'} unknownScopes
 * @property {boolean} literalPlus `+` in the query of the authorization request is no blank
 * @property {number} codeSeconds
 * @property {Record<string, string>} fixed what the authorization request must say
 * @property {string[]} required what it must hold
 * @property {(asked: Record<string, string>, scopes: string[]) => string | undefined} checkAsked
 * @property {string[]} responseModes
 * @property {string[]} responseTypes
 * @property {string} [fragment] that the authorization URL must end in
 * @property {(standIn: object, grant: object) => Record<string, string>} callback more parameters
 * @property {Record<string, string>} denied the callback of a user who says no
 * @property {boolean} redirectUriOptional the token request may leave it out
 * @property {(form: URLSearchParams, grant: object) => string | undefined} checkCode
 * @property {(form: URLSearchParams, grant: object) => string | undefined} checkRefresh
 * @property {(answer: object, grant: object, standIn: object) => object} tokenAnswer
 * @property {(request: object, body: object) => object} writeToken
 * @property {(error: string, description: string, request: object) => object} tokenError
 * @property {number} [refreshErrorStatus]
 * @property {(scopes: string[]) => boolean} givesIdToken
 * @property {string} [refreshPath]
 * @property {(request: object) => string | undefined} apiToken where the API looks for the token
 * @property {(request: object, standIn: object) => object | undefined} checkApi
 * @property {boolean} [signsInWithoutUserInfo] the user info endpoint is not for sign-in
 * @property {string[]} apiScopes needed for the user info; `a|b` is one or the other
 * @property {Record<string, string>} needs which scope a member of the user info needs
 * @property {(body: object, request: object, standIn: object, grant: object) => object} view
 * @property {(status: number, message: string) => object} apiError
 * @property {import('./revoke.js').Revocation} [revoke]
 * @property {Record<string, string>} [paths] where the facts name none
 * @property {(metadata: object, request: object, standIn: object) => object} metadata of discovery
 * @property {string} [discoveryRoot] where the metadata is, if not below the issuer
 * @property {(path: string) => string} canonical the path of the facts that this path stands for
 * @property {Record<string, string>} variables for the placeholders of the facts
 */

/** @returns {Quirks} */
export function quirksOf(id, kind) {
  const entry = { ...openid, ...social, ...work, ...regional }[id];
  if (!entry) throw new TypeError(`no quirks of a provider called ${id}`);
  return { ...USUAL, ...(kind === 'oidc' && USUAL_OPENID), ...entry };
}

const USUAL = {
  both: false,
  secretless: false,
  idAloneRefreshes: false,
  extraScopes: [],
  noScopes: [],
  unknownScopes: 'refused',
  literalPlus: false,
  codeSeconds: 60,
  fixed: {},
  required: [],
  checkAsked: () => undefined,
  responseModes: ['query'],
  responseTypes: ['code'],
  callback: () => ({}),
  denied: { error: 'access_denied', error_description: 'The user said no.' },
  redirectUriOptional: false,
  checkCode: () => undefined,
  checkRefresh: () => undefined,
  tokenAnswer: (answer) => answer,
  writeToken: (_request, body) => json(200, body, { 'cache-control': 'no-store' }),
  tokenError: (error, description) =>
    oauthError(error === 'redirect_uri_mismatch' ? 'invalid_grant' : error, description),
  givesIdToken: () => false,
  apiToken: bearer,
  checkApi: () => undefined,
  apiScopes: [],
  needs: {},
  view: (body) => body,
  apiError: bearerError,
  metadata: (all) => all,
  canonical: (path) => path,
  variables: {},
};

const USUAL_OPENID = {
  givesIdToken: (scopes) => scopes.includes('openid'),
  apiScopes: ['openid'],
  // OpenID Connect Core 5.4.
  needs: { email: 'email', email_verified: 'email', name: 'profile', picture: 'profile' },
};
