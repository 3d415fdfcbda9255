// Addresses that a sign-in is asked to return to: those that have fooled libraries, and as many
// more as you like.

/**
 * Never to be accepted where `https://your-app.com` is the origin and only
 * `https://admin.your-app.com` and `http://localhost:5173` are trusted.
 */
export const HOSTILE = [
  // Relative to the scheme, in every dress.
  '//evil.example', '///evil.example', '////evil.example', '//evil.example/your-app.com',
  '//your-app.com@evil.example', '/\\evil.example', '\\/evil.example',
  '\\\\evil.example', '/\\/evil.example', '//\\evil.example', '/\\\\evil.example', '\\evil.example',
  '/\t/evil.example', '/\n/evil.example', '/\r/evil.example', '/\0/evil.example', '/\x0b/evil',
  '\t//evil.example', '\n//evil.example', ' //evil.example', '\0//evil.example', '/ /evil.example',
  '/\u00a0/evil', '/\u3000/evil', '/\u2028/evil', '/\u2029/evil', '/\u0085/evil', '/\ufeff/evil',
  // Encoded, for whoever decodes once more.
  '/%2f%2fevil', '/%2F%2Fevil.example', '/%2f/evil', '/%2F', '/%5cevil', '/%5C%5Cevil', '/%5c/evil',
  // Paths that become two slashes.
  '/./..//evil.example', '/.//evil.example', '/a/..//evil.example', '/..//evil', '/.//./evil',
  '/%2e//evil.example', '/%2e%2e//evil.example', '/a/%2E%2e//evil', '/././/evil', '/.\\/evil',
  '/./%2fevil', '/a/../%2f%2fevil', '/../%5cevil', 'https://your-app.com//evil.example',
  'https://your-app.com/.//evil', 'https://your-app.com/%2fevil', 'https://your-app.com/%5Cevil',
  'https://admin.your-app.com//evil.example', 'http://localhost:5173/%2f%2fevil',
  // Half a URL.
  '', 'x', 'evil.example', 'your-app.com', 'your-app.com/x', './x', '../x', '?x', '#x', '.', '..',
  ':',
  'https:', 'https:/', 'https://', 'https:///', 'https:evil.example', 'https:/evil.example',
  'https:\\\\evil.example', 'https:your-app.com', 'https:/your-app.com/x', 'https:\\your-app.com',
  '://your-app.com', ':https://your-app.com', '*', 'null', 'undefined', '0', 'true',
  '[object Object]',
  // Other schemes.
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'javascript://your-app.com/%0aalert(1)',
  'javascript://https://your-app.com/%0aalert(1)', 'java\nscript:alert(1)', '\u0001javascript:x',
  'data:text/html,x', 'data://your-app.com/,x', 'vbscript:x', 'file:///etc/passwd',
  'file://your-app.com/x', 'ftp://your-app.com/', 'ws://your-app.com/', 'wss://your-app.com/',
  'blob:https://your-app.com/x', 'view-source:https://your-app.com',
  'filesystem:https://your-app.com',
  'about:blank', 'intent://your-app.com#Intent;scheme=https;end', 'mailto:a@your-app.com',
  'jar:https://your-app.com!/', 'chrome://settings', 'httpss://your-app.com',
  'xhttps://your-app.com',
  'feed:https://your-app.com', 'https+x://your-app.com',
  // User names that look like hosts.
  'https://your-app.com@evil.example', 'https://your-app.com:443@evil.example/',
  'https://your-app.com%40evil.example', 'https://your-app.com%2f@evil.example',
  'https://your-app.com\\@evil.example', 'https://evil.example\\@your-app.com',
  'https://user@your-app.com/', 'https://user:pass@your-app.com/', 'https://:pass@your-app.com/',
  'https://%40@your-app.com/', 'https://evil.example@your-app.com/', 'https://a@b@your-app.com/',
  // Hosts that look like ours.
  'https://your-app.com.evil.example', 'https://evil.example/your-app.com',
  'https://evilyour-app.com',
  'https://evil.example#your-app.com', 'https://evil.example?https://your-app.com',
  'https://evil.example/https://your-app.com', 'https://your-app.co', 'https://your-app.comm',
  'https://your-app.com.', 'https://your-app.com./x', 'https://.your-app.com',
  'https://your-app..com',
  'https://your-app.com%00.evil.example', 'https://your-app.com%09.evil.example',
  'https://your-app.com,evil.example', 'https://your-app.com;evil.example',
  'https://your-app.com&evil.example', 'https://your-app.com_evil.example', 'https://yourapp.com',
  'https://your-app.com\u3002evil.example', 'https://your-app\uff0ecom/',
  'https://your-app\uff61com/',
  'https://y\u043eur-app.com/', 'https://your-app.c\u043em', 'https://your\u2010app.com/',
  'https://your-\u0430pp.com/', 'https://xn--yur-app-9nf.com', 'https://evil\u2044.your-app.com/',
  'https://\uff39our-app.com', '\uff0f\uff0fevil.example', 'https\uff1a//your-app.com',
  'https://your-app.com\uff0fevil', 'https://ourapp.com\u2100evil.example',
  // Other scheme, port, subdomain, address.
  'http://your-app.com/', 'https://your-app.com:444/', 'https://your-app.com:80/',
  'https://your-app.com:8443', 'https://your-app.com:65536/', 'https://your-app.com:x/',
  'https://sub.your-app.com/', 'https://www.your-app.com/', 'https://x.admin.your-app.com/',
  'http://admin.your-app.com/', 'https://admin.your-app.com:8443/',
  'https://admin.your-app.com.evil/',
  'http://localhost:5174/', 'https://localhost:5173/', 'http://localhost/',
  'http://127.0.0.1:5173/',
  'http://[::1]:5173/', 'http://localhost.:5173/', 'http://x.localhost:5173/',
  'http://2130706433:5173',
  'http://0x7f.1:5173/', 'http://0177.0.0.1:5173/', 'https://[::1]/', 'https://[::ffff:7f00:1]/',
  'https://[your-app.com]/', 'https://[::your-app.com]', 'https://[::1]your-app.com', 'https://1.1',
  // Too long, and characters that no address has.
  `/${'a'.repeat(10_000)}`, `https://your-app.com/${'a'.repeat(10_000)}`, '/'.repeat(3_000),
  '/a b', '/ ', ' /', '/a\nb', '/\r\nLocation: https://evil.example', '/\r\nSet-Cookie: a=b',
  '/\x7f',
  '/\u0000', '/\u009f', '/\u2003', '/\u202f', '/x\u2028', 'https://your-app.com/\\evil', '/a\\b',
];

