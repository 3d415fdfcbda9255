// Claims that do not belong into an id_token, each signed well: `claims` of startIssuer
// (OpenID Connect Core 3.1.3.7).

import { CLIENT } from './misbehaving-issuer.js';

const set = (name, value) => (payload) => {
  payload[name] = typeof value === 'function' ? value(payload[name], payload) : value;
};
const without = (name) => (payload) => delete payload[name];
const all = (...changes) => (payload) => changes.forEach((change) => change(payload));
const now = () => Math.floor(Date.now() / 1000);

export const REFUSED = {
  'aud of another client': set('aud', 'another-client'),
  'aud that begins like ours': set('aud', `${CLIENT.id}-2`),
  'aud in capitals': set('aud', CLIENT.id.toUpperCase()),
  'aud that is the issuer': set('aud', (_aud, { iss }) => iss),
  'aud that is empty': set('aud', ''),
  'aud that is an empty list': set('aud', []),
  'aud that is a list of others': all(set('aud', ['a', 'b']), set('azp', CLIENT.id)),
  'aud that is a number': set('aud', 7),
  'aud that is null': set('aud', null),
  'aud that is an object': set('aud', { [CLIENT.id]: true }),
  'aud that is a list in a list': set('aud', [[CLIENT.id]]),
  'no aud': without('aud'),
  'several aud without azp': set('aud', [CLIENT.id, 'another-client']),
  'several aud and the azp of another': all(
    set('aud', [CLIENT.id, 'another-client']), set('azp', 'another-client'),
  ),
  'one aud and the azp of another': set('azp', 'another-client'),
  'an azp that is a list': set('azp', [CLIENT.id]),
  'several aud and an azp that is null': all(
    set('aud', [CLIENT.id, 'another-client']), set('azp', null),
  ),

  'iss of another': set('iss', 'https://evil.example'),
  'iss with a slash more': set('iss', (iss) => `${iss}/`),
  'iss with a query': set('iss', (iss) => `${iss}?x`),
  'iss in capitals': set('iss', (iss) => iss.toUpperCase()),
  'iss by https': set('iss', (iss) => iss.replace('http:', 'https:')),
  'iss that is empty': set('iss', ''),
  'iss that is null': set('iss', null),
  'iss that is a list': set('iss', (iss) => [iss]),
  'no iss': without('iss'),

  'exp 65 seconds ago': set('exp', () => now() - 65),
  'exp a day ago': set('exp', () => now() - 86_400),
  'exp 0': set('exp', 0),
  'exp -1': set('exp', -1),
  'exp as text': set('exp', String),
  'exp null': set('exp', null),
  'exp true': set('exp', true),
  'exp in a list': set('exp', (exp) => [exp]),
  'no exp': without('exp'),

  'iat 90 seconds ahead': set('iat', () => now() + 90),
  'iat in milliseconds': set('iat', () => Date.now()),
  'iat as text': set('iat', String),
  'iat null': set('iat', null),
  'no iat': without('iat'),

  'nbf 90 seconds ahead': set('nbf', () => now() + 90),
  'nbf as text': set('nbf', String),

  'a nonce of another': set('nonce', 'n'.repeat(43)),
  'a nonce in capitals': set('nonce', (nonce) => nonce.toUpperCase()),
  'half a nonce': set('nonce', (nonce) => nonce.slice(0, nonce.length / 2)),
  'a nonce with more behind': set('nonce', (nonce) => `${nonce}x`),
  'a nonce that is empty': set('nonce', ''),
  'a nonce that is a number': set('nonce', 7),
  'a nonce that is null': set('nonce', null),
  'a nonce that is true': set('nonce', true),
  'a nonce in a list': set('nonce', (nonce) => [nonce]),
  'no nonce': without('nonce'),

  'at_hash of another token': set('at_hash', 'x'.repeat(22)),
  'at_hash that is empty': set('at_hash', ''),
  'at_hash that is a number': set('at_hash', 7),

  'sub that is empty': set('sub', ''),
  'sub that is a blank': set('sub', ' '),
  'sub that is a number': set('sub', 7),
  'sub that is null': set('sub', null),
  'sub that is true': set('sub', true),
  'sub that is an object': set('sub', { id: 'x' }),
  'sub that is a list': set('sub', ['x']),
  'sub of 256 characters': set('sub', 's'.repeat(256)),
  'sub of 100 kB': set('sub', 's'.repeat(100_000)),
  'sub with NUL': set('sub', 'jane\0'),
  'sub with a line break': set('sub', 'jane\n'),
  'no sub': without('sub'),
};

/** Odd, and still right. */
export const ACCEPTED = {
  'aud that is a list of ours alone': set('aud', [CLIENT.id]),
  'our azp': set('azp', CLIENT.id),
  'several aud and our azp': all(
    set('aud', ['another-client', CLIENT.id]), set('azp', CLIENT.id),
  ),
  'exp 30 seconds ago': set('exp', () => now() - 30),
  'exp with a fraction': set('exp', (exp) => exp + 0.5),
  'iat 30 seconds ahead': set('iat', () => now() + 30),
  'iat with a fraction': set('iat', (iat) => iat - 0.5),
  'nbf 30 seconds ahead': set('nbf', () => now() + 30),
  'no nbf': without('nbf'),
  'sub of 255 characters': set('sub', 's'.repeat(255)),
  'claims that nobody knows': all(set('x', { y: [null] }), set('amr', 7)),
};
