// What an issuer should not say about itself: changes of the discovery document, which then reads
// as another's, and answers that are no document.

import { sends } from './misbehaving-issuer.js';

const MB = 1 << 20;
const set = (fields) => (document) => ({ ...document, ...fields });
const edit = (name, change) => (document) => ({ ...document, [name]: change(document[name]) });

/** Documents that do not name the issuer that was configured. */
export const FOREIGN = {
  'another host': edit('issuer', (issuer) => issuer.replace('127.0.0.1', 'localhost')),
  'another port': edit('issuer', (issuer) => issuer.replace(/.$/, (last) => 9 - Number(last))),
  'https for http': edit('issuer', (issuer) => issuer.replace('http:', 'https:')),
  'another domain': set({ issuer: 'https://evil.example' }),
  'a slash more': edit('issuer', (issuer) => `${issuer}/`),
  'a path more': edit('issuer', (issuer) => `${issuer}/tenant`),
  'a query more': edit('issuer', (issuer) => `${issuer}?tenant=x`),
  'a fragment more': edit('issuer', (issuer) => `${issuer}#x`),
  'a user more': edit('issuer', (issuer) => issuer.replace('//', '//user@')),
  'a blank more': edit('issuer', (issuer) => `${issuer} `),
  'capitals': edit('issuer', (issuer) => issuer.toUpperCase()),
  'a template': edit('issuer', (issuer) => `${issuer}/{tenantid}`),
  'a list': edit('issuer', (issuer) => [issuer]),
  'a number': set({ issuer: 7 }),
  'null': set({ issuer: null }),
  'an empty text': set({ issuer: '' }),
  'none': set({ issuer: undefined }),
};

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'];
const ADDRESSES = {
  'http elsewhere': 'http://evil.example/x',
  'http on a host that begins like this one': 'http://127.0.0.1.evil.example/x',
  'http on a bare address': 'http://192.0.2.1/x',
  'a path': '/token',
  'no URL': 'https://',
  'a host with a blank': 'https://evil example/x',
  'text': 'token',
  'an empty text': '',
  'a script': 'javascript:alert(1)',
  'a file': 'file:///etc/passwd',
  'data': 'data:application/json,{"keys":[]}',
  'a number': 7,
  'a list': ['https://evil.example/x'],
};

/** Documents with an endpoint that is not to be called. */
export const ADDRESSED = Object.fromEntries(
  ENDPOINTS.flatMap((endpoint) => Object.entries(ADDRESSES).map(([name, value]) => {
    return [`${endpoint} that is ${name}`, set({ [endpoint]: value })];
  })),
);

/** Documents that lack what a sign-in cannot do without. */
export const INCOMPLETE = Object.fromEntries(
  ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].flatMap((endpoint) => [
    [`no ${endpoint}`, set({ [endpoint]: undefined })],
    [`${endpoint} null`, set({ [endpoint]: null })],
  ]),
);

const PAGE = '<!doctype html><title>Welcome</title>';

/** Answers that are no document, with what a good one would say where that matters. */
export const answers = (good) => ({
  '5 MB': sends(JSON.stringify({ ...good, padding: 'x'.repeat(5 * MB) })),
  '5 MB of blanks in front': sends(' '.repeat(5 * MB) + JSON.stringify(good)),
  'HTML': sends(PAGE, { type: 'text/html' }),
  'HTML that is called JSON': sends(PAGE),
  'JSON that is called HTML': sends(JSON.stringify(good), { type: 'text/html' }),
  'a list': sends(JSON.stringify([good])),
  'text': sends(JSON.stringify(JSON.stringify(good))),
  'null': sends('null'),
  'an empty object': sends('{}'),
  'nothing': sends(''),
  'half of it': sends(JSON.stringify(good).slice(0, -20)),
  'a deep nest': sends('['.repeat(100_000)),
  'status 404': sends(JSON.stringify(good), { status: 404 }),
  'status 500': sends(JSON.stringify(good), { status: 500 }),
  'a hang-up': (req) => req.socket.destroy(),
});
