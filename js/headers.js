// Finds the two headers that tell who calls, in whatever holds headers.

import { argumentInvalid } from './errors.js';

/**
 * The cookie and authorization headers of a web `Request`, `Headers`, a Node request, its
 * `headers`, or a plain record. Repeats are joined, so that nothing which was received is hidden
 * from Rust.
 */
export function credentials(from) {
  // First, since Node makes `headers` of them when that is asked for.
  if (hasRawHeaders(from)) return credentialsIn(from.rawHeaders);
  // A web `Headers` has joined repeats already; walking through all of them costs ten times more.
  const web = isHeaders(from) ? from : isObject(from) && isHeaders(from.headers) && from.headers;
  if (web) return { cookie: web.get('cookie'), authorization: web.get('authorization') };
  return credentialsIn(headerPairs(from));
}

/** `[name, value, name, value, …]` as Node received them; HTTP/2 pseudo headers are left out. */
export function rawPairs(req) {
  const pairs = [];
  if (!hasRawHeaders(req)) return isObject(req.headers) ? recordPairs(req.headers) : pairs;
  const raw = req.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (!raw[i].startsWith(':')) pairs.push(raw[i], raw[i + 1]);
  }
  return pairs;
}

export function isHeaders(value) {
  return (
    isObject(value) &&
    typeof value.get === 'function' &&
    typeof value.append === 'function' &&
    typeof value[Symbol.iterator] === 'function'
  );
}

export function isObject(value) {
  return typeof value === 'object' && value !== null;
}

// Adapters that only pose as a Node request may fill `headers` alone.
function hasRawHeaders(from) {
  return isObject(from) && Array.isArray(from.rawHeaders) && from.rawHeaders.length > 0;
}

function credentialsIn(pairs) {
  return {
    cookie: joined(pairs, 'cookie', '; '),
    authorization: joined(pairs, 'authorization', ', '),
  };
}

function headerPairs(from) {
  if (isObject(from)) {
    if (isObject(from.headers) && !Array.isArray(from.headers)) return rawPairs(from);
    if (isPlain(from)) return recordPairs(from);
  }
  throw argumentInvalid(
    'Pass a web `Request`, its `Headers`, a Node `IncomingMessage`, its `headers`, or a plain ' +
      'object of headers.',
  );
}

function recordPairs(record) {
  const pairs = [];
  for (const [name, values] of Object.entries(record)) {
    if (name.startsWith(':') || values === undefined || values === null) continue;
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value !== 'string') {
        throw argumentInvalid(`The header \`${name}\` must be a string or an array of strings.`);
      }
      pairs.push(name, value);
    }
  }
  return pairs;
}

/** Neither a promise that was not awaited nor an object of some class: those would read as empty. */
export function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function joined(pairs, name, separator) {
  let all = null;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    // Most names differ in length already.
    if (pairs[i].length === name.length && pairs[i].toLowerCase() === name) {
      all = all === null ? pairs[i + 1] : `${all}${separator}${pairs[i + 1]}`;
    }
  }
  return all;
}
