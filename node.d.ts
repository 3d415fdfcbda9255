import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Kavach } from './index.js';

/**
 * Mounts a `Kavach` on `node:http`, `node:http2` (its compatibility API), Express, and what else
 * passes Node's own request and response on. Under a prefix it goes by `originalUrl`. The client's
 * address is that of the socket.
 *
 * Body parsers may run before it, but need not.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import type { Kavach } from 'kavachos';
 * import { toNodeHandler } from 'kavachos/node';
 *
 * export function serve(kavach: Kavach): void {
 *   createServer(toNodeHandler(kavach)).listen(3000);
 * }
 * ```
 *
 * @example
 * ```ts
 * import express from 'express';
 * import type { Kavach } from 'kavachos';
 * import { toNodeHandler } from 'kavachos/node';
 *
 * export function app(kavach: Kavach) {
 *   return express().use('/api/kavach', toNodeHandler(kavach));
 * }
 * ```
 *
 * @throws {KavachError} `argument_invalid` when it is given no `Kavach`, a promise of one say.
 */
export declare function toNodeHandler(kavach: Kavach): NodeHandler;

/**
 * Answers a request. With `next`, as Express gives it, a request that is none of ours goes on to
 * it, and so does an unexpected error; without, they become a 404 and a 500. Resolves when the
 * answer was handed to Node, never rejects.
 */
export type NodeHandler = (
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>;
