import { randomBytes } from 'node:crypto';

import { isRepeated, repeatedName } from './http.js';

/**
 * What the provider does about an authorization request, whoever brings it.
 *
 * @typedef {object} Callback
 * @property {'GET' | 'POST'} method
 * @property {string} url
 * @property {Record<string, string>} [form] of a POST
 *
 * @param {object} standIn
 * @param {string} query as it stands in the URL
 * @param {{ profile: object, deny?: boolean }} person
 * @returns {{ problem: string, callback?: Callback } | { callback: Callback }} `problem` is why it
 *   is refused; with a callback the client is told so, without one nobody is sent anywhere
 */
export function decide(standIn, query, { profile, deny = false }) {
  const { provider, client } = standIn;
  const params = new URLSearchParams(provider.literalPlus ? query.replaceAll('+', '%2B') : query);
  const asked = Object.fromEntries(params);
  const redirectUri = asked.redirect_uri;

  // RFC 6749 4.1.2.1: until client and redirect URI are known to be good, there is no way back.
  const { id: idName } = provider.names;
  if (asked[idName] !== client.clientId || isRepeated(params, idName)) {
    return { problem: `${idName} is unknown.` };
  }
  if (!isGoodRedirect(client, redirectUri) || isRepeated(params, 'redirect_uri')) {
    return { problem: 'redirect_uri is not registered.' };
  }

  const back = (answer) => toCallback(redirectUri, asked, answer);
  const { error, description, scopes } = judge(provider, params, asked);
  if (error) {
    return { problem: description, callback: back({ error, error_description: description }) };
  }
  if (deny) return { callback: back({ ...provider.denied, ...provider.inErrors?.(standIn) }) };

  const grant = {
    redirectUri,
    scopes,
    state: asked.state,
    nonce: asked.nonce,
    challenge: asked.code_challenge,
    deviceId: randomBytes(32).toString('base64url'),
    asked,
    profile: structuredClone(profile),
  };
  const code = standIn.grants.issueCode(grant, provider.codeSeconds);
  const form = asked.response_mode === 'form_post' ? formFields(profile.form) : {};
  return { callback: back({ code, ...provider.callback(standIn, grant), ...form }) };
}

function judge(provider, params, asked) {
  const refuse = (error, description) => ({ error, description });

  const repeated = repeatedName(params);
  if (repeated) return refuse('invalid_request', `${repeated} is given more than once.`);
  if (!provider.responseTypes.includes(asked.response_type)) {
    return refuse('unsupported_response_type', `response_type=${asked.response_type}`);
  }
  const mode = asked.response_mode;
  if (mode !== undefined && !provider.responseModes.includes(mode)) {
    return refuse('invalid_request', `response_mode=${mode}`);
  }
  for (const name of provider.required) {
    if (!asked[name]) return refuse('invalid_request', `${name} is missing.`);
  }
  for (const [name, value] of Object.entries(provider.fixed)) {
    if (asked[name] !== value) return refuse('invalid_request', `${name} must be ${value}.`);
  }
  const challenge = refuseChallenge(provider, asked);
  if (challenge) return refuse('invalid_request', challenge);

  const given = splitScopes(provider, asked.scope);
  const unknown = given.filter((scope) => !provider.scopes.has(scope));
  if (unknown.length > 0 && provider.unknownScopes === 'refused') {
    return refuse('invalid_scope', `Unknown scopes: ${unknown.join(' and ')}`);
  }
  const scopes = given.filter((scope) => provider.scopes.has(scope));
  const odd = provider.checkAsked(asked, scopes);
  return odd ? refuse('invalid_request', odd) : { scopes };
}

/** RFC 7636 4.4.1. Only S256: no provider that is known to support PKCE needs `plain`. */
function refuseChallenge({ pkce }, { code_challenge: challenge, code_challenge_method: method }) {
  if (pkce === 'required' && !challenge) return 'code_challenge is missing.';
  if (pkce !== 'required' && pkce !== 'supported') return undefined;
  if (!challenge) return method ? 'code_challenge is missing.' : undefined;
  if (method !== 'S256') return `code_challenge_method=${method}`;
  return /^[\w-]{43}$/.test(challenge) ? undefined : 'code_challenge is no SHA-256.';
}

/** A wrong separator makes one long scope that nobody knows. */
function splitScopes({ separators }, scope = '') {
  const pattern = new RegExp(`[${separators.join('')}]`);
  return [...new Set(scope.split(pattern).filter(Boolean))];
}

/** As registered or, when nothing is, any absolute URL without a fragment (RFC 6749 3.1.2). */
function isGoodRedirect({ redirectUris }, uri) {
  if (redirectUris) return redirectUris.includes(uri);
  return URL.canParse(uri ?? '') && !uri.includes('#');
}

function toCallback(redirectUri, asked, answer) {
  const { state } = asked;
  const fields = { ...answer, ...(state !== undefined && { state }) };
  if (asked.response_mode === 'form_post') {
    return { method: 'POST', url: redirectUri, form: fields };
  }
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(fields)) url.searchParams.append(name, value);
  return { method: 'GET', url: url.href };
}

/** Apple's `user` is JSON in a field. */
function formFields(form = {}) {
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
