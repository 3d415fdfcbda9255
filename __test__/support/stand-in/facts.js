// What the collected facts say about each provider, read into the form in which the stand-in needs
// it. Where a fact is prose, the pattern that reads it stands here; what no pattern can read is in
// the quirks.

import { existsSync, readFileSync } from 'node:fs';

/** @returns {object} the facts of one provider as they were collected */
export function factsOf(id) {
  const facts = FACTS.get(id);
  if (!facts) throw new TypeError(`no facts about a provider called ${id}`);
  return facts;
}

export function knownIds() {
  return [...FACTS.keys()];
}

/**
 * @param {string} id
 * @param {Record<string, string>} variables what stands for `{tenant}`, `{domain}` and so on
 */
export function readFacts(id, variables) {
  const facts = factsOf(id);
  const issuer = path(facts.issuer, variables, '');
  const inIssuer = (text, otherwise) => path(text, variables, issuer) ?? otherwise;
  return {
    id,
    name: facts.name,
    kind: facts.kind,
    issuerPath: issuer,
    hasIssuer: facts.issuer !== null,
    paths: {
      authorize: inIssuer(facts.authorization_endpoint, '/authorize'),
      token: inIssuer(facts.token_endpoint, '/token'),
      userinfo: inIssuer(facts.userinfo_endpoint),
      emails: inIssuer(facts.emails_endpoint?.url),
      revoke: inIssuer(facts.revocation_endpoint),
      discovery: inIssuer(facts.discovery),
    },
    userInfoQuery: /\?\S*/.exec(facts.userinfo_endpoint ?? '')?.[0] ?? '',
    userInfoMethod: /^[A-Z]+/.exec(facts.userinfo_method)[0],
    names: {
      id: renamed(facts, 'client_id'),
      secret: renamed(facts, 'client_secret'),
    },
    separator: facts.scope_separator,
    scopes: [...facts.recommended_scopes, ...(facts.docs_default_scopes ?? [])],
    authMethods: AUTH_METHODS.get(facts.token_auth.split(' ')[0]),
    tokenFormats: [/^(form|json)/.exec(facts.token_request_format)?.[0] ?? 'query'],
    pkce: facts.pkce,
    answer: readAnswer(facts),
    refresh: readRefresh(facts),
    idToken: {
      alg: /\b(HS256|ES256|RS256)\b/.exec(facts.id_token)?.[0] ?? 'RS256',
      nonce: !/does not return the nonce/.test(facts.id_token),
      onlySub: /carries only sub/.test(facts.id_token),
    },
  };
}

/** How a token answer is written. */
function readAnswer({ token_response_quirks: quirks, refresh_tokens: refresh }) {
  const told = `${quirks} ${refresh}`;
  const [seconds] = /(?<=expires_in )\d+|(?<=access )\d+(?= s\b)/.exec(told) ?? [];
  const expiresIn = /no expires_in/.test(quirks) ? undefined : Number(seconds ?? 3600);
  return {
    expiresIn,
    expiresInIsText: /expires_in (is|as) a string/i.test(quirks),
    scopeIsArray: /scope is an array/i.test(quirks),
    scopeSeparator: /scope (is )?comma separated/.test(quirks) ? ',' : ' ',
    noScope: /\bno scope\b/.test(quirks),
    noTokenType: /\bno token_type\b/.test(quirks),
    tokenType: /token_type 'bearer'/.test(quirks) ? 'bearer' : 'Bearer',
    isPlainText: /text\/plain content type/.test(quirks),
  };
}

/**
 * Whether there are refresh tokens, what the authorization request must hold to get one, and what
 * a refresh gives: a `rotated` one (the old one is dead), the `same` one, or none (`omitted`).
 */
function readRefresh({ refresh_tokens: text, token_response_quirks: quirks }) {
  const [, first, or, second] = /^with ([\w.=]+)(?: (or|AND) ([\w.=]+))?/.exec(text) ?? [];
  const both = `${text} ${quirks}`;
  let mode = 'same';
  if (/rotat|single use/.test(both)) mode = 'rotated';
  else if (/no new refresh token|may omit|only near expiry/.test(both)) mode = 'omitted';
  return {
    never: /^(no|only)\b/.test(text),
    terms: [first, second].filter(Boolean),
    any: or === 'or',
    mode,
  };
}

function renamed({ renamed_parameters: names }, name) {
  return names[name]?.split(' ')[0] ?? name;
}

/**
 * The path of the first URL in a fact, on one host instead of several. `{issuer}` and the like at
 * its start stand for the issuer's own URL or, where there is none, for the host.
 */
function path(text, variables, issuer) {
  const found = /(https:\/\/[^/\s]+|\{(?:base|login|issuer|server)\})([^\s?,]*)/.exec(text ?? '');
  if (!found) return undefined;
  const [, start, rest] = found;
  const prefix = start === '{issuer}' || start === '{server}' ? issuer.replace(/\/$/, '') : '';
  return prefix + rest.replace(/\{([\w-]+)\}/g, (whole, name) => variables[name] ?? whole);
}

const AUTH_METHODS = new Map([
  ['client_secret_basic', ['basic']],
  ['client_secret_post', ['post']],
  // In the body too, under names of its own; what else is odd about them is in the quirks.
  ['other:', ['post']],
]);

const FACTS = (() => {
  const places = ['../../../../shared/facts/providers.json', '../../fixtures/providers.json'];
  const file = places.map((place) => new URL(place, import.meta.url)).find(existsSync);
  return new Map(JSON.parse(readFileSync(file, 'utf8')).map((facts) => [facts.id, facts]));
})();
