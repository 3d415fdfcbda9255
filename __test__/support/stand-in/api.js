import { factsOf } from './facts.js';
import { json, methodNotAllowed } from './http.js';
import { userInfoOf, without } from './profiles.js';

export function userInfo(standIn, request) {
  const { provider } = standIn;
  const { refusal, grant } = allow(standIn, request, {
    method: provider.userInfoMethod,
    scopes: provider.apiScopes,
  });
  if (refusal) return refusal;
  const body = without(userInfoOf(grant.profile, provider.id), provider.needs, grant.scopes);
  const isObject = typeof body === 'object' && body !== null;
  // A string goes out as it stands: a number that JavaScript would round, or no JSON at all.
  return json(200, isObject ? provider.view(body, request, standIn, grant) : body);
}

/** A bare list, in pages whose next one is in the `Link` header. */
export function emails(standIn, request) {
  const { provider, url } = standIn;
  const { method, needs_scope: scope } = factsOf(provider.id).emails_endpoint;
  const { refusal, grant } = allow(standIn, request, { method, scopes: [scope] });
  if (refusal) return refusal;
  const all = grant.profile.emails ?? [];
  if (!Array.isArray(all)) return json(200, all);

  const size = Math.min(Number(request.params.get('per_page') ?? 30), 100);
  const page = Number(request.params.get('page') ?? 1);
  const next = `${url}${request.path}?per_page=${size}&page=${page + 1}`;
  const isLast = page * size >= all.length;
  return json(
    200,
    all.slice((page - 1) * size, page * size),
    isLast ? {} : { link: `<${next}>; rel="next"` },
  );
}

function allow(standIn, request, { method, scopes }) {
  const { provider, grants } = standIn;
  const refuse = (refusal, reason) => {
    request.refused = reason;
    return { refusal };
  };
  if (request.method !== method) return refuse(methodNotAllowed(method), `use ${method}`);
  const grant = grants.readAccessToken(provider.apiToken(request));
  const odd = provider.checkApi(request, standIn, grant);
  if (odd) return refuse(odd, String(odd.body));
  if (!grant) {
    return refuse(provider.apiError(401, 'The access token is invalid.'), 'no good access token');
  }
  const lacking = scopes.find((any) => !any.split('|').some((one) => grant.scopes.includes(one)));
  if (lacking) {
    return refuse(provider.apiError(403, `The scope ${lacking} is missing.`), `needs ${lacking}`);
  }
  return { grant };
}
