import { toNodeHandler } from 'kavachos/node';

import { kavach } from './kavach.js';
import { SIGN_IN, dashboard, home } from './pages.js';

const auth = toNodeHandler(kavach);

/** Takes the requests of node:http and of node:http2. */
export async function app(req, res) {
  const [path] = req.url.split('?', 1);
  if (path.startsWith('/api/kavach/')) return auth(req, res);
  try {
    const signedIn = await kavach.auth.getSession(req);
    if (path === '/') return send(res, 200, home(signedIn?.user));
    if (path !== '/dashboard') return send(res, 404, 'There is no such page.');
    if (signedIn) return send(res, 200, dashboard(signedIn.user));
    res.writeHead(302, { location: SIGN_IN }).end();
  } catch (error) {
    console.error(error);
    send(res, 500, 'Something went wrong.');
  }
}

function send(res, status, html) {
  const type = 'text/html; charset=utf-8';
  res.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(html);
}
