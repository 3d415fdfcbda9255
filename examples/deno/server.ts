import { kavach } from './kavach.ts';
import { dashboard, home, toSignIn } from './pages.ts';

const port = Number(process.env.PORT ?? 3000);

const server = Deno.serve({ port }, async (request, { remoteAddr }) => {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/api/kavach/')) {
    return kavach.handler(request, { ip: remoteAddr.hostname });
  }

  const signedIn = await kavach.auth.getSession(request);
  if (pathname === '/') return home(signedIn?.user);
  if (pathname === '/dashboard') return signedIn ? dashboard(signedIn.user) : toSignIn();
  return new Response('Not found', { status: 404 });
});

// Requests that are being answered are finished first.
process.once('SIGTERM', async () => {
  await server.shutdown();
  await kavach.close();
});
