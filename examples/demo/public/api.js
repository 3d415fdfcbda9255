// Talks to the routes of kavachos. Browsers send the session cookie by themselves; scripts cannot
// read it, and need not.

const BASE = '/api/kavach';

/** `code` is the library's own, or `unreachable`. */
export class ApiError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export const get = (path) => send(BASE + path);

/** Browsers add the `Origin` header that the library asks for. */
export const post = (path, body = {}) =>
  send(BASE + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

export async function send(url, options) {
  let response;
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(15_000) });
  } catch {
    throw new ApiError('unreachable', 'The server does not answer. Is the demo still running?');
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  throw new ApiError(
    body?.error?.code ?? 'unreadable',
    body?.error?.message ?? `The server answered with status ${response.status}.`,
  );
}
