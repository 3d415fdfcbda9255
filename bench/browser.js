// What a browser does in a sign-in, as cheaply as it can be done: the measured process pays for it,
// and it is the same for every peer.

/** What a browser sends with every navigation: peers that copy headers copy this many. */
export const HEADERS = Object.freeze({
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-GB,en;q=0.5',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
});

export function headersWith(cookie) {
  return new Headers(cookie ? { ...HEADERS, cookie } : HEADERS);
}

/** The `Cookie` header that follows from an answer: what it clears is left out. */
export function cookieFrom(response) {
  return response.headers
    .getSetCookie()
    .filter((line) => !/;\s*max-age=0\b/i.test(line))
    .map((line) => line.slice(0, line.indexOf(';')))
    .join('; ');
}

/** The user clicks *Grant access*, without the click: see stand-in.js on such codes. */
export function returnFrom(authorizationUrl, consumer, user) {
  const { searchParams } = new URL(authorizationUrl);
  const state = encodeURIComponent(searchParams.get('state'));
  return `${searchParams.get('redirect_uri')}?code=code.${consumer}.${user}&state=${state}`;
}

/** The same by way of the provider's page. */
export async function walk(authorizationUrl, user) {
  const url = new URL(authorizationUrl);
  url.searchParams.set('stand_in_user', user);
  const response = await fetch(url, { redirect: 'manual' });
  const location = response.headers.get('location');
  if (!location) throw new Error(`the provider answered ${response.status}`);
  return location;
}

/**
 * Another value of the same length for every cookie. In the middle: the last character of base64
 * has bits that mean nothing.
 */
export function tampered(cookie) {
  return cookie
    .split('; ')
    .map((pair) => {
      const at = pair.indexOf('=') + 1 + Math.floor((pair.length - pair.indexOf('=') - 1) / 2);
      const other = pair[at] === 'A' ? 'B' : 'A';
      return pair.slice(0, at) + other + pair.slice(at + 1);
    })
    .join('; ');
}
