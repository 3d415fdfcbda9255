/// <reference lib="esnext.disposable" />

/**
 * Builds the library from its options: checks them, connects to the database and brings its tables
 * up to date. Call it once, at start, and share the result.
 *
 * @example
 * ```ts
 * import { createKavach } from 'kavachos';
 * import { bitbucketProvider, oauth } from 'kavachos/auth';
 *
 * export const kavach = await createKavach({
 *   database: { provider: 'sqlite', url: 'app.db' },
 *   secret: process.env.KAVACH_SECRET!,
 *   baseUrl: 'http://localhost:3000',
 *   plugins: [
 *     oauth({
 *       providers: [
 *         bitbucketProvider(
 *           process.env.BITBUCKET_CLIENT_ID!,
 *           process.env.BITBUCKET_CLIENT_SECRET!,
 *         ),
 *       ],
 *     }),
 *   ],
 * });
 * ```
 *
 * @throws {KavachError} `config_invalid` when an option is missing, wrong or unknown, before
 * anything is opened; the message names its path and what to write there.
 * `database_unavailable` when the database cannot be reached or used within 10 seconds.
 * `schema_outdated` when `skipMigrations` is set and tables are missing.
 * `schema_newer` when a newer release has changed the tables.
 */
export declare function createKavach<Provider extends string = string>(
  options: KavachOptions<Provider>,
): Promise<Kavach<Provider>>;

/** What {@link createKavach} takes. An option that is not listed here is refused, never ignored. */
export interface KavachOptions<Provider extends string = string> {
  /** Where users, accounts and sessions are kept. */
  readonly database: DatabaseOptions;
  /**
   * Signs cookies and seals provider tokens: at least 32 characters, random, the same in every
   * process. `openssl rand -base64 32` makes one. An array rotates: the first signs and seals, the
   * others still open what they sealed.
   */
  readonly secret: string | readonly string[];
  /**
   * The public origin of the application, such as `https://your-app.com`: https, or http on a
   * loopback host. A path on it becomes the base path unless `basePath` says otherwise.
   */
  readonly baseUrl: string;
  /** The path under which the routes live. Default: the path of `baseUrl`, or `/api/kavach`. */
  readonly basePath?: string | undefined;
  /** What to add, such as {@link import('./auth.js').oauth | oauth()}. Default: none. */
  readonly plugins?: readonly KavachPlugin<Provider>[] | undefined;
  /**
   * Other origins that may send state-changing requests and be returned to after sign-in, exactly
   * as browsers write them: `https://admin.your-app.com`. No wildcards. Default: none.
   */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * The proxies whose forwarded headers count: addresses, or CIDR ranges such as `10.0.0.0/8`.
   * Default: none, so the client address is that of the socket.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /** How sign-in behaves. The defaults are safe. */
  readonly auth?: AuthOptions | undefined;
  /** How often one address may ask. On by default, counted in memory. */
  readonly rateLimit?: RateLimitOptions | undefined;
  /** Where the library's log goes. Default: nowhere. */
  readonly logger?: Logger | undefined;
  /** Told of what happens, for an audit trail. Default: nobody. */
  readonly events?: EventListener<NoInfer<Provider>> | undefined;
}

/** The application's database. Tables are named `kavach_…` and created at start. */
export interface DatabaseOptions {
  /** Which database it is. */
  readonly provider: 'sqlite' | 'postgres' | 'mysql';
  /**
   * Where it is. PostgreSQL and MySQL take a connection URL; SQLite takes a path, a `file:` or
   * `sqlite:` URL, or `:memory:`.
   */
  readonly url: string;
  /** Leaves the tables alone: a deployment step has created them. Default: `false`. */
  readonly skipMigrations?: boolean | undefined;
  /** How many connections are open at most: 1 to 1,000. Default: 10. */
  readonly maxConnections?: number | undefined;
}

/** How sign-in behaves. */
export interface AuthOptions {
  /** How sessions live. */
  readonly session?: SessionOptions | undefined;
}

