import { describeBody } from './http.js';

/**
 * A request as `requests` shows it. `refused` is added when there is a reason.
 *
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {string} search
 * @property {Record<string, string>} query
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} body
 * @property {Record<string, string>} [form]
 * @property {Record<string, unknown>} [json]
 * @property {import('./server.js').Endpoint} [endpoint]
 * @property {string} [refused] why the stand-in did not like it
 *
 * @returns {Request}
 */
export function describeRequest(method, path, search, headers, body) {
  const params = new URLSearchParams(search);
  const request = { method, path, search, query: Object.fromEntries(params), headers, body };
  Object.defineProperty(request, 'params', { value: params });
  return Object.assign(request, describeBody(request));
}

/** By hand: `new URL` throws on request targets such as `//` and resolves `/../`. */
export function splitTarget(target) {
  const mark = target.indexOf('?');
  return mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)];
}
