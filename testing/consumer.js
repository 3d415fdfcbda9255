/**
 * An OAuth consumer: key, secret, one callback URL, and the scopes ticked on it.
 *
 * @typedef {object} ConsumerOptions
 * @property {string} key the client id
 * @property {string} secret
 * @property {string} [callbackUrl] without one, Bitbucket refuses to work with the consumer
 * @property {string[]} [scopes] default `['account', 'email']`
 * @property {string} [name] shown on the consent page
 *
 * @typedef {Readonly<Required<ConsumerOptions>>} Consumer
 */

/** @param {ConsumerOptions} options @returns {Consumer} */
export function parseConsumer(options) {
  const {
    key,
    secret,
    callbackUrl = '',
    scopes = ['account', 'email'],
    name = 'Example application',
  } = options ?? {};
  for (const [label, value] of Object.entries({ key, secret, name })) {
    if (typeof value !== 'string' || !value) {
      throw new TypeError(`consumer.${label} must be a non-empty string`);
    }
  }
  const isHttp = /^https?:$/.test(parseUrl(callbackUrl)?.protocol ?? '');
  if (callbackUrl !== '' && (!isHttp || callbackUrl.includes('#'))) {
    throw new TypeError('consumer.callbackUrl must be an http(s) URL without a fragment');
  }
  if (!Array.isArray(scopes) || !scopes.every((scope) => /^[a-z]+(:[a-z]+)?$/.test(scope))) {
    throw new TypeError('consumer.scopes must be an array of scope names');
  }
  return Object.freeze({ key, secret, callbackUrl, scopes: Object.freeze([...scopes]), name });
}

/**
 * The prefix rule: the configured URL or an extension of it, port included. It must hold
 * as text *and* for the parsed URL, else `…/add-on/../evil` or `…/add-on-evil` would pass.
 *
 * @param {Consumer} consumer
 * @param {string} sent the `redirect_uri` of the request
 */
export function allowsRedirect({ callbackUrl }, sent) {
  if (sent === callbackUrl) return true;
  const asked = parseUrl(sent);
  if (!asked || !sent.startsWith(callbackUrl) || sent.includes('#')) return false;
  const base = parseUrl(callbackUrl);
  return (
    asked.origin === base.origin &&
    !asked.username &&
    !asked.password &&
    extendsBy('/', base.pathname, asked.pathname) &&
    (base.search === '' || extendsBy('&', base.search, asked.search))
  );
}

function extendsBy(separator, base, longer) {
  if (longer === base) return true;
  return longer.startsWith(base.endsWith(separator) ? base : base + separator);
}

function parseUrl(text) {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
}