/** How sessions live. All times are in seconds. */
export interface SessionOptions {
  /** How long a session lives after it was last extended. Default: 604,800 (7 days). */
  readonly expiresIn?: number | undefined;
  /** A session in use is extended at most once in this time. Default: 86,400 (1 day). */
  readonly updateAge?: number | undefined;
  /**
   * How long a session lives at the very most, however much it is used. Default: 7,776,000 (90
   * days), or `expiresIn` when that is longer.
   */
  readonly maxAge?: number | undefined;
  /** How long after sign-in a session counts as {@link Session.fresh}. Default: 86,400 (1 day). */
  readonly freshAge?: number | undefined;
  /** Default: `__Host-kavach_session` on https without `domain`, `kavach_session` otherwise. */
  readonly cookieName?: string | undefined;
  /** Shares the session cookie with the subdomains of this domain. Default: this host only. */
  readonly domain?: string | undefined;
  /** The cookie's `SameSite`. `'none'` needs https. Default: `'lax'`. */
  readonly sameSite?: 'lax' | 'strict' | 'none' | undefined;
  /** Remembers sessions that were checked, so that the database need not be asked again. */
  readonly cache?: SessionCacheOptions | undefined;
}

/**
 * The session cache. Only what reads a session uses it: `getSession`, `resolveUser`,
 * `session.validate` and `GET /auth/session`. What changes something asks the database.
 *
 * What this process changes is known at once. What others change, by this library or by SQL, is
 * told by triggers: PostgreSQL sends a notification, elsewhere a log of changes is read every
 * quarter of `maxStaleness` while the cache is in use. When that is not known to work, each check
 * asks the database.
 */
export interface SessionCacheOptions {
  /** `false` asks the database each time. Default: `true`. */
  readonly enabled?: boolean | undefined;
  /**
   * How many sessions are remembered, 1 to 1,000,000; the one not asked for longest goes first.
   * Each takes about 1 KiB, at most 5 KiB: larger ones are not remembered. Default: `10000`.
   */
  readonly maxEntries?: number | undefined;
  /**
   * For how many seconds an answer may miss what another process changed, 1 to 60. Default: `1`.
   */
  readonly maxStaleness?: number | undefined;
}

/**
 * How often one client address may ask, in windows of a fixed length. An IPv6 address counts as its
 * /64 network. A request without an address (see `ip` of {@link Kavach.handler}) is not counted.
 * Who asks too often gets `rate_limited` (429) with `Retry-After`.
 */
export interface RateLimitOptions extends RateLimitRule {
  /** `false` when something in front of the application limits already. Default: `true`. */
  readonly enabled?: boolean | undefined;
  /**
   * `'memory'` counts in each process by itself, in a table of 1.5 MiB that does not grow.
   * `'database'` counts for all processes together, with one statement per request, also for those
   * that would ask the database nothing otherwise. Default: `'memory'`.
   */
  readonly storage?: 'memory' | 'database' | undefined;
  /** The start of a sign-in. Default: 60 in 60 seconds. */
  readonly authorize?: RateLimitRule | undefined;
  /** The way back from the provider. Default: 60 in 60 seconds. */
  readonly callback?: RateLimitRule | undefined;
  /** Linking and unlinking, together. Default: 30 in 60 seconds. */
  readonly link?: RateLimitRule | undefined;
  /** All other endpoints, together. Default: 1,200 in 60 seconds. */
  readonly session?: RateLimitRule | undefined;
}

/** So many requests in so much time. Set at the top it is the rule for every kind of endpoint. */
export interface RateLimitRule {
  /** How long a window is, in seconds: 1 to 86,400. */
  readonly window?: number | undefined;
  /** How many requests pass in one window: 1 to 1,000,000. */
  readonly max?: number | undefined;
}

