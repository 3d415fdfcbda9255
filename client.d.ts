import type {
  Kavach, KavachErrorCode, OAuthConnection, ProviderOf, Session, SignedIn, User,
} from './index.js';

/**
 * The browser's side of a `Kavach`. Make one and share it: every tab keeps one answer to who is
 * signed in, and asks only when it has to. With the server's type, providers are known by name.
 *
 * Making one asks nothing and touches nothing of a browser. On a server the types are the same, but
 * nothing is remembered there: use {@link import('./index.js').KavachAuth.getSession} instead.
 *
 * @example
 * ```ts
 * import type { Kavach } from 'kavachos';
 * import { createClient } from 'kavachos/client';
 *
 * declare const kavach: Kavach;
 * export const client = createClient<typeof kavach>();
 * ```
 *
 * @throws {TypeError} when `baseUrl` is no URL.
 */
export declare function createClient<K extends Kavach = Kavach>(
  options?: ClientOptions,
): KavachClient<ProviderOf<K>>;

/** Where the routes are. */
export interface ClientOptions {
  /**
   * The server's `baseUrl`, where it is not the page's own origin: the server then has to list the
   * page's origin in `trustedOrigins`, and allow it by CORS, with credentials. Default: the page's
   * own origin.
   */
  readonly baseUrl?: string | undefined;
  /** The server's `basePath`. Default: the path of `baseUrl`, or `/api/kavach`. */
  readonly basePath?: string | undefined;
  /** What asks in place of `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

/** What a page can do. Every function in it may be passed on by itself. */
export interface KavachClient<Provider extends string = string> {
  /** Who is signed in, for any user interface that can subscribe. */
  readonly session: SessionStore;
  /**
   * Asks who is signed in: `null` when nobody is. Calls that come while one is on its way get the
   * same answer, and {@link KavachClient.session} shows it.
   *
   * @throws {KavachClientError} `unreachable`, `rate_limited`, `database_unavailable`.
   */
  getSession(this: void): Promise<SignedIn | null>;
  /**
   * Leaves the page for the provider's sign-in. What fails there is shown by the server's error
   * page.
   */
  signIn(this: void, provider: Provider, options?: SignInOptions): void;
  /**
   * Ends this session. All tabs see it.
   *
   * @throws {KavachClientError} `unreachable`, `origin_forbidden`, `rate_limited`,
   * `database_unavailable`.
   */
  signOut(this: void): Promise<void>;
  /**
   * The user's linked accounts, the oldest first.
   *
   * @throws {KavachClientError} `unauthenticated`, `unreachable`, `rate_limited`,
   * `database_unavailable`.
   */
  accounts(this: void): Promise<OAuthConnection[]>;
  /**
   * Leaves the page for the provider, to link one more account to the signed-in user.
   *
   * @throws {KavachClientError} `unauthenticated`, `provider_unknown`, `redirect_invalid`,
   * `provider_error`, `unreachable`, `origin_forbidden`, `rate_limited`, `database_unavailable`.
   */
  link(this: void, provider: Provider, options?: LinkOptions): Promise<void>;
  /**
   * Unlinks one account by its `accountId`, or all of the user's at the provider.
   *
   * @throws {KavachClientError} `account_not_found`; `last_account` when the user could not sign in
   * any more; `unauthenticated`, `unreachable`, `origin_forbidden`, `rate_limited`,
   * `database_unavailable`.
   */
  unlink(this: void, provider: Provider, options?: UnlinkOptions): Promise<void>;
  /**
   * The devices on which the user is signed in, the newest first.
   *
   * @throws {KavachClientError} `unauthenticated`, `unreachable`, `rate_limited`,
   * `database_unavailable`.
   */
  sessions(this: void): Promise<ClientSession[]>;
  /**
   * Signs one device out, by the id of its session.
   *
   * @throws {KavachClientError} `session_not_found`, `unauthenticated`, `unreachable`,
   * `origin_forbidden`, `rate_limited`, `database_unavailable`.
   */
  revoke(this: void, id: string): Promise<void>;
  /**
   * Signs all other devices out.
   *
   * @throws {KavachClientError} `unauthenticated`, `unreachable`, `origin_forbidden`,
   * `rate_limited`, `database_unavailable`.
   */
  revokeOthers(this: void): Promise<void>;
}

/** How a sign-in is started. */
export interface SignInOptions {
  /**
   * Where the browser ends: a path of the server's origin, or a URL on a trusted one. Default: the
   * page it is on, with its query.
   */
  readonly redirectTo?: string | undefined;
  /** The `prompt` parameter, for providers that know it: `'select_account'`, say. */
  readonly prompt?: string | undefined;
  /** Whom the provider should offer to sign in, such as an e-mail address. */
  readonly loginHint?: string | undefined;
}

/** How linking is started. */
export interface LinkOptions {
  /** As {@link SignInOptions.redirectTo}. */
  readonly redirectTo?: string | undefined;
}

/** What is unlinked. */
export interface UnlinkOptions {
  /** The {@link OAuthConnection.id} of one account. Default: all at the provider. */
  readonly accountId?: string | undefined;
}

/** One of the user's devices. */
export interface ClientSession extends Session {
  /** Whether it is this one. */
  current: boolean;
}

/**
 * What is known about who is signed in. Nothing is asked before somebody subscribes. While somebody
 * does, it asks again when another tab signs in or out, when the page comes out of the back/forward
 * cache, and, at most every 5 seconds, when the user comes back to it.
 */
export interface SessionStore {
  /** What is known now: the same object until there is something new. */
  readonly get: (this: void) => SessionState;
  /**
   * Calls the listener with each new state, not with the present one. Gives a function that ends
   * it. On a server it does nothing.
   */
  readonly subscribe: (this: void, listener: (state: SessionState) => void) => () => void;
}

/**
 * Whether somebody is signed in. When a later check fails, what was known stays, with the `error`
 * beside it.
 *
 * - `loading`: nobody has said yet
 * - `signed-in`: `user` and `session` are there
 * - `signed-out`: nobody is
 * - `error`: the first check failed
 */
export type SessionState =
  | {
      readonly status: 'loading';
      readonly user: null;
      readonly session: null;
      readonly error: null;
    }
  | {
      readonly status: 'signed-in';
      readonly user: User;
      readonly session: Session;
      readonly error: KavachClientError | null;
    }
  | {
      readonly status: 'signed-out';
      readonly user: null;
      readonly session: null;
      readonly error: KavachClientError | null;
    }
  | {
      readonly status: 'error';
      readonly user: null;
      readonly session: null;
      readonly error: KavachClientError;
    };

/** What went wrong, as the server said it, or that it could not be asked. */
export declare class KavachClientError extends Error {
  /** The client makes its errors by itself; tests of an application may want to. `status`: 0. */
  constructor(
    code: KavachClientErrorCode,
    message: string,
    options?: { readonly status?: number | undefined; readonly cause?: unknown },
  );
  /** Always `'KavachClientError'`. */
  readonly name: 'KavachClientError';
  /** What went wrong. Stable: meant for programs. */
  readonly code: KavachClientErrorCode;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What `fetch` threw. */
  readonly cause?: unknown;
}

/**
 * Every {@link KavachClientError.code}: those of the server, and `unreachable` when nobody
 * answered, or somebody else did. The message then says what was asked and what to check.
 */
export type KavachClientErrorCode = KavachErrorCode | 'unreachable';
