// Web `Request` in, web `Response` out.

import { CONSUMED, LIMIT, TOO_LARGE, declaredTooLarge } from './body.js';
import { observe } from './diagnostics.js';
import { argumentInvalid, crossing, crossingNow } from './errors.js';
import { isHeaders, isObject } from './headers.js';
import { packWeb, unpack } from './wire.js';

/** Answers a web request; `null` when `onlyRoutes` is set and no route of ours matches. */
export async function answer(handle, request, { ip, basePath, onlyRoutes = false }) {
  if (!isRequest(request)) throw argumentInvalid('The first argument must be a web `Request`.');
  if (ip !== undefined && typeof ip !== 'string') {
    throw argumentInvalid('`ip` must be the client address as a string, or left out.');
  }
  if (basePath !== undefined && typeof basePath !== 'string') {
    throw argumentInvalid('`basePath` must be a path such as `/api/kavach`, or left out.');
  }
  observe();
  const { method, url } = request;
  const text = packWeb(request, ip);
  // Without a body to wait for, the request reaches Rust at once: a `close()` right after it waits.
  const wantsBody = method !== 'GET' && crossingNow(() => handle.wantsBody(method, url, basePath));
  const body = wantsBody ? await readBody(request) : undefined;
  const crossed = crossingNow(() => handle.handle(text, body, basePath, onlyRoutes ? '' : undefined));
  const response = crossed instanceof Promise ? await crossing(() => crossed) : crossed;
  return response === null ? null : toResponse(unpack(response), method);
}

// By what it can do, not by class: frameworks bring their own `Request`.
function isRequest(value) {
  return (
    isObject(value) &&
    typeof value.url === 'string' &&
    typeof value.method === 'string' &&
    isHeaders(value.headers)
  );
}

// The bytes, or why there are none. A body that breaks off stays out: Rust refuses a request without one.
async function readBody(request) {
  if (request.bodyUsed || request.body?.locked) return CONSUMED;
  if (!request.body) return undefined;
  if (declaredTooLarge(request.headers.get('content-length'))) return TOO_LARGE;
  const chunks = [];
  let size = 0;
  try {
    const reader = request.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(chunks, size);
      size += value.byteLength;
      if (size > LIMIT) {
        reader.cancel().catch(() => {});
        return TOO_LARGE;
      }
      chunks.push(value);
    }
  } catch {
    return undefined;
  }
}

// Statuses that a `Response` with a body refuses.
const BODILESS = new Set([101, 204, 205, 304]);

function toResponse({ status, headers, body }, method) {
  const pairs = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i], headers[i + 1]]);
  const empty = body === '' || method === 'HEAD' || BODILESS.has(status);
  return new Response(empty ? null : body, { status, headers: pairs });
}