/**
 * Told of what happened, after it happened. What it throws is ignored, and nobody waits for it: an
 * audit trail that fails must not fail a sign-in.
 *
 * @example
 * ```ts
 * import type { EventListener } from 'kavachos';
 *
 * export const audit: EventListener = (event) => {
 *   if (event.type === 'sign_in.refused') console.warn(event.code, event.ipAddress);
 * };
 * ```
 */
export type EventListener<Provider extends string = string> = (
  event: KavachEvent<Provider>,
) => void | Promise<void>;

/** What happened. No secret, token or e-mail address is in it. */
export type KavachEvent<Provider extends string = string> =
  | UserCreatedEvent<Provider>
  | UserSignedInEvent<Provider>
  | AccountLinkedEvent<Provider>
  | AccountUnlinkedEvent<Provider>
  | SessionRevokedEvent
  | SignInRefusedEvent<Provider>;

/** What every event tells. */
export interface EventOrigin {
  /** When it happened. */
  readonly at: Date;
  /** The client's address; absent when the application itself did it. */
  readonly ipAddress?: string;
  /** The client's user agent. */
  readonly userAgent?: string;
}

/** A user was made, by a first sign-in. */
export interface UserCreatedEvent<Provider extends string = string> extends EventOrigin {
  readonly type: 'user.created';
  readonly userId: string;
  readonly provider: Provider;
  readonly providerAccountId: string;
}

/** A user signed in. */
export interface UserSignedInEvent<Provider extends string = string> extends EventOrigin {
  readonly type: 'user.signed_in';
  readonly userId: string;
  readonly sessionId: string;
  readonly provider: Provider;
  readonly providerAccountId: string;
}

/** A provider account was linked to a user, by hand or by a verified address. */
export interface AccountLinkedEvent<Provider extends string = string> extends EventOrigin {
  readonly type: 'account.linked';
  readonly userId: string;
  /** The session that asked for it; absent when a sign-in linked it by its address. */
  readonly sessionId?: string;
  readonly provider: Provider;
  readonly providerAccountId: string;
}

/** A provider account was unlinked. */
export interface AccountUnlinkedEvent<Provider extends string = string> extends EventOrigin {
  readonly type: 'account.unlinked';
  readonly userId: string;
  /** At run time also the id of a provider that was set up once: its accounts can be unlinked. */
  readonly provider: Provider;
  readonly providerAccountId: string;
}

/**
 * A session ended before its time: by sign-out, by revocation, or because its user was disabled.
 */
export interface SessionRevokedEvent extends EventOrigin {
  readonly type: 'session.revoked';
  /** Absent when the application revoked a session by its id alone. */
  readonly userId?: string;
  /** Absent when several sessions of the user ended. */
  readonly sessionId?: string;
}

/** A sign-in was refused. */
export interface SignInRefusedEvent<Provider extends string = string> extends EventOrigin {
  readonly type: 'sign_in.refused';
  /** Why. */
  readonly code: KavachErrorCode;
  /** Absent when the address named no provider that is set up. */
  readonly provider?: Provider;
}

/**
 * Takes one line of the library's log. No secret, token or cookie is ever in it. What it throws is
 * ignored: a log that fails must not fail a sign-in.
 *
 * @example
 * ```ts
 * import type { Logger } from 'kavachos';
 *
 * export const logger: Logger = (level, message, fields) => {
 *   if (level !== 'trace') console[level](message, fields);
 * };
 * ```
 */
export type Logger = (
  level: 'error' | 'warn' | 'info' | 'debug' | 'trace',
  message: string,
  fields: Readonly<Record<string, string | number | boolean>>,
) => void;

/**
 * Something that {@link KavachOptions.plugins} takes. Only the library's own factories make them.
 */
export interface KavachPlugin<out Provider extends string = string> {
  /** Which plugin it is. */
  readonly id: string;
  /** In the types alone: the ids of the providers that it brings. */
  readonly [providers]: Provider;
}

declare const providers: unique symbol;

