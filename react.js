'use client';

import { useSyncExternalStore } from 'react';

export function useSession(client) {
  const { subscribe, get } = client.session;
  return useSyncExternalStore(subscribe, get, onServer);
}

// A server does not know yet, and the first render in the browser must say what the server said.
const LOADING = { status: 'loading', user: null, session: null, error: null };

function onServer() {
  return LOADING;
}
