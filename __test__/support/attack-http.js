// HTTP without manners: a client that sends what it is told, byte for byte.

import http from 'node:http';
import { connect } from 'node:net';

/** A handler for `Client` that goes through a socket instead of calling the library. */
export function overHttp(port) {
  const agent = new http.Agent({ keepAlive: true });
  return async (request) => {
    const { host, pathname, search } = new URL(request.url);
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
    const headers = { ...Object.fromEntries(request.headers), host };
    return new Promise((resolve, reject) => {
      const sent = http.request({
        host: '127.0.0.1', port, agent, method: request.method, path: pathname + search, headers,
      });
      sent.on('error', reject).on('response', async (response) => {
        try {
          const chunks = await response.toArray();
          resolve(toResponse(response.statusCode, response.rawHeaders, Buffer.concat(chunks)));
        } catch (error) {
          reject(error);
        }
      });
      sent.end(body);
    });
  };
}

function toResponse(status, rawHeaders, body) {
  const headers = [];
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i], rawHeaders[i + 1]]);
  return new Response(body.length > 0 ? body : null, { status, headers });
}

/**
 * Sends bytes (a string is latin1) and reads until the server hangs up. `head` is the head of the
 * answer as it came over the wire, `headers` are its pairs.
 */
export function raw(port, bytes) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer in ten seconds')));
    // A server that refuses early resets what we still send; what it said before counts.
    socket.on('error', (error) => (chunks.length > 0 ? undefined : reject(error)));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('latin1'))));
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

/** The bytes of a request. `headers` are pairs, sent in this order, repeats and all. */
export function request(method, target, headers = [], body = '') {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...[['Connection', 'close'], ...headers].map(([name, value]) => `${name}: ${value}`),
    ...(body ? [`Content-Length: ${Buffer.byteLength(body, 'latin1')}`] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function parse(text) {
  const end = text.indexOf('\r\n\r\n');
  const head = end === -1 ? text : text.slice(0, end);
  const [first = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const mark = line.indexOf(':');
    return [line.slice(0, mark).toLowerCase(), line.slice(mark + 1).trim()];
  });
  const get = (name) => headers.find(([candidate]) => candidate === name)?.[1];
  const status = Number(first.split(' ')[1]);
  return { status, head, headers, get, body: end === -1 ? '' : text.slice(end + 4) };
}
