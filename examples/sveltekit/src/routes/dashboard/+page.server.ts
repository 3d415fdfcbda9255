import { redirect } from '@sveltejs/kit';

import type { Actions, PageServerLoad } from './$types';

const SIGN_IN = '/api/kavach/auth/oauth/authorize/bitbucket?redirectTo=/dashboard';

export const load: PageServerLoad = ({ locals }) => {
  if (!locals.signedIn) redirect(303, SIGN_IN);
  return { memberSince: locals.signedIn.user.createdAt };
};

export const actions: Actions = {
  /** SvelteKit hands the cookie of the answer on to the browser. */
  signOut: async ({ fetch }) => {
    await fetch('/api/kavach/auth/sign-out', { method: 'POST' });
    redirect(303, '/');
  },
};
