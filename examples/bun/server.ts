import { kavach } from './kavach.ts';
import { dashboard, home, toSignIn } from './pages.ts';

const server = Bun.serve({
  port: process.env.PORT ?? 3000,
  routes: {
    '/api/kavach/*': (request, server) =>
      kavach.handler(request, { ip: server.requestIP(request)?.address }),

    '/': async (request) => {
      const signedIn = await kavach.auth.getSession(request);
      return home(signedIn?.user);
    },

    '/dashboard': async (request) => {
      const signedIn = await kavach.auth.getSession(request);
      return signedIn ? dashboard(signedIn.user) : toSignIn();
    },
  },
});

// Requests that are being answered are finished first.
process.once('SIGTERM', async () => {
  await server.stop();
  await kavach.close();
});
