// Started by requests.js: signs in twice with each provider's stand-in, the one of the tests, which
// is as strict as the provider. The first time nothing is known of the provider.

import { fromFactory, ids, profilesOf, startCatalogue } from '../__test__/support/catalogue.js';
import { genericOIDC } from '../auth.js';
import { REQUESTED } from './cases.js';
import { serve } from './child.js';

/** One whose id_token has everything. */
const GENERIC = 'generic-oidc';

serve({ providers: () => [...ids, GENERIC], count });

async function count(id) {
  const cleaning = [];
  try {
    const build = id === GENERIC ? buildGeneric : fromFactory;
    const t = { after: (clean) => cleaning.unshift(clean) };
    const app = await startCatalogue(t, id, { build });
    const profile = id === GENERIC ? app.standIn.profile : profilesOf(id)[0];
    return { id, cold: await signIn(app, profile), warm: await signIn(app, profile) };
  } finally {
    for (const clean of cleaning) await clean();
  }
}

function buildGeneric(id, options) {
  return genericOIDC({ id, ...options });
}

/** The requests of one sign-in by endpoint, without the one that the browser makes. */
async function signIn({ signIn: walk, browser, standIn }, profile) {
  // Some stand-ins forget their requests with this, so not between the two counts.
  standIn.profile = profile;
  const before = standIn.requests.length;
  const { user, location } = await walk(profile, { by: browser() });
  if (!user) throw new Error(`nobody is signed in: ${location.search}`);
  const counts = Object.fromEntries(REQUESTED.map(({ endpoint }) => [endpoint, 0]));
  for (const { endpoint, method, path } of standIn.requests.slice(before)) {
    if (endpoint === 'authorize') continue;
    if (!(endpoint in counts)) throw new Error(`${method} ${path} is no request of a sign-in`);
    counts[endpoint] += 1;
  }
  return counts;
}
