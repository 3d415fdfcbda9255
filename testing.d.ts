/// <reference lib="esnext.disposable" />

/**
 * Starts a stand-in for Bitbucket Cloud on a loopback port of this process, with accounts that are
 * made up, for tests of an application. It checks what Bitbucket checks, and refuses what Bitbucket
 * refuses.
 *
 * @example
 * ```ts
 * import { createKavach } from 'kavachos';
 * import { bitbucketProvider, oauth } from 'kavachos/auth';
 * import { startBitbucketStandIn } from 'kavachos/testing';
 *
 * const bitbucket = await startBitbucketStandIn();
 * const kavach = await createKavach({
 *   database: { provider: 'sqlite', url: ':memory:' },
 *   secret: 'a secret of more than 32 characters',
 *   baseUrl: 'http://localhost:3000',
 *   plugins: [
 *     oauth({
 *       providers: [
 *         bitbucketProvider(bitbucket.clientId, bitbucket.clientSecret, bitbucket.endpoints),
 *       ],
 *     }),
 *   ],
 * });
 * const { cookie } = await bitbucket.signIn(kavach.handler, { user: 'jane' });
 * const signedIn = await kavach.auth.getSession({ cookie });
 * console.log(signedIn?.user.email); // jane@example.com
 *
 * await kavach.close();
 * await bitbucket.close();
 * ```
 *
 * @throws {TypeError} when an option is unknown or of the wrong kind.
 */
export declare function startBitbucketStandIn(
  options?: BitbucketStandInOptions,
): Promise<BitbucketStandIn>;

/** What {@link startBitbucketStandIn} takes. */
export interface BitbucketStandInOptions {
  /**
   * The callback URL that is registered. Default:
   * `http://localhost:3000/api/kavach/auth/oauth/callback/bitbucket`.
   */
  readonly callbackUrl?: string | undefined;
  /** The port on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined;
  /** The scopes that the registration has. Default: `['account', 'email']`. */
  readonly scopes?: readonly string[] | undefined;
  /**
   * Who can sign in, by names that are yours. Default: `jane`, who has a confirmed address, and one
   * user for each thing that can be odd about an account: `noemail`, `unconfirmed`, `pages`,
   * `kavya`, `team`, `capital`, `closed`.
   */
  readonly users?: Readonly<Record<string, BitbucketStandInUser>> | undefined;
  /**
   * `'announced'` behaves as Bitbucket has said that it will: a refresh token works once, and access
   * tokens are long. Default: `'current'`.
   */
  readonly variant?: 'current' | 'announced' | undefined;
}

/** A Bitbucket that runs in this process. `await using` closes it. */
export interface BitbucketStandIn extends AsyncDisposable {
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  /** The client id. */
  readonly clientId: string;
  /** The client secret, which only the stand-in knows. */
  readonly clientSecret: string;
  /** The callback URL that is registered. */
  readonly callbackUrl: string;
  /** Leads `bitbucketProvider` here, as its third argument. */
  readonly endpoints: BitbucketStandInEndpoints;
  /** A copy of who can sign in. Change it, and the next sign-in sees the change. */
  readonly users: Record<string, BitbucketStandInUser>;
  /** What was asked, the oldest first: at most 1,000. */
  readonly requests: BitbucketStandInRequest[];
  /**
   * Signs a user in, as a browser would, at an application that signs in here, and gives the cookie.
   *
   * `handler` is `kavach.handler`, or `fetch` for an application that listens where `callbackUrl`
   * says, or any function like these.
   *
   * @throws {Error} when the sign-in is refused; the message holds the address at which it ended,
   * and so the code.
   */
  signIn(
    handler: (request: Request) => Response | Promise<Response>,
    options?: BitbucketStandInSignInOptions,
  ): Promise<BitbucketStandInSignIn>;
  /**
   * Walks only the pages of Bitbucket, from the URL that the application redirects to. Resolves to
   * the callback URL, which a test may then visit.
   *
   * @throws {Error} when Bitbucket would show a page of its own instead.
   */
  approve(
    authorizationUrl: string | URL,
    options?: BitbucketStandInApproveOptions,
  ): Promise<string>;
  /**
   * Makes the next answers of one endpoint go wrong; calls queue up.
   *
   * @param times How many answers. Default: 1.
   */
  fail(
    endpoint: 'authorize' | 'token' | 'user' | 'emails',
    behaviour: BitbucketStandInFault,
    times?: number,
  ): void;
  /**
   * Ends every access token that was issued so far; refresh tokens live on. The application is not
   * told: `getAccessToken` with a long `minValidity` refreshes.
   */
  expireTokens(): void;
  /** Does what a user does who removes the application's access: all tokens are dead. */
  revokeAll(user: string): void;
  /** Forgets requests and faults. */
  reset(): void;
  /** Stops. Closing again does nothing. */
  close(): Promise<void>;
}

/** Options of `bitbucketProvider`. */
export interface BitbucketStandInEndpoints {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly emailsUrl: string;
}

/** How {@link BitbucketStandIn.signIn} signs in. */
export interface BitbucketStandInSignInOptions {
  /** Whom. Default: the first of `users`. */
  readonly user?: string | undefined;
  /** The application's `redirectTo`. Default: none. */
  readonly redirectTo?: string | undefined;
}

/** How {@link BitbucketStandIn.approve} answers. */
export interface BitbucketStandInApproveOptions {
  /** Whom to sign in. Default: the first of `users`. */
  readonly user?: string | undefined;
  /** Presses *Cancel*. Default: `false`. */
  readonly deny?: boolean | undefined;
}

/** What a sign-in leaves in the browser. */
export interface BitbucketStandInSignIn {
  /** The `Cookie` header to send from now on. A secret, if only of a test. */
  readonly cookie: string;
  /** Where the application sent the browser in the end. */
  readonly location: string;
}

/**
 * An account. Fields have Bitbucket's own names and replace the usual values of `/2.0/user`; one
 * that is `undefined` is left out there.
 */
export interface BitbucketStandInUser {
  /** Who it is, in braces as Bitbucket has it: `{0f3c1f2e-6a77-4d0e-9a57-2f1f0b6f9d11}`. */
  uuid: string;
  /** The name to show. */
  display_name?: string | undefined;
  /** What `/2.0/user/emails` answers. */
  emails: { email: string; is_primary: boolean; is_confirmed: boolean }[];
  [field: string]: unknown;
}

/** A request that the stand-in got. */
export interface BitbucketStandInRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `null` when it was too large. */
  readonly body: string | null;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/**
 * How an answer goes wrong: an answer of your own; a page where JSON belongs; 10 MB of JSON; no
 * answer; one byte a second; a connection that ends in the middle.
 */
export type BitbucketStandInFault =
  | {
      readonly status: number;
      /** Text as it stands; anything else as JSON. Default: empty. */
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  | 'html'
  | 'huge'
  | 'hang'
  | 'drip'
  | 'cut';
