// What comes back.

import type { IncomingMessage, RequestListener } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';

import express from 'express';
import {
  type AccessToken,
  type JsonObject,
  type Kavach,
  type KavachEndpoint,
  KavachError,
  type KavachErrorCode,
  type KavachMetrics,
  type OAuthConnection,
  type ResolvedUser,
  type Session,
  type User,
} from 'kavachos';
import { bitbucketProvider, type OAuthProfile, type OAuthTokens } from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';

import { expectType } from './expect.js';

export async function calls(kavach: Kavach, request: Request): Promise<void> {
  const { handler, plugins, auth, users, health, metrics, prune, close } = kavach;

  expectType<Response>()(await handler(request));
  expectType<Response>()(await handler(request, { ip: '127.0.0.1' }));
  expectType<Response | null>()(await plugins.handleRequest(request, '/auth'));
  expectType<KavachEndpoint[]>()(plugins.getEndpoints());

  const signedIn = await auth.getSession(request);
  if (signedIn) {
    expectType<User>()(signedIn.user);
    expectType<string | null>()(signedIn.user.email);
    expectType<JsonObject | null>()(signedIn.user.extra);
    expectType<Date>()(signedIn.session.expiresAt);
    expectType<JsonObject | null>()(signedIn.session.metadata);
  }
  expectType<ResolvedUser | null>()(await auth.resolveUser(request.headers));
  expectType<{ session: Session; token: string }>()(
    await auth.session.create('user', { device: 'cli', tags: ['a', 1, null], note: undefined }),
  );
  expectType<typeof signedIn>()(await auth.session.validate('kvs_'));
  expectType<boolean>()(await auth.session.revoke('id'));
  expectType<number>()(await auth.session.revokeAll('user', { except: 'id' }));
  expectType<Session[]>()(await auth.session.list('user'));
  expectType<OAuthConnection[]>()(await auth.getOAuthConnections('user'));
  expectType<void>()(await auth.disconnectOAuth('user', 'bitbucket'));
  expectType<AccessToken>()(await auth.getAccessToken('user', 'bitbucket'));
  expectType<AccessToken>()(await auth.getAccessToken('user', 'google', { minValidity: 300 }));
  expectType<User | null>()(await users.get('id'));
  expectType<User | null>()(await users.findByEmail('jane@example.com'));
  expectType<boolean>()(await users.delete('id'));
  expectType<KavachMetrics>()(metrics());
  expectType<void>()(await prune());
  expectType<void>()(await close());

  const { ok, database, cache, pool } = await health();
  expectType<boolean>()(ok);
  expectType<{
    ok: boolean;
    provider: 'sqlite' | 'postgres' | 'mysql';
    milliseconds: number;
    error?: string;
  }>()({ ...database });
  expectType<{ state: 'off' | 'idle' | 'proven' | 'unproven'; entries: number }>()({ ...cache });
  expectType<{ open: number; idle: number; max: number }>()({ ...pool });
  const counts: Record<string, number> = { ...metrics() };
  // @ts-expect-error no such count
  expectType<unknown>()(metrics().signOuts ?? counts);

  // @ts-expect-error a function is no JSON
  await auth.session.create('user', { device: () => 'cli' });
  // @ts-expect-error it is `except`
  await auth.session.revokeAll('user', { expect: 'id' });
  // @ts-expect-error it is `minValidity`
  await auth.getAccessToken('user', 'google', { validity: 300 });
  // @ts-expect-error seconds are a number
  await auth.getAccessToken('user', 'google', { minValidity: '5m' });
  // @ts-expect-error a token is not where headers are
  await auth.getSession('kvs_');
  // @ts-expect-error linked accounts never carry tokens
  expectType<unknown>()((await auth.getOAuthConnections('user'))[0]?.accessToken);
}

export async function headers(
  kavach: Kavach,
  http: IncomingMessage,
  http2: Http2ServerRequest,
  app: express.Request,
): Promise<void> {
  await kavach.auth.getSession(http);
  await kavach.auth.getSession(http.headers);
  await kavach.auth.getSession(http2);
  await kavach.auth.getSession(app);
  await kavach.auth.getSession({ cookie: 'a=b', authorization: undefined });
}

export async function disposal(kavach: Promise<Kavach>): Promise<void> {
  await using it = await kavach;
  it.plugins.getEndpoints();
}

export async function provider(): Promise<void> {
  const bitbucket = bitbucketProvider('id', 'secret');
  expectType<readonly string[]>()(bitbucket.scopes);
  expectType<string | null>()(bitbucket.authorizationUrl);
  expectType<string>()(await bitbucket.getAuthorizationUrl('state', 'verifier', 'https://a/b'));
  expectType<OAuthTokens>()(await bitbucket.exchangeCode('code', 'verifier', 'https://a/b'));
  expectType<OAuthProfile>()(await bitbucket.getUserInfo('token'));
}

export function mounts(kavach: Kavach): void {
  const handler = toNodeHandler(kavach);
  expectType<RequestListener>()(handler as RequestListener);
  createServer(handler);
  createSecureServer({}, handler);
  express().use('/api/kavach', handler);
  // @ts-expect-error a promise of a Kavach is none
  toNodeHandler(Promise.resolve(kavach));
}

export function errors(error: unknown): KavachErrorCode | undefined {
  if (!(error instanceof KavachError)) return undefined;
  expectType<'KavachError'>()(error.name);
  expectType<number>()(error.status);
  expectType<unknown>()(error.cause);
  // @ts-expect-error no such code
  if (error.code === 'oops') return undefined;
  switch (error.code) {
    case 'last_account':
      expectType<'last_account'>()(error.code);
      return error.code;
    default:
      expectType<Exclude<KavachErrorCode, 'last_account'>>()(error.code);
      return error.code;
  }
}
