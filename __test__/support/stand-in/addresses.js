// What an application has to be told so that it comes here.

import { appleCredentials } from './client-auth.js';

/** Every URL, whether or not discovery tells it. */
export function urlsOf({ url, issuer, provider }) {
  const { paths, userInfoQuery, revoke: revocation } = provider;
  const at = (path) => path && url + path;
  const all = {
    authorizationUrl: at(paths.authorize),
    tokenUrl: at(paths.token),
    userInfoUrl: paths.userinfo && url + paths.userinfo + userInfoQuery,
    emailsUrl: at(paths.emails),
    refreshUrl: at(provider.refreshPath),
    revocationUrl: revocation && at(revocation.grantType ? paths.token : paths.revoke),
    ...(provider.kind === 'oidc' && {
      issuer: provider.discoveryRoot ? url + provider.discoveryRoot : issuer,
      discoveryUrl: at(paths.discovery),
      jwksUrl: at(paths.jwks),
    }),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Where there is discovery it tells all but a revocation that is not RFC 7009's. */
export function endpointsOf({ urls, provider }) {
  const { discoveryUrl: _, jwksUrl: __, refreshUrl: ___, issuer, ...explicit } = urls;
  if (issuer) {
    const isTold = provider.revoke?.formats?.includes('form');
    const { revocationUrl } = explicit;
    return { issuer, ...(revocationUrl && !isTold && { revocationUrl }) };
  }
  // Facts without a user info endpoint: there is one here, but sign-in does not go there.
  if (provider.signsInWithoutUserInfo) delete explicit.userInfoUrl;
  return explicit;
}

export async function credentialsOf({ client, provider }) {
  const { clientId, clientSecret, teamId, keyId } = client;
  const { tid: _, authServer, ...variables } = provider.variables;
  return {
    clientId,
    ...(!provider.secretless && { clientSecret }),
    ...variables,
    ...(authServer && { authorizationServerId: authServer }),
    ...(provider.checkSecret && {
      teamId,
      keyId,
      ...(await appleCredentials({ clientId, teamId, keyId })),
    }),
  };
}
