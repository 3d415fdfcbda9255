// Puts devices and times into words.

/** `{ name: 'Firefox on Windows', phone: false }` from a user agent, as far as one can tell. */
export function deviceOf(userAgent) {
  if (!userAgent) return { name: 'Unknown device', phone: false };
  const first = (list) => list.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = first(BROWSERS) ?? userAgent.split(/[\s/]/, 1)[0].slice(0, 40);
  const system = first(SYSTEMS);
  return {
    name: system ? `${browser} on ${system}` : browser,
    phone: /iPhone|iPad|Android/.test(userAgent),
  };
}

/** `3 minutes ago`, `in 7 days`. */
export function relative(date, now = new Date()) {
  const seconds = Math.round((new Date(date) - now) / 1000);
  if (Math.abs(seconds) < 45) return 'just now';
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size * 0.75);
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(
    Math.round(seconds / size),
    unit,
  );
}

export function exact(date) {
  return new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(date),
  );
}

/** `JE` for Jane Example. */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();
}

// The order matters: most browsers claim to be others, too.
const BROWSERS = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/(Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