/**
 * The ids of the providers of a `Kavach`: `ProviderOf<typeof kavach>`. A configuration that is put
 * together at run time has `string`.
 *
 * @example
 * ```ts
 * import { createKavach, type ProviderOf } from 'kavachos';
 * import { bitbucketProvider, oauth } from 'kavachos/auth';
 *
 * const kavach = await createKavach({
 *   database: { provider: 'sqlite', url: 'app.db' },
 *   secret: process.env.KAVACH_SECRET!,
 *   baseUrl: 'http://localhost:3000',
 *   plugins: [oauth({ providers: [bitbucketProvider('key', 'secret')] })],
 * });
 *
 * export const labels: Record<ProviderOf<typeof kavach>, string> = { bitbucket: 'Bitbucket' };
 * ```
 */
type ProviderOf<K extends Kavach> = K extends Kavach<infer Provider> ? Provider : never;

// Without such a clause a declaration file exports all it declares, `providers` too.
export type { ProviderOf };

/**
 * Sign-in for one application. Every function in it may be passed on by itself:
 * `const { handler } = kavach`. Printing it shows no secret.
 *
 * `Provider` is the ids of the providers. A function that takes a plain `Kavach` takes every one.
 *
 * After {@link Kavach.close} every call rejects with `closed`, and requests are answered with it:
 * 503.
 */
export interface Kavach<out Provider extends string = string> extends AsyncDisposable {
  /**
   * Answers a web request: mount it under the base path. An address that is none of ours gets a
   * 404. For `node:http`, Express and their like see `kavachos/node`.
   *
   * `ip` is the client's address as the socket knows it. Without it sessions record no address, and
   * forwarded headers do not count.
   *
   * @example
   * ```ts
   * import type { Kavach } from 'kavachos';
   *
   * export function routes(kavach: Kavach) {
   *   return {
   *     GET: (request: Request) => kavach.handler(request),
   *     POST: (request: Request) => kavach.handler(request),
   *   };
   * }
   * ```
   *
   * @throws {KavachError} `argument_invalid` when it is given no `Request`. Everything that can be
   * wrong with a request is answered, not thrown.
   */
  readonly handler: (
    request: Request,
    info?: { readonly ip?: string | undefined },
  ) => Promise<Response>;
  /** The routes, for applications that route by themselves. */
  readonly plugins: KavachPlugins;
  /** Sessions and linked accounts. */
  readonly auth: KavachAuth<Provider>;
  /** The people who have signed in. */
  readonly users: KavachUsers;
  /**
   * How it is, for a readiness probe. The database is asked, and has two seconds to answer; if it
   * does not, the result says so.
   *
   * @example
   * ```ts
   * import type { Kavach } from 'kavachos';
   *
   * export async function readiness(kavach: Kavach): Promise<Response> {
   *   const health = await kavach.health();
   *   return Response.json({ ok: health.ok }, { status: health.ok ? 200 : 503 });
   * }
   * ```
   *
   * @throws {KavachError} `closed`, and nothing else.
   */
  readonly health: () => Promise<KavachHealth>;
  /** What has happened since `createKavach`, for a dashboard. Asks nobody, and never throws. */
  readonly metrics: () => KavachMetrics;
  /**
   * Deletes expired rows now, in small batches. After sign-ins that happens by itself, now and
   * then, so an application calls it only to choose the time.
   *
   * @throws {KavachError} `closed`, `database_unavailable`.
   */
  readonly prune: () => Promise<void>;
  /**
   * Lets the requests in flight finish, then gives the database connections back. Closing again
   * does nothing. `await using` closes as well.
   */
  readonly close: () => Promise<void>;
}

/** The routes, for applications that route by themselves. */
export interface KavachPlugins {
  /**
   * Answers a web request, or gives `null` when no route of ours matches, so that the application's
   * own can. `basePath` stands in for the configured one.
   *
   * @example
   * ```ts
   * import type { Kavach } from 'kavachos';
   *
   * export async function respond(kavach: Kavach, request: Request): Promise<Response> {
   *   const response = await kavach.plugins.handleRequest(request);
   *   return response ?? new Response('The application itself');
   * }
   * ```
   *
   * @throws {KavachError} `argument_invalid` when an argument is of the wrong kind.
   */
  readonly handleRequest: (request: Request, basePath?: string) => Promise<Response | null>;
  /** Every route, in the order in which they match. */
  readonly getEndpoints: () => KavachEndpoint[];
}

