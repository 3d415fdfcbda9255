import express from 'express';
import { toNodeHandler } from 'kavachos/node';

import { kavach } from './kavach.js';
import { SIGN_IN, dashboard, home } from './pages.js';

const app = express();
app.use('/api/kavach', toNodeHandler(kavach));

app.get('/', async (req, res) => {
  const signedIn = await kavach.auth.getSession(req);
  res.set('cache-control', 'no-store').send(home(signedIn?.user));
});

app.get('/dashboard', signedInOnly, (req, res) => {
  res.set('cache-control', 'no-store').send(dashboard(res.locals.user));
});

/** Middleware: everybody else is sent to the sign-in. */
async function signedInOnly(req, res, next) {
  const signedIn = await kavach.auth.getSession(req);
  if (!signedIn) return res.redirect(SIGN_IN);
  res.locals.user = signedIn.user;
  next();
}

const port = Number(process.env.PORT ?? 3000);
const server = app.listen(port, () => console.log(`Listening on port ${port}`));

process.once('SIGTERM', () => server.close(() => kavach.close()));
