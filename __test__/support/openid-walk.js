// A person with a browser at an OpenID provider: follows redirects and fills in forms until the
// provider sends the browser back to the application.

import assert from 'node:assert/strict';

/** The cookies of one site, by name and path. */
export class CookieJar {
  #cookies = new Map();

  keep(response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split('; ');
      const mark = pair.indexOf('=');
      const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)];
      const path = attributes.find((text) => /^path=/i.test(text))?.slice(5) ?? '/';
      // What is taken back has an expiry in the past and no value.
      if (value) this.#cookies.set(`${name} ${path}`, { name, value, path });
      else this.#cookies.delete(`${name} ${path}`);
    }
  }

  header(pathname) {
    return [...this.#cookies.values()]
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

/**
 * Walks from a URL of the provider to the first request that leaves it: `{ method, url, form? }`.
 * `pages` are the pages that were shown: `login`, `consent`, `logout`.
 *
 * - `login`: who signs in where the provider asks; otherwise whom it suggests, or Jane
 * - `cancel`: presses Cancel instead
 * - `cookies`: of an earlier walk, to be known to the provider still
 */
export async function walk(start, { login, cancel = false, cookies = new CookieJar() } = {}) {
  const { origin } = new URL(start);
  const pages = [];
  let next = { method: 'GET', url: start };
  for (let step = 0; step < 20; step += 1) {
    if (new URL(next.url).origin !== origin) return { ...next, pages };
    const response = await send(next, cookies);
    const location = response.headers.get('location');
    if (location) {
      next = { method: 'GET', url: new URL(location, next.url).href };
      continue;
    }
    const page = readPage(await response.text());
    if (page.name) pages.push(page.name);
    next = cancel && page.cancelUrl
      ? { method: 'GET', url: page.cancelUrl }
      : fillIn(page, { login });
  }
  return assert.fail(`the provider goes round in circles, at ${next.url}`);
}

async function send({ method, url, form }, cookies) {
  const headers = { accept: 'text/html', cookie: cookies.header(new URL(url).pathname) };
  const init = { method, headers, redirect: 'manual' };
  if (form) init.body = new URLSearchParams(form);
  const response = await fetch(url, init);
  cookies.keep(response);
  return response;
}

/** The first form of a page, by what the package's own pages look like. */
function readPage(html) {
  const action = html.match(/<form[^>]* action="([^"]*)"/)?.[1];
  const text = html.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  assert.ok(action, `a page of the provider without a form: ${decode(text)}`);
  const form = {};
  for (const [tag] of html.matchAll(/<input [^>]*>/g)) {
    form[attribute(tag, 'name')] = attribute(tag, 'value') ?? '';
  }
  const isLogout = html.includes('op.logoutForm');
  return {
    action: decode(action),
    form,
    name: form.prompt ?? (isLogout ? 'logout' : undefined),
    cancelUrl: attribute(html.match(/<a href="[^"]*\/abort"/)?.[0] ?? '', 'href'),
  };
}

function fillIn({ action, form, name }, { login }) {
  if (name === 'login') {
    return post(action, { ...form, login: login ?? (form.login || 'jane'), password: 'any' });
  }
  return post(action, name === 'logout' ? { ...form, logout: 'yes' } : form);
}

function post(url, form) {
  return { method: 'POST', url, form };
}

function attribute(tag, name) {
  const value = tag.match(new RegExp(` ${name}="([^"]*)"`))?.[1];
  return value === undefined ? undefined : decode(value);
}

function decode(text) {
  const entities = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => entities[name]);
}
