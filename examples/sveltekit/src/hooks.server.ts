import type { Handle, ServerInit } from '@sveltejs/kit';

import { getKavach } from './lib/server/kavach';

/** A wrong configuration ends the start, not the first sign-in. */
export const init: ServerInit = async () => {
  const kavach = await getKavach();
  process.once('sveltekit:shutdown', () => kavach.close());
};

export const handle: Handle = async ({ event, resolve }) => {
  const kavach = await getKavach();
  if (event.url.pathname.startsWith('/api/kavach/')) {
    return kavach.handler(event.request, { ip: event.getClientAddress() });
  }
  event.locals.signedIn = await kavach.auth.getSession(event.request);
  return resolve(event);
};
