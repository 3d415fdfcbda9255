import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';

import { getKavach } from '@/lib/kavach';

const SIGN_IN = '/api/kavach/auth/oauth/authorize/bitbucket';

/** Who is signed in, or `null`. However many components of a page ask, it is looked up once. */
export const getSession = cache(async () => {
  // First, for it tells Next.js that the page is made by request and not by the build.
  const sent = await headers();
  const kavach = await getKavach();
  return kavach.auth.getSession(sent);
});

/** Who is signed in. Anybody else is sent to the sign-in, which comes back to `path`. */
export async function requireSession(path: string) {
  const signedIn = await getSession();
  if (!signedIn) redirect(signInUrl(path));
  return signedIn;
}

export function signInUrl(path: string) {
  return `${SIGN_IN}?${new URLSearchParams({ redirectTo: path })}`;
}
