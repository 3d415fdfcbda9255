import { SignOutButton } from '@/app/sign-out-button';
import { getSession, signInUrl } from '@/lib/session';

export default async function Home() {
  const signedIn = await getSession();
  if (!signedIn) return <a href={signInUrl('/dashboard')}>Sign in with Bitbucket</a>;
  return (
    <>
      <p>Signed in as {signedIn.user.name ?? 'you'}</p>
      <a href="/dashboard">Dashboard</a> <SignOutButton />
    </>
  );
}
