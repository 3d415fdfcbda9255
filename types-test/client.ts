// The browser's side.

import {
  type Kavach,
  type KavachErrorCode,
  type OAuthConnection,
  type Session,
  type SignedIn,
  type User,
  createKavach,
} from 'kavachos';
import { bitbucketProvider, githubProvider, oauth } from 'kavachos/auth';
import {
  type ClientSession,
  type KavachClient,
  KavachClientError,
  type SessionState,
  createClient,
} from 'kavachos/client';
import { useSession } from 'kavachos/react';

import { expectType } from './expect.js';

const kavach = await createKavach({
  database: { provider: 'sqlite', url: ':memory:' },
  secret: 'a secret of more than 32 characters',
  baseUrl: 'http://localhost:3000',
  plugins: [
    oauth({ providers: [bitbucketProvider('id', 'secret'), githubProvider('id', 'secret')] }),
  ],
});

export async function calls(): Promise<void> {
  const client = createClient<typeof kavach>();
  expectType<KavachClient<'bitbucket' | 'github'>>()(client);
  const { signIn, link, unlink } = client;

  expectType<void>()(signIn('bitbucket'));
  signIn('github', { redirectTo: '/', prompt: 'select_account', loginHint: 'jane@example.com' });
  expectType<SignedIn | null>()(await client.getSession());
  expectType<void>()(await client.signOut());
  expectType<OAuthConnection[]>()(await client.accounts());
  expectType<void>()(await link('github', { redirectTo: '/settings' }));
  expectType<void>()(await unlink('bitbucket', { accountId: 'id' }));
  expectType<ClientSession[]>()(await client.sessions());
  expectType<void>()(await client.revoke('id'));
  expectType<void>()(await client.revokeOthers());

  // @ts-expect-error it is not configured
  signIn('google');
  // @ts-expect-error nor misspelt
  await link('gihtub');
  // @ts-expect-error nor elsewhere
  await unlink('gitlab');
  // @ts-expect-error it is `redirectTo`
  signIn('github', { returnTo: '/' });
}

export function providers(plain: Kavach): void {
  expectType<KavachClient<string>>()(createClient());
  expectType<KavachClient<string>>()(createClient<typeof plain>());
  const anyClient: KavachClient = createClient<typeof kavach>();
  createClient().signIn('anything');
  anyClient.signIn('anything');
}

export function options(): void {
  createClient({ baseUrl: 'https://api.your-app.com', basePath: '/auth', fetch });
  // @ts-expect-error it is `baseUrl`
  createClient({ baseURL: 'https://api.your-app.com' });
}

export function store(): void {
  const client = createClient<typeof kavach>();
  const end = client.session.subscribe((state) => expectType<SessionState>()(state));
  expectType<() => void>()(end);
  for (const state of [client.session.get(), useSession(client)]) {
    expectType<User | null>()(state.user);
    if (state.status === 'signed-in') {
      expectType<User>()(state.user);
      expectType<Session>()(state.session);
      expectType<Date>()(state.session.expiresAt);
      expectType<KavachClientError | null>()(state.error);
    } else {
      expectType<null>()(state.user);
    }
    if (state.status === 'error') expectType<KavachClientError>()(state.error);
    // @ts-expect-error it is `signed-in`
    if (state.status === 'authenticated') return;
  }
}

export function errors(error: unknown): string {
  if (!(error instanceof KavachClientError)) throw error;
  expectType<KavachErrorCode | 'unreachable'>()(error.code);
  expectType<number>()(error.status);
  // @ts-expect-error no such code
  if (error.code === 'oops') return '';
  return new KavachClientError('unreachable', 'no answer', { cause: error }).message;
}
