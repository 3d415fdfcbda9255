// What the listener is told, and of whom.

import { createKavach, type EventListener, type KavachErrorCode, type KavachEvent } from 'kavachos';
import { bitbucketProvider, githubProvider, googleProvider, oauth } from 'kavachos/auth';

import { expectType } from './expect.js';

const base = {
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'x'.repeat(32),
  baseUrl: 'http://localhost:3000',
} as const;
const plugins = [
  oauth({ providers: [bitbucketProvider('id', 'secret'), githubProvider('id', 'secret')] }),
];
type Ours = 'bitbucket' | 'github';

createKavach({
  ...base,
  events: (event) => {
    expectType<KavachEvent<Ours>>()(event);
    switch (event.type) {
      case 'user.created':
      case 'user.signed_in':
      case 'account.linked':
      case 'account.unlinked':
        expectType<Ours>()(event.provider);
        expectType<string>()(event.providerAccountId);
        break;
      case 'sign_in.refused':
        expectType<Ours | undefined>()(event.provider);
        expectType<KavachErrorCode>()(event.code);
        break;
      case 'session.revoked':
        // @ts-expect-error a session is of no provider
        expectType<unknown>()(event.provider);
        break;
      default:
        expectType<never>()(event);
    }
    // @ts-expect-error Google is not set up
    if (event.type === 'user.signed_in' && event.provider === 'google') return;
  },
  plugins,
});

// Written elsewhere
export const audit: EventListener = (event) => {
  expectType<KavachEvent>()(event);
  if (event.type === 'user.created') expectType<string>()(event.provider);
};
createKavach({ ...base, plugins, events: audit });
createKavach({ ...base, events: audit });
createKavach({ ...base, events: (event) => expectType<KavachEvent>()(event) });
createKavach({
  ...base,
  plugins: [oauth({ providers: { google: googleProvider('id', 'secret') } })],
  events: async (event: KavachEvent<'google'>) => console.log(event.at.getTime()),
});
export const ours: EventListener<Ours> = async (event) => console.log(event.at.getTime());
createKavach({
  ...base,
  plugins: [oauth({ providers: [googleProvider('id', 'secret')] })],
  // @ts-expect-error it knows nothing of Google
  events: ours,
});
