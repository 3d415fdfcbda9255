import { json, redirect, send } from './http.js';

/**
 * How an endpoint can go wrong.
 *
 * - `{ status, body, headers }`: that answer; `body` may be a string, a Buffer or a JSON value
 * - `{ json }`: that value, with 200
 * - `{ redirect, status }`: to that URL, 302 unless told
 * - `'html'`: a page, with 200 (for 5xx use `answers.unavailable`)
 * - `'huge'`: 10 MB of valid JSON
 * - `'hang'`: no answer, ever
 * - `'drip'`: one byte a second, for ever
 * - `'cut'`: the connection ends in the middle of the body
 *
 * @typedef {import('./http.js').Answer | { json: unknown } | { redirect: string, status?: number }
 *   | 'html' | 'huge' | 'hang' | 'drip' | 'cut'} Behaviour
 */

/**
 * @param {Behaviour} behaviour
 * @returns {(res: import('node:http').ServerResponse) => void}
 */
export function performer(behaviour) {
  if (typeof behaviour === 'string' && Object.hasOwn(NAMED, behaviour)) return NAMED[behaviour];
  const answer = typeof behaviour === 'object' && behaviour !== null && parse(behaviour);
  if (!answer) throw new TypeError(`no such behaviour: ${JSON.stringify(behaviour)}`);
  return (res) => send(res, answer);
}

function parse(behaviour) {
  if ('json' in behaviour) return json(200, JSON.stringify(behaviour.json));
  if (typeof behaviour.redirect === 'string') {
    return redirect(behaviour.status ?? 302, behaviour.redirect);
  }
  const { status, headers, body = '' } = behaviour;
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (typeof body === 'string' || Buffer.isBuffer(body)) return { status, headers, body };
  return json(status, JSON.stringify(body), headers);
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const NAMED = {
  html(res) {
    send(res, {
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8' },
      body: '<!doctype html><title>Bitbucket</title><h1>Log in to continue</h1>',
    });
  },
  huge(res) {
    send(res, json(200, JSON.stringify({ padding: 'x'.repeat(10 * 1024 * 1024) })));
  },
  hang() {},
  drip(res) {
    // The head leaves at once: a time limit that ends with the first byte would be no limit.
    res.writeHead(200, JSON_TYPE).write('{');
    const timer = setInterval(() => res.write(' '), 1000);
    res.once('close', () => clearInterval(timer));
  },
  cut(res) {
    const start = '{"access_token": "standin-';
    res.writeHead(200, { ...JSON_TYPE, 'content-length': start.length * 2 });
    res.write(start, () => res.destroy());
  },
};
