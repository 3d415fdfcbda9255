// Mounts a `Kavach` on node:http, node:http2 and everything that passes their requests on.

import { ABORTED, readNodeBody } from './body.js';
import { observe } from './diagnostics.js';
import { KavachError, argumentInvalid, crossing, crossingNow } from './errors.js';
import { kavachHandle } from './kavach.js';
import { packNode, unpack } from './wire.js';

export function toNodeHandler(kavach) {
  const handle = kavachHandle(kavach);
  if (!handle) {
    throw argumentInvalid('Pass what `await createKavach(…)` gives; was the `await` forgotten?');
  }

  return async function kavachHandler(req, res, next) {
    const passes = typeof next === 'function';
    let response;
    try {
      response = await respond(handle, req, passes);
      if (response === ABORTED) return;
      if (response !== null) send(req, res, response);
    } catch (error) {
      if (passes) next(error);
      else sendError(req, res, error);
      return;
    }
    if (response === null) next();
  };
}

async function respond(handle, req, passes) {
  observe();
  const method = req.method ?? 'GET';
  // A router that mounts us under a prefix cuts `url`; `originalUrl` is what the client asked for.
  const url = req.originalUrl ?? req.url ?? '';
  const text = packNode(req, { method, url, ip: address(req) });
  let body;
  if (method !== 'GET' && crossingNow(() => handle.wantsBody(method, url))) {
    body = await readNodeBody(req);
    if (body === ABORTED) return ABORTED;
  }
  // Express says in `baseUrl` where it has mounted us.
  const { baseUrl } = req;
  const mount = passes ? (typeof baseUrl === 'string' ? baseUrl : '') : undefined;
  const response = await crossing(() => handle.handle(text, body, undefined, mount));
  return response === null ? null : unpack(response);
}

// The socket of an HTTP/2 request that is over throws when it is touched.
function address(req) {
  try {
    return req.socket?.remoteAddress;
  } catch {
    return undefined;
  }
}

function send(req, res, { status, headers, body }) {
  if (isOver(res)) return;
  // Middleware may have set cookies of its own: ours join them. Any other header of ours replaces.
  const cookies = [res.getHeader('set-cookie') ?? []].flat();
  res.statusCode = status;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i].toLowerCase() === 'set-cookie') cookies.push(headers[i + 1]);
    else res.setHeader(headers[i], headers[i + 1]);
  }
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
  if (req.method === 'HEAD' || body === '') res.end();
  else res.end(body);
}

function sendError(req, res, error) {
  const { code, status, message } =
    error instanceof KavachError
      ? error
      : { code: 'internal', status: 500, message: 'Something went wrong inside the library.' };
  try {
    send(req, res, {
      status,
      headers: ['content-type', 'application/json', 'cache-control', 'no-store'],
      body: JSON.stringify({ error: { code, message } }),
    });
  } catch {
    res.destroy?.();
  }
}

// The client went away, or another middleware (a timeout, say) has answered.
function isOver(res) {
  return res.headersSent || res.writableEnded || res.destroyed || res.stream?.destroyed === true;
}
