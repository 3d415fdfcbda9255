// `oauth()`: gathers providers into the plugin that `createKavach` takes.

import { carried } from './errors.js';
import * as native from './native.js';
import { providerHandle } from './provider.js';

export function oauth(options) {
  return new OAuthPlugin(carried(() => native.oauth(withHandles(options))));
}

class OAuthPlugin {
  #native;

  constructor(handle) {
    this.#native = handle;
    this.id = 'oauth';
    Object.freeze(this);
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value
      ? value.#native
      : undefined;
  }
}

/** The native handle of one of our plugins, `undefined` for anything else. */
export const pluginHandle = OAuthPlugin.handle;

// Our providers become their handles; all else stays, for Rust to judge with its path.
function withHandles(options) {
  const providers = options?.providers;
  if (typeof providers !== 'object' || providers === null) return options;
  return {
    ...options,
    providers: Array.isArray(providers)
      ? providers.map((provider) => providerHandle(provider) ?? provider)
      : Object.fromEntries(
          Object.entries(providers).map(([id, provider]) => [
            id,
            providerHandle(provider) ?? provider,
          ]),
        ),
  };
}
