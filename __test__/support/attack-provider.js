// A provider that means harm, on bare sockets: it says whatever a fault tells it to say, byte for
// byte. Which fault it is goes along with the code, so that any number of sign-ins can run at once.

import { once } from 'node:events';
import { createServer } from 'node:net';

/** The endpoints that the library calls by itself. */
export const KINDS = ['token', 'user', 'emails'];

/** What a well-behaved provider answers; `token` is the access token. */
export const GOOD = {
  token: (token) => ({ access_token: token, token_type: 'bearer', expires_in: 7200 }),
  user: (token) => ({ type: 'user', uuid: `{${token}}`, display_name: 'Jane' }),
  emails: () => ({ values: [{ email: 'jane@example.com', is_primary: true, is_confirmed: true }] }),
};

/** The bytes of an answer. Header values may be lists. */
export function answer(body, headers = {}, { status = '200 OK', version = 'HTTP/1.1' } = {}) {
  const bytes = Buffer.from(body);
  const all = { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((each) => `${name}: ${each}`));
  const head = [`${version} ${status}`, ...lines].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes]);
}

export const json = (value, headers) => answer(JSON.stringify(value), headers);

/**
 * `faults` is a map of name to function. Each gets `{ socket, good, request, url }` and returns the
 * bytes to send, or writes to the socket by itself. `good` is the body that would be right.
 *
 * A flow meets a fault when its code is `code(kind, name)`.
 */
export async function startHostile(t, faults) {
  const requests = [];
  const all = Object.values(faults);
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket, (request) => {
      requests.push(request);
      respond(socket, request);
    });
  });
  const url = await listen(server);
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });

  function respond(socket, request) {
    const kind = KINDS.find((name) => request.path.startsWith(`/${name}`));
    const form = new URLSearchParams(request.body);
    const token = kind === 'token'
      ? form.get('code')
      : request.headers.authorization?.replace('Bearer ', '');
    if (!kind || !token) {
      socket.end(answer('{}', {}, { status: '404 Not Found' }));
      return;
    }
    const [at, index] = token.split('.');
    const good = JSON.stringify(GOOD[kind](token));
    const bytes = at === kind ? all[index]({ socket, good, request, url, kind }) : answer(good);
    if (bytes && !socket.destroyed) socket.write(bytes);
  }

  return {
    url,
    requests,
    endpoints: {
      authorizationUrl: `${url}/authorize`,
      tokenUrl: `${url}/token`,
      userInfoUrl: `${url}/user`,
      emailsUrl: `${url}/emails`,
    },
    code: (kind, name) => `${kind}.${Object.keys(faults).indexOf(name)}.${(count += 1)}`,
  };
}

let count = 0;

/** A server that nobody should ever reach: `reached` holds what arrived. */
export async function startTrap(t) {
  const reached = [];
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', (bytes) => reached.push(bytes.toString('latin1')));
    reached.push('a connection');
    socket.write(json({}));
  });
  const url = await listen(server);
  t.after(() => server.close());
  return { url, reached };
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

/** Cuts what comes in into requests, as many as one connection brings. */
function serve(socket, take) {
  let rest = '';
  socket.on('data', (bytes) => {
    rest += bytes.toString('latin1');
    for (;;) {
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      const [first, ...lines] = rest.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => {
        const mark = line.indexOf(':');
        return [line.slice(0, mark).toLowerCase(), line.slice(mark + 1).trim()];
      }));
      const length = Number(headers['content-length'] ?? 0);
      if (rest.length < end + 4 + length) return;
      const [method, path] = first.split(' ');
      const body = rest.slice(end + 4, end + 4 + length);
      rest = rest.slice(end + 4 + length);
      take({ method, path, headers, body });
    }
  });
}
