// Started by http-load.js: keeps a server busy over plain sockets. Node's own client costs more
// than the server that is measured, so requests are bytes made before, and of an answer no more is
// read than it takes to see where it ends and whether it is the right one.

import { connect } from 'node:net';

import { HEADERS } from './browser.js';
import { serve } from './child.js';

serve({ run });

/** One request at a time on each connection; the requests come in turn, whatever the connection. */
async function run({ port, requests, connections, milliseconds }) {
  const prepared = requests.map((request) => prepare(request, port));
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let turn = 0;
  let count = 0;
  const start = performance.now();
  const deadline = start + milliseconds;

  try {
    await Promise.all(sockets.map(async (socket) => {
      do {
        const { bytes, expected } = prepared[(turn = (turn + 1) % prepared.length)];
        const answer = await exchange(socket, bytes);
        if (!answer.includes(expected)) throw new Error(`not the right answer: ${answer}`);
        count += 1;
      } while (performance.now() < deadline);
    }));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  const elapsed = performance.now() - start;
  return { count, perSecond: (count * 1000) / elapsed };
}

function prepare({ cookie, email }, port) {
  const headers = { host: `127.0.0.1:${port}`, connection: 'keep-alive', ...HEADERS, cookie };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const text = `GET /me HTTP/1.1\r\n${lines.join('')}\r\n`;
  return { bytes: Buffer.from(text, 'latin1'), expected: `"email":"${email}"` };
}

function open(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true).once('error', reject).once('connect', () => resolve(socket));
  });
}

function exchange(socket, bytes) {
  return new Promise((resolve, reject) => {
    let text = '';
    const end = (settle, value) => {
      socket.off('data', read).off('error', fail).off('close', fail);
      settle(value);
    };
    const fail = (error) => end(reject, error || new Error(`the server hung up after ${text}`));
    const read = (chunk) => {
      text += chunk.latin1Slice();
      if (isWhole(text)) end(resolve, text);
    };
    socket.on('data', read).on('error', fail).on('close', fail);
    socket.write(bytes);
  });
}

/** Every server here says how long its answer is. */
function isWhole(text) {
  const head = text.indexOf('\r\n\r\n');
  if (head === -1) return false;
  const at = text.search(/\r\ncontent-length: /i);
  if (at === -1 || at > head) throw new Error(`an answer without a length: ${text}`);
  return text.length >= head + 4 + Number.parseInt(text.slice(at + 18), 10);
}
