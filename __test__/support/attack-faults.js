// What a hostile provider answers: see startHostile.

import { brotliCompressSync, gzipSync } from 'node:zlib';

import { answer, json } from './attack-provider.js';

const MB = 1 << 20;
const CHUNKED = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const change = (fields) => ({ good }) => json({ ...JSON.parse(good), ...fields });
const status = (line, headers) => ({ good }) => answer(good, headers, { status: line });
const as = (headers) => ({ good }) => answer(good, headers);
/** Sends bytes and hangs up. */
const last = (make) => (fault) => {
  fault.socket.end(make(fault));
};

/** Says something every so often, for ever. */
function every(milliseconds, first, more) {
  return ({ socket, good }) => {
    socket.write(first);
    let at = 0;
    const timer = setInterval(() => socket.write(more(at++, good)), milliseconds);
    socket.on('close', () => clearInterval(timer));
  };
}

/** Says as much as the other side takes, for ever, or until 200 MB have gone. */
function flood(first, piece) {
  return ({ socket }) => {
    let sent = 0;
    const pump = () => {
      while (!socket.destroyed && sent < 200 * MB) {
        sent += piece.length;
        if (!socket.write(piece)) return;
      }
      socket.destroy();
    };
    socket.on('drain', pump);
    socket.write(first);
    pump();
  };
}

let bomb;
const JSON_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const deep = (open, close) => open.repeat(100_000) + close.repeat(100_000);

