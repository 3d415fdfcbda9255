import { SignOutButton } from '@/app/sign-out-button';
import { requireSession } from '@/lib/session';

export default async function Dashboard() {
  const { user } = await requireSession('/dashboard');
  return (
    <>
      <h1>Hello, {user.name ?? 'you'}</h1>
      <SignOutButton />
    </>
  );
}
