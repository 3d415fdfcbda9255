import Fastify from 'fastify';

import { kavach } from './kavach.js';
import { SIGN_IN, dashboard, home } from './pages.js';
import { kavachRoutes } from './routes.js';

const app = Fastify();
app.register(kavachRoutes);
app.addHook('onClose', () => kavach.close());
app.decorateRequest('user', null);

app.get('/', async (request, reply) => {
  const signedIn = await kavach.auth.getSession(request);
  return sendPage(reply, home(signedIn?.user));
});

app.get('/dashboard', { preHandler: signedInOnly }, async (request, reply) =>
  sendPage(reply, dashboard(request.user)));

/** A hook: everybody else is sent to the sign-in. */
async function signedInOnly(request, reply) {
  const signedIn = await kavach.auth.getSession(request);
  if (!signedIn) return reply.redirect(SIGN_IN);
  request.user = signedIn.user;
}

function sendPage(reply, html) {
  return reply.type('text/html').header('cache-control', 'no-store').send(html);
}

console.log(`Listening at ${await app.listen({ port: Number(process.env.PORT ?? 3000) })}`);

process.once('SIGTERM', () => app.close());
