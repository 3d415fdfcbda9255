import { approve } from './approve.js';

/**
 * Walks a whole sign-in without a browser: the application's route, the stand-in's pages, the
 * callback.
 *
 * @param {{ url: string, callbackUrl: string }} standIn
 * @param {(request: Request) => Response | Promise<Response>} handler
 * @param {{ user: string, redirectTo?: string }} options
 * @returns {Promise<{ cookie: string, location: string }>}
 */
export async function signIn(standIn, handler, { user, redirectTo }) {
  if (typeof handler !== 'function') {
    throw new TypeError('the first argument must be `kavach.handler`, `fetch`, or one like them');
  }
  const start = authorizeRoute(standIn.callbackUrl);
  if (redirectTo !== undefined) start.searchParams.set('redirectTo', redirectTo);

  const browser = new Browser(handler);
  const left = await browser.visit(start);
  if (!left.location?.startsWith(standIn.endpoints.authorizationUrl)) {
    throw new Error(`the sign-in did not start: ${described(left)}`);
  }
  const end = await browser.visit(await approve(left.location, { user }));
  if (!browser.isSignedIn) throw new Error(`the sign-in failed: ${described(end)}`);
  return { cookie: browser.cookie, location: end.location };
}

class Browser {
  #cookies = new Map();
  #handler;

  constructor(handler) {
    this.#handler = handler;
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get isSignedIn() {
    return [...this.#cookies.values()].some((value) => value.startsWith('kvs_'));
  }

  async visit(url) {
    const headers = { accept: 'text/html', ...(this.cookie && { cookie: this.cookie }) };
    const request = new Request(url, { headers, redirect: 'manual' });
    const response = await this.#handler(request);
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return {
      status: response.status,
      location: response.headers.get('location'),
      text: await response.text(),
    };
  }

  #keep(line) {
    const [pair] = line.split(';', 1);
    const mark = pair.indexOf('=');
    const name = pair.slice(0, mark);
    if (/;\s*max-age=0\b/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, pair.slice(mark + 1));
  }
}

/** `…/auth/oauth/callback/bitbucket` has its beginning at `…/auth/oauth/authorize/bitbucket`. */
function authorizeRoute(callbackUrl) {
  const start = callbackUrl.replace(/\/callback\/([\w-]+)$/, '/authorize/$1');
  if (start !== callbackUrl) return new URL(start);
  throw new TypeError(`callbackUrl must end in /auth/oauth/callback/<provider>: ${callbackUrl}`);
}

/** Where it went wrong: the address says the code, the text of other answers what they are. */
function described({ status, location, text }) {
  return location ? `${status}, to ${location}` : `${status}, ${text.slice(0, 200)}`;
}
