// Requests and responses as they cross to Rust and back: one text each, of lines.

import { rawPairs } from './headers.js';
import { headersRead } from './native.js';

const READ = headersRead();
const IS_READ = new Set(READ);

/** Of a web `Request`. @param {string} [ip] the peer's address */
export function packWeb({ method, url, headers }, ip) {
  let text = head(method, url, ip);
  for (const name of READ) {
    const value = headers.get(name);
    if (value !== null && value !== undefined) text += `\n${name}\n${line(value)}`;
  }
  return text;
}

/** Of a Node request. Repeated headers stay apart. */
export function packNode(req, { method, url, ip }) {
  let text = head(method, url, ip);
  const pairs = rawPairs(req);
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i].toLowerCase();
    if (IS_READ.has(name)) text += `\n${name}\n${line(pairs[i + 1])}`;
  }
  return text;
}

/** `{ status, headers, body }` of a response; the headers as `[name, value, name, value, …]`. */
export function unpack(text) {
  const lines = text.split('\n');
  const end = 2 + 2 * Number(lines[1]);
  return {
    status: Number(lines[0]), headers: lines.slice(2, end), body: lines.slice(end).join('\n'),
  };
}

function head(method, url, ip = '') {
  return `${line(method)}\n${line(url)}\n${line(ip)}`;
}

// No server lets a line break through; what only poses as a request might.
function line(value) {
  const text = String(value);
  return text.includes('\n') ? text.replaceAll('\n', ' ') : text;
}
