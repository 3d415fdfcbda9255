'use client';

async function signOut() {
  await fetch('/api/kavach/auth/sign-out', { method: 'POST' });
  // The whole page, since the router keeps what it has rendered for the user who was here.
  location.assign('/');
}

export function SignOutButton() {
  return (
    <button type="button" onClick={signOut}>
      Sign out
    </button>
  );
}
