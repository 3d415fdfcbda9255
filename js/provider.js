// A provider as the application sees it: an object that shows its public facts, never its secret.

import { PROVIDER } from './copies.js';
import { argumentInvalid, carried, outcome } from './errors.js';
import { VERSION } from './load.js';
import { expiring } from './shapes.js';

/** What `make` gives: a carrier of a native provider. */
export function provider(make) {
  return new OAuthProvider(carried(make));
}

class OAuthProvider {
  #native;

  constructor(handle) {
    this.#native = handle;
    const { id, name, authorizationUrl, tokenUrl, userInfoUrl, scopes } = JSON.parse(
      handle.describe(),
    );
    Object.freeze(scopes);
    Object.assign(this, { id, name, authorizationUrl, tokenUrl, userInfoUrl, scopes });
    Object.freeze(this);
  }

  async getAuthorizationUrl(state, codeVerifier, redirectUri) {
    const handle = handleOf(this);
    return outcome(() => handle.getAuthorizationUrl(state, codeVerifier, redirectUri));
  }

  async exchangeCode(code, codeVerifier, redirectUri) {
    const handle = handleOf(this);
    return outcome(() => handle.exchangeCode(code, codeVerifier, redirectUri), expiring);
  }

  async getUserInfo(accessToken) {
    const handle = handleOf(this);
    return outcome(() => handle.getUserInfo(accessToken));
  }

  get [PROVIDER]() {
    return VERSION;
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value
      ? value.#native
      : undefined;
  }
}

/** The native handle of one of our providers, `undefined` for anything else. */
export const providerHandle = OAuthProvider.handle;

function handleOf(value) {
  const handle = providerHandle(value);
  if (handle) return handle;
  throw argumentInvalid(
    'A provider method was called without its provider: write `provider.getUserInfo(…)`.',
  );
}