/** A route. */
export interface KavachEndpoint {
  /** The HTTP method. */
  readonly method: 'GET' | 'POST';
  /** The path below the base path; `:provider` stands for a provider's id. */
  readonly path: string;
  /** What it does, in a sentence. */
  readonly description: string;
  /** Whether it answers only to a live session. */
  readonly requireAuth: boolean;
}

/** How a {@link Kavach} is. */
export interface KavachHealth {
  /** Whether the database answers: without it nobody can sign in. */
  ok: boolean;
  /** Whether the database answers, and how fast. */
  database: DatabaseHealth;
  /** Whether sessions are checked from memory. */
  cache: CacheHealth;
  /** The database connections. */
  pool: PoolHealth;
}

/** Whether the database answers. */
export interface DatabaseHealth {
  /** Whether it answered. */
  ok: boolean;
  /** Which database it is. */
  provider: 'sqlite' | 'postgres' | 'mysql';
  /** How long that took. */
  milliseconds: number;
  /** Why it did not answer, without a secret. */
  error?: string;
}

/** Whether sessions are checked from memory. */
export interface CacheHealth {
  /**
   * `off`: by configuration. `idle`: no session was checked lately, so nobody follows what changes.
   * `proven`: what others change is known to arrive, so memory answers. `unproven`: it is not, so
   * each check asks the database.
   */
  state: 'off' | 'idle' | 'proven' | 'unproven';
  /** How many sessions are remembered. */
  entries: number;
}

/** The database connections. */
export interface PoolHealth {
  /** How many there are. */
  open: number;
  /** How many of them nobody uses. */
  idle: number;
  /** How many there may be. */
  max: number;
}

/** Counts since `createKavach`. They only grow. */
export interface KavachMetrics {
  /** Sign-ins that ended in a session. */
  signIns: number;
  /** Sign-ins that were refused, or failed. */
  signInsRefused: number;
  /** Users who were made. */
  usersCreated: number;
  /** Session checks of all kinds. */
  sessionChecks: number;
  /** Those of them that asked no database. */
  sessionChecksFromMemory: number;
  /** Requests to providers. */
  providerCalls: number;
  /** Those of them that brought no answer. */
  providerCallsFailed: number;
  /** What the database was asked for; it may take several statements. */
  databaseCalls: number;
  /** Those of them that failed. */
  databaseCallsFailed: number;
  /** Requests that were answered with `rate_limited`. */
  rateLimited: number;
}

