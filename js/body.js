// Reads the body of a Node request, up to a cap.

import { isObject } from './headers.js';

/** The largest body that is collected, in bytes. */
export const LIMIT = 65_536;

/** Why there is no body: it is larger than the limit, or somebody read it before us and kept it. */
export const TOO_LARGE = 'too_large';
export const CONSUMED = 'consumed';

/** What `readNodeBody` gives when the client went away. */
export const ABORTED = Symbol('aborted');

export function declaredTooLarge(contentLength) {
  return Number(contentLength) > LIMIT;
}

/** The bytes, why there are none, or `undefined` when none was sent. */
export function readNodeBody(req) {
  if (req.aborted) return Promise.resolve(ABORTED);
  if (req.readableEnded) return Promise.resolve(parsedBody(req));
  if (req.destroyed) return Promise.resolve(ABORTED);
  if (declaredTooLarge(req.headers['content-length'])) {
    return Promise.resolve(TOO_LARGE);
  }
  return collect(req);
}

function collect(req) {
  return new Promise((resolve) => {
    const chunks = [];
    let size = 0;

    const settle = (result) => {
      req.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onError);
      resolve(result);
    };
    const onData = (chunk) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size <= LIMIT) {
        chunks.push(bytes);
        return;
      }
      settle(TOO_LARGE);
      // The rest flows away unseen: a client that still sends could not read our answer otherwise.
      req.on('error', () => {});
      req.resume();
    };
    // HTTP/2 ends an aborted request as if it were whole.
    const onEnd = () => settle(req.aborted ? ABORTED : Buffer.concat(chunks, size));
    const onGone = () => settle(ABORTED);
    const onError = () => {
      req.on('error', () => {});
      settle(ABORTED);
    };

    req.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onError);
  });
}

// A body parser ran before us. What it made of the body is turned back into bytes.
function parsedBody(req) {
  const bytes = serialise(req.body, req.headers['content-type'] ?? '');
  if (bytes === undefined) return wasSent(req) ? CONSUMED : undefined;
  return bytes.length > LIMIT ? TOO_LARGE : bytes;
}

// RFC 9112 6.3.
function wasSent({ headers }) {
  return Number(headers['content-length']) > 0 || headers['transfer-encoding'] !== undefined;
}

function serialise(body, contentType) {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  if (body === undefined) return undefined;
  if (/^\s*application\/x-www-form-urlencoded/i.test(contentType) && isObject(body)) {
    return Buffer.from(form(body));
  }
  try {
    return Buffer.from(JSON.stringify(body));
  } catch {
    return undefined;
  }
}

function form(fields) {
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value === 'string') search.append(name, value);
    }
  }
  return search.toString();
}
