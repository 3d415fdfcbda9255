import { factsOf, readFacts } from './facts.js';
import { quirksOf } from './quirks.js';

/**
 * One provider: the facts with the quirks over them.
 *
 * @param {string} id
 * @param {string} clientId
 */
export function describeProvider(id, clientId) {
  if (id === 'bitbucket') throw new TypeError('Bitbucket has a stand-in of its own');
  const quirks = quirksOf(id, factsOf(id).kind);
  const facts = readFacts(id, { client_id: clientId, ...quirks.variables });
  const known = [...facts.scopes, ...quirks.extraScopes];
  const root = (quirks.discoveryRoot ?? facts.issuerPath ?? '').replace(/\/$/, '');
  return {
    ...facts,
    ...quirks,
    paths: {
      ...facts.paths,
      discovery: undefined,
      // Some serve it at another host or path than the issuer's, so it is at both.
      ...(facts.kind === 'oidc' && {
        discovery: `${root}/.well-known/openid-configuration`,
        discoveryAlias: facts.paths.discovery,
      }),
      ...quirks.paths,
      jwks: `${root}/.well-known/jwks.json`,
    },
    tokenMethod: facts.tokenFormats.includes('query') ? 'GET' : 'POST',
    tokenFormats: quirks.tokenFormats ?? facts.tokenFormats,
    authMethods: quirks.both ? ['basic', 'post'] : facts.authMethods,
    separators: quirks.separators ?? [facts.separator],
    scopes: new Set(known.filter((scope) => !quirks.noScopes.includes(scope))),
  };
}
