import { answers, apiError, methodNotAllowed, missingScope } from './answers.js';
import { json, param } from './http.js';

/**
 * `GET /2.0/user`.
 *
 * @param {import('./server.js').Bitbucket} bitbucket
 * @param {import('./server.js').Request} request
 * @returns {import('./http.js').Answer}
 */
export function user(bitbucket, request) {
  const { refusal, key } = allow(bitbucket, request, 'account');
  return refusal ?? json(200, profile(bitbucket.url, key, bitbucket.user(key)));
}

/** `GET /2.0/user/emails`, signature as `user`. */
export function emails(bitbucket, request) {
  const { refusal, key } = allow(bitbucket, request, 'email');
  if (refusal) return refusal;

  const all = bitbucket.user(key).emails;
  const pagelen = count(request.params, 'pagelen', 10);
  if (!pagelen || pagelen > 100) return apiError(400, { message: 'Invalid pagelen' });
  const page = count(request.params, 'page', 1);
  const pages = Math.max(1, Math.ceil(all.length / pagelen));
  if (!page || page > pages) return apiError(400, { message: 'Invalid page' });

  const self = `${bitbucket.url}/2.0/user/emails`;
  const link = (number) => {
    return number >= 1 && number <= pages ? `${self}?pagelen=${pagelen}&page=${number}` : undefined;
  };
  return json(200, {
    pagelen,
    values: all.slice((page - 1) * pagelen, page * pagelen).map((entry) => ({
      type: 'email',
      ...entry,
      links: { self: { href: `${self}/${entry.email}` } },
    })),
    page,
    size: all.length,
    next: bitbucket.next ?? link(page + 1),
    previous: link(page - 1),
  });
}

/** Any other path of the API: removed in 2026, or never there. */
export function missing({ path }) {
  return REMOVED.has(path) ? answers.removed : answers.notFound;
}

/** The bearer check, in Bitbucket's order: token first, scope second. */
function allow(bitbucket, request, scope) {
  if (request.method !== 'GET') return { refusal: methodNotAllowed('GET') };
  const { authorization } = request.headers;
  const inQuery = param(request.params, 'access_token');
  // RFC 6750 2: one way at a time.
  if (authorization !== undefined && inQuery) {
    return { refusal: apiError(400, { message: 'Send the access token in one place only.' }) };
  }
  const [, inHeader] = /^bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  // Announced: tokens are accepted in the header only.
  const token = inHeader ?? (bitbucket.variant === 'current' ? inQuery : undefined);
  const grant = token && bitbucket.grants.readAccessToken(token);
  if (grant === 'expired') return { refusal: answers.tokenExpired };
  if (!grant || !bitbucket.user(grant.user)) return { refusal: answers.tokenInvalid };
  if (!grant.scopes.includes(scope)) return { refusal: missingScope(grant.scopes, [scope]) };
  return { key: grant.user };
}

/** The recorded shape, in its order; what the user's data says replaces the usual values. */
function profile(url, key, { about, emails: _, ...fields }) {
  const uuid = encodeURIComponent(String(fields.uuid));
  const href = (path) => ({ href: `${url}${path}` });
  return {
    display_name: key,
    links: {
      self: href(`/2.0/users/${uuid}`),
      avatar: href(`/avatar/${encodeURIComponent(key)}.svg`),
      repositories: href(`/2.0/repositories/${uuid}`),
      snippets: href(`/2.0/snippets/${uuid}`),
      html: href(`/${uuid}/`),
      hooks: href(`/2.0/workspaces/${uuid}/hooks`),
    },
    created_on: '2023-03-17T03:27:21.528051+00:00',
    type: 'user',
    uuid: undefined,
    has_2fa_enabled: null,
    username: key,
    is_staff: false,
    account_id: undefined,
    nickname: key,
    account_status: 'active',
    location: null,
    ...fields,
  };
}

/** @returns {number | undefined} undefined for anything but a positive whole number */
function count(params, name, fallback) {
  const text = params.get(name) ?? String(fallback);
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
}

const REMOVED = new Set([
  '/2.0/workspaces',
  '/2.0/user/permissions/workspaces',
  '/2.0/user/permissions/repositories',
]);