/** Good ones, and where they lead: a refusal of everything would be no defence. */
export const FRIENDLY = [
  ['/', 'https://your-app.com/'],
  ['/a/b?c=d&e=https://evil.example/#f', 'https://your-app.com/a/b?c=d&e=https://evil.example/#f'],
  ['/a/../b', 'https://your-app.com/b'],
  ['/a//b', 'https://your-app.com/a//b'],
  ['/?next=//evil.example', 'https://your-app.com/?next=//evil.example'],
  ['/%61', 'https://your-app.com/%61'],
  ['/\u00fc', 'https://your-app.com/%C3%BC'],
  ['/:evil.example', 'https://your-app.com/:evil.example'],
  ['/@evil.example', 'https://your-app.com/@evil.example'],
  ['https://your-app.com', 'https://your-app.com/'],
  ['https://your-app.com:443/x', 'https://your-app.com/x'],
  ['HTTPS://YOUR-APP.COM/x', 'https://your-app.com/x'],
  ['https://admin.your-app.com/x?y', 'https://admin.your-app.com/x?y'],
  ['http://localhost:5173', 'http://localhost:5173/'],
];

const PIECES = [
  '/', '//', '///', '\\', '/\\', '.', '..', '/.', '/..', '%2e', '%2E%2e', '%2f', '%2F', '%5c',
  '%09',
  '%0a', '%00', '%40', '%3a', '%25', '%', '\t', '\n', '\r', '\0', ' ', '\u00a0', '\u00ad', '\u200b',
  '\u200d', '\u202e', '\u2028', '\u2060', '\u3002', '\uff0e', '\uff0f', '\uff20', '\ufeff',
  '\u2044',
  '@', ':', ';', '?', '#', '&', '*', '[', ']', '|', '^', '<', '"', "'", '{', '~', '-', '_', '$',
  '!',
  'https:', 'http:', 'HTTPS:', 'hTTps:', 'https://', 'http://', 'javascript:', 'data:', 'blob:',
  'your-app.com', 'YOUR-APP.com', 'your-app.com:443', 'your-app.com:8443', 'your-app%2ecom',
  'your-app\u3002com', 'your\u00ad-app.com', 'admin.your-app.com', 'localhost:5173', 'evil.example',
  'evil.example:443', 'user@', 'user:pass@', ':@', '@@', '127.0.0.1', '0x7f000001', '[::1]', '.com',
  ':443', ':0443', ':80', ':5173', ':', 'a', 'x=y', 'your-app.com@', 'your-app.com.', 'xn--',
  '\u00df',
  '\u212a', '\u0131', '\ufb00', '\u1e9e', '\u{1f600}', 'a\u0301', '\u05d0',
];
const STARTS = ['', '/', '/', '//', '/\\', 'https://', 'https://your-app.com', 'https:', 'http://'];

/** `count` addresses put together by chance, the same for the same seed. */
export function* generated(count, seed) {
  const random = mulberry32(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  for (let i = 0; i < count; i += 1) {
    const length = 1 + Math.floor(random() * 5);
    yield pick(STARTS) + Array.from({ length }, () => pick(PIECES)).join('');
  }
}

function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
