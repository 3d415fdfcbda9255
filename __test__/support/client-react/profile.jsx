import { useSession } from 'kavachos/react';

import { client } from './auth-client.js';

export function Profile() {
  const { status, user, error } = useSession(client);
  if (status === 'loading') return <p>One moment…</p>;
  if (status === 'error') return <p role="alert">{error.message}</p>;
  if (status === 'signed-out') {
    return <button onClick={() => client.signIn('bitbucket')}>Sign in with Bitbucket</button>;
  }
  return (
    <>
      <p>Hello, {user.name ?? 'you'}</p>
      <button onClick={() => client.signOut()}>Sign out</button>
    </>
  );
}
