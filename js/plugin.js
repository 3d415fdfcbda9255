// `oauth()`: gathers providers into the plugin that `createKavach` takes.

import { crossable, ownProvider } from './callbacks.js';
import { PLUGIN, PROVIDER, refuseForeign } from './copies.js';
import { carried } from './errors.js';
import { isObject } from './headers.js';
import { VERSION } from './load.js';
import * as native from './native.js';
import { providerHandle } from './provider.js';

export function oauth(options) {
  return new OAuthPlugin(carried(() => native.oauth(withHandles(options))));
}

/** One of our plugins becomes its handle; all else stays, for Rust to judge. */
export function givenPlugin(plugin, index) {
  const handle = OAuthPlugin.handle(plugin);
  if (!handle) refuseForeign(plugin, PLUGIN, `plugins[${index}]`);
  return handle ?? plugin;
}

class OAuthPlugin {
  #native;

  constructor(handle) {
    this.#native = handle;
    this.id = 'oauth';
    Object.freeze(this);
  }

  get [PLUGIN]() {
    return VERSION;
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value
      ? value.#native
      : undefined;
  }
}

// Our providers become their handles, and functions what Rust can call; all else stays, for Rust to
// judge with its path.
function withHandles(options) {
  if (!isObject(options) || !Object.hasOwn(options, 'providers')) return options;
  const { providers } = options;
  if (!isObject(providers)) return options;
  return {
    ...options,
    providers: Array.isArray(providers)
      ? providers.map((provider, index) => given(provider, `oauth.providers[${index}]`))
      : Object.fromEntries(
          Object.entries(providers).map(([id, provider]) => {
            return [id, given(provider, `oauth.providers.${id}`)];
          }),
        ),
  };
}

function given(provider, path) {
  const handle = providerHandle(provider);
  if (handle) return handle;
  refuseForeign(provider, PROVIDER, path);
  return ownProvider(provider) ?? crossable(provider);
}
