// Sends the files of public/, and JSON.

import { readFile } from 'node:fs/promises';

const FILES = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/app.js', ['app.js', 'text/javascript; charset=utf-8']],
  ['/api.js', ['api.js', 'text/javascript; charset=utf-8']],
  ['/words.js', ['words.js', 'text/javascript; charset=utf-8']],
  ['/style.css', ['style.css', 'text/css; charset=utf-8']],
  ['/icon.svg', ['icon.svg', 'image/svg+xml']],
]);

/** `images`: an origin, besides https, that avatars may come from. */
export async function sendFile(req, res, path, { images = '' }) {
  const [name, type] = FILES.get(path) ?? [];
  if (!name) return send(res, 404, 'text/plain; charset=utf-8', 'There is nothing here.\n');
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.setHeader('allow', 'GET, HEAD');
    return send(res, 405, 'text/plain; charset=utf-8', 'Use GET.\n');
  }
  res.setHeader('cache-control', 'no-cache');
  // Nothing inline, nothing foreign but pictures: what a stranger puts into a name stays text.
  res.setHeader(
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
      `img-src 'self' https: ${images}; base-uri 'none'; form-action 'none'; ` +
      "frame-ancestors 'none'",
  );
  try {
    return send(res, 200, type, await readFile(new URL(`public/${name}`, import.meta.url)));
  } catch {
    return send(res, 500, 'text/plain; charset=utf-8', `public/${name} cannot be read.\n`);
  }
}

export function sendJson(res, status, value) {
  res.setHeader('cache-control', 'no-store');
  send(res, status, 'application/json', JSON.stringify(value));
}

function send(res, status, type, body) {
  res.writeHead(status, {
    'content-type': type,
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  });
  res.end(body);
}