/** Wrong at every endpoint. `kind` limits some to those that read what is odd about them. */
export const REFUSED = {
  'html': as({ 'Content-Type': 'text/html' }),
  'text': as({ 'Content-Type': 'text/plain; application/json' }),
  'javascript': as({ 'Content-Type': 'application/javascript' }),
  'page': () => answer('<!doctype html><title>Log in</title>', { 'Content-Type': 'text/html' }),
  'page called JSON': () => answer('<!doctype html><title>Log in</title>'),
  'JSONP': ({ good }) => answer(`callback(${good})`),
  'prefix': ({ good }) => answer(`)]}',\n${good}`),
  'twice': ({ good }) => answer(good + good),
  'more': ({ good }) => answer(`${good} x`),
  'NUL at the end': ({ good }) => answer(`${good}\0`),
  'trailing comma': ({ good }) => answer(good.replace(/\}$/, ',}')),
  'single quotes': ({ good }) => answer(good.replaceAll('"', "'")),
  'comment': ({ good }) => answer(`/**/${good}`),
  'BOM': ({ good }) => answer(`\ufeff${good}`),
  'UTF-16': ({ good }) => answer(Buffer.from(good, 'utf16le'), {
    'Content-Type': 'application/json; charset=utf-16',
  }),
  'UTF-16 with BOM': ({ good }) => answer(Buffer.from(`\ufeff${good}`, 'utf16le')),
  'no UTF-8': ({ good }) => answer(Buffer.from(good.replace(/\}$/, ',"x":"\xff"}'), 'latin1')),
  'nothing': () => answer(''),
  'blanks': () => answer(' '.repeat(1000)),
  'null': () => answer('null'),
  'true': () => answer('true'),
  'a string': () => answer('"access_token"'),
  'a list': ({ good }) => answer(`[${good}]`),
  'an empty list': () => answer('[]'),
  'an empty object': () => answer('{}'),
  'NaN': () => answer('NaN'),
  'deep lists': () => answer(deep('[', ']')),
  'deep objects': () => answer('{"a":'.repeat(100_000)),
  'deep in a field': ({ good }) => answer(good.replace('{', `{"x":${deep('[', ']')},`)),
  'error with 200': () => json({ error: 'invalid_grant', error_description: 'no' }),
  'Bitbucket error with 200': () => json({ type: 'error', error: { message: 'no' } }),
  '10 MB': ({ good }) => answer(good.padEnd(10 * MB)),
  '10 MB in front': ({ good }) => answer(good.padStart(10 * MB)),
  '10 MB in chunks': ({ good }) => Buffer.concat([
    answer('', CHUNKED), Buffer.from(`${chunk(good.padEnd(10 * MB))}0\r\n\r\n`),
  ]),
  '10 MB till the end': last(({ good }) => answer(good.padEnd(10 * MB), {
    'Content-Length': undefined, 'Connection': 'close',
  })),
  '10 MB announced': ({ good }) => answer(good, { 'Content-Length': 10 * MB }),
  'an absurd length': ({ good }) => answer(good, { 'Content-Length': '18446744073709551615' }),
  'a negative length': ({ good }) => answer(good, { 'Content-Length': -1 }),
  'a length that is none': ({ good }) => answer(good, { 'Content-Length': '7, x' }),
  'two lengths': ({ good }) => answer(good, { 'Content-Length': [good.length, 5] }),
  'a length too long': last(({ good }) => answer(good, { 'Content-Length': good.length + 1 })),
  'a length too short': ({ good }) => answer(good, { 'Content-Length': good.length - 1 }),
  'cut off': last(({ good }) => answer(good).subarray(0, -10)),
  'cut off in the head': last(({ good }) => answer(good).subarray(0, 30)),
  'cut off between chunks': last(({ good }) => Buffer.concat([
    answer('', CHUNKED), Buffer.from(chunk(good)),
  ])),
  'reset': ({ socket }) => {
    socket.resetAndDestroy();
  },
  'hung up': last(() => ''),
  'broken chunks': ({ good }) => Buffer.concat([
    answer('', CHUNKED), Buffer.from(`zz\r\n${good}\r\n0\r\n\r\n`),
  ]),
  'huge chunk size': ({ good }) => Buffer.concat([
    answer('', CHUNKED), Buffer.from(`ffffffffffffffffff\r\n${good}\r\n0\r\n\r\n`),
  ]),
  'endless chunks': flood(
    `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n`, chunk(' '.repeat(65_536)),
  ),
  'endless body': flood(`${JSON_HEAD}\r\n`, ' '.repeat(65_536)),
  'endless header': flood('HTTP/1.1 200 OK\r\nX-Evil: ', 'x'.repeat(65_536)),
  'endless headers': flood('HTTP/1.1 200 OK\r\n', 'X-Evil: x\r\n'.repeat(1000)),
  'endless chunk extension': flood(
    `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'.repeat(65_536),
  ),
  // Nobody asked for it, so nobody unpacks it.
  'gzip': ({ good }) => answer(gzipSync(good), { 'Content-Encoding': 'gzip' }),
  'brotli': ({ good }) => answer(brotliCompressSync(good), { 'Content-Encoding': 'br' }),
  'gzip bomb': ({ good }) => {
    bomb ??= gzipSync(Buffer.concat([Buffer.from(good), Buffer.alloc(300 * MB, ' ')]));
    return answer(bomb, { 'Content-Encoding': 'gzip' });
  },
  'nonsense': last(() => 'HELO provider\r\n\r\n'),
  'HTTP/0.9': last(({ good }) => good),
  'TLS': last(() => Buffer.from('15030300020228', 'hex')),
  'HTTP/2': last(() => Buffer.from('000000040000000000', 'hex')),
  'switching protocols': status('101 Switching Protocols', {
    'Upgrade': 'h2c', 'Connection': 'upgrade',
  }),
  '204': status('204 No Content', { 'Content-Length': undefined }),
  '304': status('304 Not Modified'),
  '401': status('401 Unauthorized', { 'WWW-Authenticate': 'Basic realm="x"' }),
  '407': status('407 Proxy Authentication Required', { 'Proxy-Authenticate': 'Basic realm="x"' }),
  '400': status('400 Bad Request'),
  '500': status('500 Internal Server Error'),
  '503': status('503 Service Unavailable', { 'Retry-After': '99999999' }),
  '999': status('999 Evil'),
};

/** What only the token endpoint can say. */
export const REFUSED_TOKENS = {
  'error beside a token': change({ error: 'invalid_grant' }),
  'no token': change({ access_token: undefined }),
  'token 7': change({ access_token: 7 }),
  'token null': change({ access_token: null }),
  'token true': change({ access_token: true }),
  'token in a list': change({ access_token: ['x'] }),
  'token in an object': change({ access_token: { x: 'x' } }),
  'empty token': change({ access_token: '' }),
  'blank token': change({ access_token: ' ' }),
  'token with LF': change({ access_token: 'user.x\nX-Evil: 1' }),
  'token with CRLF': change({ access_token: 'user.x\r\nX-Evil: 1' }),
  'token with NUL': change({ access_token: 'user.x\0' }),
  'token with a blank': change({ access_token: 'user.x y' }),
  'token with a tab': change({ access_token: 'user.x\ty' }),
  'token in Unicode': change({ access_token: 'user.x\u010a' }),
  'token of 2 MB': change({ access_token: 'x'.repeat(2 * MB) }),
  'token key in capitals': ({ good }) => answer(good.replace('access_token', 'Access_Token')),
  'token as a form': ({ good }) => {
    const form = String(new URLSearchParams(JSON.parse(good)));
    return answer(form, { 'Content-Type': 'application/x-www-form-urlencoded' });
  },
  'token twice': ({ good }) => answer(good.replace('{', '{"access_token":"x",')),
  'token type twice': ({ good }) => answer(good.replace('{', '{"token_type":"bearer",')),
  'token type MAC': change({ token_type: 'mac' }),
  'token type 7': change({ token_type: 7 }),
  'refresh token 7': change({ refresh_token: 7 }),
  'scope that is deep': ({ good }) => {
    return answer(good.replace('{', `{"scope":${deep('[', ']')},`));
  },
};

/** What takes its time. */
export const SLOW = {
  'silence': () => undefined,
  'a head and silence': () => `${JSON_HEAD}Content-Length: 100\r\n\r\n`,
  'one byte a second': every(1000, `${JSON_HEAD}\r\n{`, () => ' '),
  'one chunk a second': every(1000, `${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n`, () => {
    return chunk(' ');
  }),
  'one good byte a second': every(1000, `${JSON_HEAD}Content-Length: 500\r\n\r\n`, (at, good) => {
    return good.padEnd(500)[at];
  }),
  'one byte of the head a second': every(1000, 'HTTP/1.1 200 OK\r\nX-Evil: ', () => 'x'),
  'one header a second': every(1000, 'HTTP/1.1 200 OK\r\n', (at) => `X-${at}: x\r\n`),
  'early hints without end': every(100, '', () => 'HTTP/1.1 103 Early Hints\r\n\r\n'),
  'continue without end': every(100, '', () => 'HTTP/1.1 100 Continue\r\n\r\n'),
};

/** Odd, and still an answer: sign-in works. */
export const ACCEPTED = {
  'good': ({ good }) => answer(good),
  'HTTP/1.0': last(({ good }) => answer(good, {}, { version: 'HTTP/1.0' })),
  'HTTP/1.0 till the end': last(({ good }) => {
    return answer(good, { 'Content-Length': undefined }, { version: 'HTTP/1.0' });
  }),
  'till the end': last(({ good }) => answer(good, { 'Content-Length': undefined })),
  'chunks of a byte': ({ good }) => Buffer.concat([
    answer('', CHUNKED), Buffer.from(`${[...good].map(chunk).join('')}0\r\n\r\n`),
  ]),
  'blanks around': ({ good }) => answer(` \r\n\t${good}\n`),
  'no reason phrase': ({ good }) => answer(good, {}, { status: '200' }),
  'one early hint': ({ good }) => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n';
    return Buffer.concat([Buffer.from(hint), answer(good)]);
  },
  'JSON in capitals': as({ 'Content-Type': 'Application/JSON;charset="UTF-8"' }),
  'prototype keys': ({ good }) => {
    return answer(good.replace('{', '{"__proto__":{"x":1},"constructor":{"prototype":{}},'));
  },
  'cookies': as({ 'Set-Cookie': ['__Host-kavach_session=evil', 'a=b; Domain=your-app.com'] }),
};
