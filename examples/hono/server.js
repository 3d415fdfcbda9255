import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';

import { kavach } from './kavach.js';
import { SIGN_IN, dashboard, home } from './pages.js';

const app = new Hono();
app.all('/api/kavach/*', (c) =>
  kavach.handler(c.req.raw, { ip: getConnInfo(c).remote.address }));

app.get('/', async (c) => {
  const signedIn = await kavach.auth.getSession(c.req.raw);
  c.header('cache-control', 'no-store');
  return c.html(home(signedIn?.user));
});

/** Everybody else is sent to the sign-in. */
const signedInOnly = createMiddleware(async (c, next) => {
  const signedIn = await kavach.auth.getSession(c.req.raw);
  if (!signedIn) return c.redirect(SIGN_IN);
  c.set('user', signedIn.user);
  await next();
});

app.get('/dashboard', signedInOnly, (c) => {
  c.header('cache-control', 'no-store');
  return c.html(dashboard(c.get('user')));
});

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: app.fetch, port }, () => console.log(`Listening on port ${port}`));

process.once('SIGTERM', () => server.close(() => kavach.close()));