/** Sessions and linked accounts. */
export interface KavachAuth<out Provider extends string = string> {
  /**
   * Who sends this request? The user and the session, by session cookie or bearer token; `null`
   * when there is no live session. A session in use is extended, at most once per `updateAge`; its
   * cookie needs no renewal, since it lives for `maxAge` from the start.
   *
   * @example
   * ```ts
   * import type { Kavach } from 'kavachos';
   *
   * export async function greeting(kavach: Kavach, request: Request): Promise<string> {
   *   const signedIn = await kavach.auth.getSession(request);
   *   return signedIn ? `Hello, ${signedIn.user.name ?? 'you'}` : 'Please sign in';
   * }
   * ```
   *
   * @throws {KavachError} `argument_invalid` when it is given nothing that holds headers;
   * `database_unavailable`.
   */
  readonly getSession: (from: HeaderSource) => Promise<SignedIn | null>;
  /**
   * The same, reduced to what other libraries call a user: fields without a value are left out.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly resolveUser: (from: HeaderSource) => Promise<ResolvedUser | null>;
  /** Sessions, without a request. */
  readonly session: KavachSessions;
  /**
   * The user's linked accounts, the oldest first; none for an unknown user. Never their tokens.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly getOAuthConnections: (userId: string) => Promise<OAuthConnection<Provider>[]>;
  // A method, like `getAccessToken`: the parameters of methods are compared both ways, so that a
  // `Kavach` of some ids is a `Kavach` of `string`. Of no `this`, since it needs none.
  /**
   * Unlinks the user's accounts at a provider and forgets their tokens.
   *
   * @throws {KavachError} `account_not_found`; `last_account` when the user could not sign in any
   * more; `argument_invalid`, `database_unavailable`.
   */
  disconnectOAuth(this: void, userId: string, provider: Provider): Promise<void>;
  /**
   * A provider's access token that works now, and for `minValidity` from now: refreshed first when
   * it is due, once, however many ask at the same time.
   *
   * @example
   * ```ts
   * import { type Kavach, KavachError } from 'kavachos';
   *
   * export async function workspaces(kavach: Kavach, userId: string): Promise<Response> {
   *   try {
   *     const { accessToken } = await kavach.auth.getAccessToken(userId, 'bitbucket');
   *     return await fetch('https://api.bitbucket.org/2.0/user/workspaces', {
   *       headers: { authorization: `Bearer ${accessToken}` },
   *     });
   *   } catch (error) {
   *     if (!(error instanceof KavachError)) throw error;
   *     if (error.code !== 'reauthorization_required') throw error;
   *     return new Response('Please sign in with Bitbucket again.', { status: 401 });
   *   }
   * }
   * ```
   *
   * @throws {KavachError} `account_not_found`, `tokens_not_stored`; `reauthorization_required` when
   * the provider wants the user to sign in again; `provider_unknown`, `provider_error`,
   * `argument_invalid`,
   * `database_unavailable`.
   */
  getAccessToken(
    this: void,
    userId: string,
    provider: Provider,
    options?: AccessTokenOptions,
  ): Promise<AccessToken>;
}

