import type { LayoutServerLoad } from './$types';

/** What every page knows of the user. It is sent to the browser, and to nobody's cache. */
export const load: LayoutServerLoad = ({ locals, setHeaders }) => {
  if (!locals.signedIn) return { user: null };
  setHeaders({ 'cache-control': 'no-store' });
  return { user: { name: locals.signedIn.user.name ?? 'you' } };
};
