// Reading requests and writing answers. What the stand-in for Bitbucket has already is taken from
// there.

import { decode, json, param, readForm } from '../../../testing/http.js';

export {
  isRepeated,
  json,
  param,
  readBody,
  readForm,
  redirect,
  send,
} from '../../../testing/http.js';

/** @returns {Record<string, unknown> | undefined} undefined when the body is no JSON object */
export function readJson({ headers, body }) {
  const [type] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') return undefined;
  try {
    const value = JSON.parse(body);
    return typeof value === 'object' && !Array.isArray(value) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The parameters of a request to the token or the revocation endpoint, where the provider looks for
 * them: nothing in any other place is read.
 *
 * @param {('form' | 'json' | 'query')[]} formats
 * @returns {URLSearchParams | undefined}
 */
export function readParams(request, formats) {
  if (formats.includes('query')) return request.params;
  const form = formats.includes('form') ? readForm(request) : undefined;
  if (form) return form;
  const body = formats.includes('json') ? readJson(request) : undefined;
  if (!body || Object.values(body).some((value) => typeof value !== 'string')) return undefined;
  return new URLSearchParams(body);
}

/** @returns {string | undefined} the bearer token of the header (RFC 6750 2.1) */
export function bearer({ headers }) {
  return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** @returns {{ id: string, secret: string }[]} what a Basic header may mean; none if malformed */
export function basicCredentials({ headers }) {
  const [, encoded] = /^basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const text = Buffer.from(encoded ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  if (colon === -1) return [];
  const plain = { id: text.slice(0, colon), secret: text.slice(colon + 1) };
  // `curl -u` sends both parts as they are, RFC 6749 2.3.1 form-encodes them: clients do either.
  const formDecode = (part) => decode(part.replaceAll('+', ' '));
  return [plain, { id: formDecode(plain.id), secret: formDecode(plain.secret) }];
}

export function repeatedName(params) {
  return [...new Set(params.keys())].find((name) => params.getAll(name).length > 1);
}

export function plainText(status, body, headers) {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
}

export function formEncoded(status, values) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  return { status, headers, body: String(new URLSearchParams(values)) };
}

export function methodNotAllowed(allow) {
  return plainText(405, 'Method Not Allowed', { allow });
}

/** A page that posts its form at once (OAuth 2.0 Form Post Response Mode). */
export function formPostPage(url, form) {
  const inputs = Object.entries(form).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`,
  );
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body:
      `<!doctype html><title>Submit</title><form method="post" action="${escape(url)}">` +
      `${inputs.join('')}<noscript><button>Continue</button></noscript></form>` +
      '<script>document.forms[0].submit()</script>',
  };
}

/** The fields of a request, as `requests` shows them. */
export function describeBody(request) {
  const form = readForm(request);
  return { form: form && Object.fromEntries(form), json: readJson(request), body: request.body };
}

/** A parameter that is there and holds something (RFC 6749 3.1). */
export function has(params, name) {
  return param(params, name) !== undefined;
}

/** RFC 6750 3: the usual answer of an API that did not like the bearer token. */
export function bearerError(status, message) {
  const error = status === 403 ? 'insufficient_scope' : 'invalid_token';
  return json(
    status,
    { error, error_description: message },
    status === 401 ? { 'www-authenticate': `Bearer error="${error}"` } : {},
  );
}

/** RFC 6749 5.2. */
export function oauthError(error, description) {
  const isClient = error === 'invalid_client';
  return json(
    isClient ? 401 : 400,
    { error, error_description: description },
    { 'cache-control': 'no-store', ...(isClient && { 'www-authenticate': 'Basic realm="oauth"' }) },
  );
}

function escape(text) {
  return text.replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);
}
