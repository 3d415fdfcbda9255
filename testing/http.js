/**
 * What a handler answers, and what a fault may be.
 *
 * @typedef {object} Answer
 * @property {number} status
 * @property {Record<string, string | string[]>} [headers]
 * @property {string | Buffer} [body]
 * @property {boolean} [last] close the connection after it
 */

/** @param {import('node:http').ServerResponse} res @param {Answer} answer */
export function send(res, { status, headers, body = '', last = false }) {
  res.writeHead(status, {
    'content-length': Buffer.byteLength(body),
    ...(last && { connection: 'close' }),
    ...headers,
  });
  res.end(body);
}

/**
 * @param {import('node:http').IncomingMessage} req
 * @returns {Promise<string | null>} null when it is larger than any honest one
 */
export function readBody(req) {
  const { 'content-length': length, 'transfer-encoding': encoding } = req.headers;
  if (length === undefined && encoding === undefined) return Promise.resolve('');
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    req.on('data', (chunk) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
      else resolve(null);
    });
    req.on('end', () => resolve(Buffer.concat(chunks).toString()));
    req.on('close', () => reject(new Error('the client went away')));
    req.on('error', reject);
  });
}

/** @returns {URLSearchParams | undefined} undefined when the body is no form: it is not read */
export function readForm({ headers, body }) {
  const [type] = (headers['content-type'] ?? '').split(';');
  const isForm = type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
  return isForm ? new URLSearchParams(body) : undefined;
}

/** RFC 6749 3.1: a parameter without a value counts as omitted. */
export function param(params, name) {
  return params.get(name) || undefined;
}

/** RFC 6749 3.1: no parameter may be given twice. */
export function isRepeated(params, ...names) {
  return names.some((name) => params.getAll(name).length > 1);
}

/** @returns {string | undefined} */
export function readCookie({ headers }, name) {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key.trim() === name && value !== undefined) return decode(value.trim());
  }
  return undefined;
}

/** @returns {string | undefined} undefined for a malformed percent-encoding */
export function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** @returns {Answer} */
export function json(status, value, headers) {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  };
}

/** @returns {Answer} */
export function redirect(status, location, headers) {
  return { status, headers: { location, 'cache-control': 'no-store', ...headers } };
}

const MAX_BODY = 64 * 1024;
