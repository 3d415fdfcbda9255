// What a user looks like at each provider.

import { defaults } from './default-profiles.js';

/**
 * @typedef {object} Profile
 * @property {object} [token] more members of the token answer
 * @property {object} [idToken] claims
 * @property {unknown} [userInfo] the body, a string as it stands; without it the claims are it
 * @property {unknown} [emails] the body
 * @property {Record<string, unknown>} [form] more fields of a form_post
 */

/** @returns {Profile} a user with everything that the provider can tell */
export function defaultProfile(id) {
  return structuredClone(defaults[id]);
}

/** @param {Profile} profile */
export function userInfoOf({ userInfo, idToken, token }, id) {
  if (userInfo !== undefined) return userInfo;
  // The bot of the integration, with the person behind it.
  if (id === 'notion') return { object: 'user', type: 'bot', bot: { owner: token?.owner } };
  const { iss: _, aud: __, iat: ___, exp: ____, nonce: _____, ...claims } = idToken ?? {};
  return claims;
}

/**
 * A copy, without the members whose scope was not granted.
 *
 * @param {Record<string, string>} needs dotted path to scope
 * @param {string[]} scopes
 */
export function without(body, needs, scopes) {
  if (typeof body !== 'object' || body === null) return body;
  const copy = structuredClone(body);
  for (const [path, scope] of Object.entries(needs)) {
    if (scopes.includes(scope)) continue;
    const names = path.split('.');
    const last = names.pop();
    const holder = names.reduce((value, name) => value?.[name], copy);
    if (typeof holder === 'object' && holder !== null) delete holder[last];
  }
  return copy;
}

/**
 * A copy without the known members that nobody asked for. What is not known stays: the profile may
 * hold more than the real provider would send.
 */
export function withoutUnasked(value, known, asked) {
  if (typeof value !== 'object' || value === null) return value;
  const unasked = known.filter((name) => !asked.includes(name));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !unasked.includes(name)));
}
