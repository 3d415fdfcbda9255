// What a hostile provider answers when it wants to be asked again, or elsewhere, and profiles of
// nobody: see startHostile.

import assert from 'node:assert/strict';

import { answer, json } from './attack-provider.js';

const MB = 1 << 20;

/** Redirects; the body would do, so only the status says no. */
export function redirects(trap) {
  const faults = {};
  for (const status of [300, 301, 302, 303, 305, 307, 308]) {
    const targets = {
      'elsewhere': () => `${trap}/steal`,
      'as localhost': () => trap.replace('127.0.0.1', 'localhost'),
      'to itself': ({ url }) => `${url}/elsewhere`,
      'to a scheme': () => trap.replace('http:', ''),
    };
    for (const [name, target] of Object.entries(targets)) {
      faults[`${status} ${name}`] = (fault) => {
        return answer(fault.good, { Location: target(fault) }, { status: `${status} Moved` });
      };
    }
  }
  faults['refresh'] = ({ good }) => {
    return answer(good, { Refresh: `0; url=${trap}` }, { status: '502 Bad Gateway' });
  };
  return faults;
}

/** E-mail lists that go on where none of ours is. */
export function nextLinks(trap) {
  const links = {
    'another host': () => `${trap}/emails?page=2`,
    'a name of the host': ({ url }) => `${url.replace('127.0.0.1', 'localhost')}/emails?page=2`,
    'an address of the host': ({ url }) => `${url.replace('.0.0.1', '.0.0.2')}/emails?page=2`,
    'another scheme': ({ url }) => `${url.replace('http', 'https')}/emails?page=2`,
    'no scheme': () => `${trap.slice(5)}/emails?page=2`,
    'the host as user': ({ url }) => `${url}@${trap.slice(7)}/emails?page=2`,
    'a backslash': ({ url }) => `${url}\\@${trap.slice(7)}/emails?page=2`,
    'a fragment': ({ url }) => `${trap}/emails?page=2#${url}/emails`,
    'a line break': () => `ht\ntp://${trap.slice(7)}/emails?page=2`,
    'another path': ({ url }) => `${url}/user?page=2`,
    'a path below': ({ url }) => `${url}/emails/steal?page=2`,
    'a path beside': ({ url }) => `${url}/emails/../token?page=2`,
    'a slash more': ({ url }) => `${url}/emails/?page=2`,
    'a slash before': ({ url }) => `${url}//emails?page=2`,
    'an encoded path': ({ url }) => `${url}/%65mails?page=2`,
    'capitals': ({ url }) => `${url}/EMAILS?page=2`,
    'a file': () => 'file:///etc/passwd',
    'data': () => 'data:application/json,{"values":[]}',
    'no URL': () => 'http://',
    'itself': ({ request, url }) => url + request.path,
    'an empty text': () => '',
    'a number': () => 7,
    'a list': ({ url }) => [`${url}/emails?page=2`],
    'an object': ({ url }) => ({ href: `${url}/emails?page=2` }),
    'null': () => null,
    'true': () => true,
    '900 kB': ({ url }) => `${trap}/emails?page=${url.repeat(40_000)}`,
  };
  return Object.fromEntries(Object.entries(links).map(([name, next]) => [
    // No address on this page: only then is another one looked for.
    name, (fault) => json({ ...JSON.parse(fault.good), values: [], next: next(fault) }),
  ]));
}

const page = (request, url) => Number(new URL(request.path, url).searchParams.get('page'));
/** E-mail lists that never end. */
export const CIRCLES = {
  'two in a circle': ({ good, request, url }) => {
    const next = `${url}/emails?page=${page(request, url) === 1 ? 2 : 1}`;
    return json({ ...JSON.parse(good), next, values: [] });
  },
  'itself in another order': ({ request, url }) => {
    return json({ values: [], next: `${url}${request.path}&x=` });
  },
  'itself with a fragment': ({ request, url }) => {
    return json({ values: [], next: `${url}${request.path}#${Math.random()}` });
  },
  'without end': ({ request, url }) => {
    return json({ values: [], next: `${url}/emails?page=${page(request, url) + 1}` });
  },
  'with another user': ({ request, url }) => {
    const { host } = new URL(url);
    const next = `http://eve:evil@${host}/emails?page=${page(request, url) + 1}`;
    return json({ values: [], next });
  },
};

/** Ids as JSON; `undefined` is none at all. */
const IDS = [
  undefined, 'null', 'true', '7', '-0', '1.5', '1e400', '123456789012345678901234567890',
  '{}',
  '[]', '{"$ne":null}', '{"toString":"x"}', '["{x}"]', '""', '" "', '" x"', '"x "', '"\\t"',
  '"\\u0000"', '"{x}\\u0000"', '"\\u0000{x}"', '"{x\\n}"', '"{x}\\u007f"',
  '"{x}\\u0085"',
  '"\\u2028"', '"{x}\\u3000"', '"\\ud800"', '"{x}\\udc00"', `"${'a'.repeat(256)}"`,
  `"${'\u{1f600}'.repeat(256)}"`, `"${'a'.repeat(900_000)}"`, `"${'a'.repeat(MB)}"`,
];

/** Profiles that name no account. */
export const NO_IDS = Object.fromEntries(IDS.map((id) => [
  String(id).slice(0, 40), ({ good }) => {
    const { uuid, ...rest } = JSON.parse(good);
    assert.ok(uuid);
    const fields = JSON.stringify(rest);
    return answer(id === undefined ? fields : fields.replace('{', `{"uuid":${id},`));
  },
]));

const twice = (first, last) => ({ good }) => {
  const rest = JSON.parse(good);
  delete rest.uuid;
  const fields = JSON.stringify(rest);
  return answer(fields.replace('{', `{"uuid":${first},`).replace(/}$/, `,"uuid":${last}}`));
};

/** Profiles that name an account twice. */
export const IDS_TWICE = {
  'once': twice('"{b}"', '"{b}"'),
  'twice': twice('"{a}"', '"{b}"'),
  'a number first': twice('7', '"{b}"'),
  'a number last': twice('"{b}"', '7'),
};