/** Sessions, without a request. */
export interface KavachSessions {
  /**
   * Signs a user in by decision of the application. The token is given here and never again; send
   * it as `Authorization: Bearer <token>` or as the session cookie. `metadata` is the application's
   * own, kept as JSON of at most 16,384 bytes.
   *
   * @example
   * ```ts
   * import type { Kavach } from 'kavachos';
   *
   * export async function tokenForCli(kavach: Kavach, userId: string): Promise<string> {
   *   const { token } = await kavach.auth.session.create(userId, { device: 'cli' });
   *   return token;
   * }
   * ```
   *
   * @throws {KavachError} `user_not_found`, `user_disabled`, `argument_invalid`,
   * `database_unavailable`.
   */
  readonly create: (
    userId: string,
    metadata?: JsonObject,
  ) => Promise<{ session: Session; token: string }>;
  /**
   * Whose token is it? `null` when it is unknown, expired or revoked.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly validate: (token: string) => Promise<SignedIn | null>;
  /**
   * Ends a session, by its id; `false` when there is none.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly revoke: (sessionId: string) => Promise<boolean>;
  /**
   * Ends all sessions of a user, `except` one when its id is given; tells how many ended.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly revokeAll: (
    userId: string,
    options?: { readonly except?: string | undefined },
  ) => Promise<number>;
  /**
   * The live sessions of a user, the newest first.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly list: (userId: string) => Promise<Session[]>;
}

/** The people who have signed in. */
export interface KavachUsers {
  /**
   * A user by id, or `null`.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly get: (id: string) => Promise<User | null>;
  /**
   * A user by e-mail address, whatever its case, or `null`. An address alone proves nothing: look
   * at {@link User.emailVerified}.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly findByEmail: (email: string) => Promise<User | null>;
  /**
   * Deletes a user with all sessions and linked accounts; `false` when there is none.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly delete: (id: string) => Promise<boolean>;
  /**
   * Keeps a user out: all sessions end, and sign-in answers `user_disabled`. With `until` the user
   * may come back at that moment; one in the past lets the user in again at once. `false` when
   * there is no such user.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly disable: (id: string, options?: DisableOptions) => Promise<boolean>;
  /**
   * Lets a user in again; `false` when there is no such user.
   *
   * @throws {KavachError} `argument_invalid`, `database_unavailable`.
   */
  readonly enable: (id: string) => Promise<boolean>;
}

/** How a user is kept out. */
export interface DisableOptions {
  /** For your records; it stays in the database. */
  readonly reason?: string | undefined;
  /** Until when. Default: until {@link KavachUsers.enable}. */
  readonly until?: Date | undefined;
}

/**
 * What can tell who sends a request: a web `Request` or its `Headers`, a Node request
 * (`IncomingMessage`, Express, Fastify) or its `headers`, or a plain object of headers.
 */
export type HeaderSource = Request | Headers | HeaderRecord | { readonly headers: HeaderRecord };

/** Headers as Node keeps them. Names are in any case; `undefined` is as good as absent. */
export type HeaderRecord = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A live session and whose it is. */
export interface SignedIn {
  /** Who is signed in. */
  user: User;
  /** By which session. */
  session: Session;
}

/** A person. */
export interface User {
  /** A UUIDv7; of users that were brought along from elsewhere, up to 36 printable characters. */
  id: string;
  /** Trimmed and lower-cased; `null` when no provider gave one. */
  email: string | null;
  /** Whether a provider vouched for the address. */
  emailVerified: boolean;
  /** The name to show. */
  name: string | null;
  /** The URL of a picture. */
  image: string | null;
  /**
   * What {@link import('./auth.js').MapProfile | mapProfile} made of the profile when the user was
   * made; `null` when that was nothing.
   */
  extra: JsonObject | null;
  /** When the user first signed in. */
  createdAt: Date;
  /** When a field last changed. */
  updatedAt: Date;
}

/** A user as {@link KavachAuth.resolveUser} gives it: what has no value is left out. */
export interface ResolvedUser {
  /** As in {@link User}. */
  id: string;
  /** Trimmed and lower-cased. */
  email?: string;
  /** The name to show. */
  name?: string;
  /** The URL of a picture. */
  image?: string;
}

/** A signed-in device. */
export interface Session {
  /** A UUIDv7; not the token. */
  id: string;
  /** Whose session it is. */
  userId: string;
  /** When the user signed in. */
  createdAt: Date;
  /** When it ends unless it is used before. */
  expiresAt: Date;
  /** Whether the user signed in within `freshAge`: ask for it before anything drastic. */
  fresh: boolean;
  /** The client's address at sign-in. */
  ipAddress: string | null;
  /** The client's user agent at sign-in. */
  userAgent: string | null;
  /** What the application attached at {@link KavachSessions.create}. */
  metadata: JsonObject | null;
}

/** An account at a provider, linked to a user. */
export interface OAuthConnection<Provider extends string = string> {
  /** A UUIDv7. */
  id: string;
  /**
   * The provider's id in the configuration. At run time also that of a provider that was set up
   * once: its accounts stay until they are unlinked.
   */
  provider: Provider;
  /** The account's id at the provider. */
  providerAccountId: string;
  /** What the user granted. */
  scopes: string[];
  /** When it was linked. */
  createdAt: Date;
  /** When it last signed in, or its tokens were last refreshed. */
  updatedAt: Date;
}

/** What it takes to call a provider's API in a user's name. */
export interface AccessToken {
  /** The token itself: a secret. */
  accessToken: string;
  /** When it expires; `null` when the provider did not say. */
  expiresAt: Date | null;
  /** What it allows. */
  scopes: string[];
}

/** How {@link KavachAuth.getAccessToken} is asked. */
export interface AccessTokenOptions {
  /** How many seconds the token must still be good for. Default: 60. */
  readonly minValidity?: number | undefined;
}

/** An object that JSON can hold. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/**
 * What the library throws, always. Neither its message nor its cause holds a secret.
 *
 * @example
 * ```ts
 * import { KavachError } from 'kavachos';
 *
 * export function explain(error: unknown): string {
 *   if (!(error instanceof KavachError)) throw error;
 *   switch (error.code) {
 *     case 'last_account':
 *       return 'Link another account before you remove this one.';
 *     case 'reauthorization_required':
 *       return 'Please sign in again.';
 *     case 'database_unavailable':
 *     case 'provider_error':
 *       return 'Please try again in a minute.';
 *     default:
 *       return error.message;
 *   }
 * }
 * ```
 */
export declare class KavachError extends Error {
  /** The library makes its errors by itself; tests of an application may want to. `status`: 500. */
  constructor(
    code: KavachErrorCode,
    message: string,
    options?: { readonly status?: number | undefined; readonly cause?: unknown },
  );
  /** Always `'KavachError'`. */
  readonly name: 'KavachError';
  /** What went wrong. Stable: meant for programs. */
  readonly code: KavachErrorCode;
  /** The HTTP status that goes with the code. */
  readonly status: number;
  /** What caused it, where that is known. */
  readonly cause?: unknown;
}

/** Every {@link KavachError.code}, which is also the `error.code` of an HTTP answer. */
export type KavachErrorCode =
  /** 500: an option is missing, wrong or unknown; the message names its path. */
  | 'config_invalid'
  /** 400: an argument is missing or of the wrong kind. */
  | 'argument_invalid'
  /** 503: the instance was closed. */
  | 'closed'
  /** 404: there is no such route. */
  | 'not_found'
  /** 405: the route does not answer that method. */
  | 'method_not_allowed'
  /** 400: the request body cannot be read, or has the wrong shape. */
  | 'body_invalid'
  /** 413: the request body is larger than 64 KiB. */
  | 'body_too_large'
  /** 403: the request came from an origin that is not trusted. */
  | 'origin_forbidden'
  /** 400: `redirectTo` is neither a path of the application nor on a trusted origin. */
  | 'redirect_invalid'
  /** 404: no such provider is set up. */
  | 'provider_unknown'
  /** 400: the sign-in was not started in this browser. */
  | 'state_invalid'
  /** 400: the sign-in took longer than `stateTtlSeconds`. */
  | 'state_expired'
  /** 400: the sign-in was finished already. */
  | 'state_reused'
  /** 403: the user, or the provider, said no. */
  | 'access_denied'
  /** 403: the provider has to ask the user first, which `prompt=none` does not let it. */
  | 'interaction_required'
  /** 502: the provider did not answer as it should. */
  | 'provider_error'
  /** 409: a user with this e-mail address exists, and it is not proven to be the same person. */
  | 'account_not_linked'
  /** 409: the provider account belongs to another user. */
  | 'account_linked_elsewhere'
  /** 404: the user has no such account. */
  | 'account_not_found'
  /** 409: it is the user's only way to sign in. */
  | 'last_account'
  /** 403: `disableSignUp` is set, and the user is new. */
  | 'sign_up_disabled'
  /** 403: the user was disabled. */
  | 'user_disabled'
  /** 429: too many requests from this address; `Retry-After` says how long to wait, in seconds. */
  | 'rate_limited'
  /** 401: there is no live session. */
  | 'unauthenticated'
  /** 403: the session that started linking is gone. */
  | 'session_changed'
  /** 404: no such session. */
  | 'session_not_found'
  /** 404: no such user. */
  | 'user_not_found'
  /** 409: `storeTokens` is off, or was when the account signed in. */
  | 'tokens_not_stored'
  /** 409: the provider wants the user to sign in again. */
  | 'reauthorization_required'
  /** 503: the database cannot be reached or used. */
  | 'database_unavailable'
  /** 503: `skipMigrations` is set, and the database misses migrations. */
  | 'schema_outdated'
  /** 503: a newer release has migrated the database. */
  | 'schema_newer'
  /** 500: a fault of the library. */
  | 'internal';
