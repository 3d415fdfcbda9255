import type { SessionState, SessionStore } from './client.js';

/**
 * Who is signed in, kept up to date. On a server, and in the render that hydrates what it sent, it
 * is `loading`.
 *
 * @example
 * ```ts
 * import { createClient } from 'kavachos/client';
 * import { useSession } from 'kavachos/react';
 *
 * const client = createClient();
 *
 * export function Greeting(): string {
 *   const { status, user } = useSession(client);
 *   return status === 'signed-in' ? `Hello, ${user.name ?? 'you'}` : 'Hello';
 * }
 * ```
 */
export declare function useSession(client: { readonly session: SessionStore }): SessionState;
