// `oauth()`: gathers providers into the plugin that `createKavach` takes.

import { crossable, ownProvider } from './callbacks.js';
import { carried } from './errors.js';
import { isObject } from './headers.js';
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

// Our providers become their handles, and functions what Rust can call; all else stays, for Rust to
// judge with its path.
function withHandles(options) {
  if (!isObject(options) || !Object.hasOwn(options, 'providers')) return options;
  const { providers } = options;
  if (!isObject(providers)) return options;
  return {
    ...options,
    providers: Array.isArray(providers)
      ? providers.map(given)
      : Object.fromEntries(
          Object.entries(providers).map(([id, provider]) => [id, given(provider)]),
        ),
  };
}

function given(provider) {
  return providerHandle(provider) ?? ownProvider(provider) ?? crossable(provider);
}
