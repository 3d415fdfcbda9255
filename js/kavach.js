// What `createKavach` resolves to. Every method is an own closure, so `const { handler } = kavach`
// works.

import { publish } from './diagnostics.js';
import { argumentInvalid, carriedLater, crossingNow, outcome } from './errors.js';
import { credentials, isObject, isPlain } from './headers.js';
import * as native from './native.js';
import { givenPlugin } from './plugin.js';
import { recaller } from './recall.js';
import {
  connection, event, expiring, issued, list, nullable, resolved, session, signedIn, user,
} from './shapes.js';
import { answer } from './web.js';

export async function createKavach(options) {
  return new Kavach(await carriedLater(() => native.createKavach(withHandles(options), publish)));
}

class Kavach {
  #native;

  constructor(handle) {
    this.#native = handle;

    this.handler = (request, info) => answer(handle, request, { ip: info?.ip });
    this.plugins = pluginsOf(handle);
    this.auth = authOf(handle);
    this.users = usersOf(handle);
    this.health = async () => outcome(() => handle.health());
    this.metrics = () => JSON.parse(crossingNow(() => handle.metrics()));
    this.prune = async () => {
      await outcome(() => handle.prune());
    };
    this.close = async () => {
      await outcome(() => handle.close());
    };
    if (Symbol.asyncDispose) {
      Object.defineProperty(this, Symbol.asyncDispose, { value: this.close });
    }
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return 'Kavach { handler, plugins, auth, users, health, metrics, prune, close }';
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value
      ? value.#native
      : undefined;
  }
}

/**
 * The native handle of a `Kavach`, `undefined` for anything else: the door for framework mounts.
 */
export const kavachHandle = Kavach.handle;

function pluginsOf(handle) {
  return {
    handleRequest: async (request, basePath) =>
      answer(handle, request, { basePath, onlyRoutes: true }),
    getEndpoints: () => JSON.parse(handle.endpoints()),
  };
}

function authOf(handle) {
  const recall = recaller(handle);
  const getSession = async (from) => {
    const { cookie, authorization } = credentials(from);
    return (
      recall(cookie, authorization) ??
      outcome(() => handle.getSession(cookie, authorization), nullable(signedIn))
    );
  };
  return {
    getSession,
    resolveUser: async (from) => nullable(resolved)((await getSession(from))?.user ?? null),
    session: sessionsOf(handle, recall),
    getOAuthConnections: async (userId) =>
      outcome(() => handle.getOAuthConnections(userId), list(connection)),
    disconnectOAuth: async (userId, provider) => {
      await outcome(() => handle.disconnectOAuth(userId, provider));
    },
    getAccessToken: async (userId, provider, options) => {
      const minValidity = minValidityOf(options);
      return outcome(() => handle.getAccessToken(userId, provider, minValidity), expiring);
    },
  };
}

function sessionsOf(handle, recall) {
  return {
    create: async (userId, metadata) => {
      const plain = asJson(metadata);
      return outcome(() => handle.createSession(userId, plain), issued);
    },
    validate: async (token) =>
      (typeof token === 'string' ? recall(undefined, undefined, token) : undefined) ??
      outcome(() => handle.validateSession(token), nullable(signedIn)),
    revoke: async (id) => outcome(() => handle.revokeSession(id)),
    revokeAll: async (userId, options) => {
      const except = exceptOf(options);
      return outcome(() => handle.revokeAllSessions(userId, except));
    },
    list: async (userId) => outcome(() => handle.listSessions(userId), list(session)),
  };
}

function usersOf(handle) {
  return {
    get: async (id) => outcome(() => handle.getUser(id), nullable(user)),
    findByEmail: async (email) => outcome(() => handle.findUserByEmail(email), nullable(user)),
    delete: async (id) => outcome(() => handle.deleteUser(id)),
    disable: async (id, options) => {
      const { until, reason } = disabling(options);
      return outcome(() => handle.disableUser(id, until, reason));
    },
    enable: async (id) => outcome(() => handle.enableUser(id)),
  };
}

// Our plugins become their handles; all else stays, for Rust to judge with its path. Only own
// properties are options: a prototype may be polluted.
function withHandles(options) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  const { plugins, logger, events } = { __proto__: null, ...options };
  return {
    ...options,
    ...(Array.isArray(plugins) && { plugins: plugins.map(givenPlugin) }),
    ...(typeof logger === 'function' && { logger: guarded(logger) }),
    ...(typeof events === 'function' && {
      events: guarded((text) => events(event(JSON.parse(text)))),
    }),
  };
}

// A callback that throws must not take the server along: nobody is there to catch it.
function guarded(callback) {
  return (...args) => {
    try {
      Promise.resolve(callback(...args)).catch(() => {});
    } catch {
      // Where could it be told?
    }
  };
}

// What JSON makes of it, so that no cycle or exotic object reaches the native side.
function asJson(metadata) {
  if (metadata === undefined || metadata === null) return undefined;
  try {
    return JSON.parse(JSON.stringify(metadata));
  } catch {
    throw argumentInvalid('`metadata` must be an object that JSON can hold.');
  }
}

function disabling(options) {
  const { until, reason } = known(USAGE.disable, ['until', 'reason'], options);
  if (until === undefined) return { until, reason };
  const time = until instanceof Date ? until.getTime() : NaN;
  if (Number.isNaN(time)) throw argumentInvalid('`until` must be a `Date`, or left out.');
  return { until: time, reason };
}

function exceptOf(options) {
  return known(USAGE.revokeAll, ['except'], options).except;
}

function minValidityOf(options) {
  return known(USAGE.getAccessToken, ['minValidity'], options).minValidity;
}

// A misspelt option must not be ignored, nor one be taken from a polluted prototype.
function known(usage, names, options = {}) {
  const isKnown = isObject(options) && isPlain(options);
  if (!isKnown || Object.keys(options).some((key) => !names.includes(key))) {
    throw argumentInvalid(usage);
  }
  return { __proto__: null, ...options };
}

const USAGE = {
  disable: 'The second argument must be `{ until?: Date, reason?: string }`.',
  revokeAll: 'The second argument must be `{ except?: sessionId }` and nothing else.',
  getAccessToken: 'The third argument must be `{ minValidity?: seconds }` and nothing else.',
};
