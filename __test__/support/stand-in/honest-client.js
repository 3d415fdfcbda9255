// A client that does everything right, with plain `fetch`, for the tests of the stand-in itself:
// they make one thing wrong and see that it is noticed.

import { createHash, randomBytes } from 'node:crypto';

export const REDIRECT_URI = 'https://app.example/callback';

export class HonestClient {
  #standIn;
  #provider;

  constructor(standIn) {
    this.#standIn = standIn;
    this.#provider = standIn.provider;
  }

  get usesPkce() {
    return ['required', 'supported'].includes(this.#provider.pkce);
  }

  /** Starts a sign-in. A parameter that is `undefined` is left out. */
  start(changes = {}) {
    const { provider, urls, client } = this.#standIn;
    const verifier = this.usesPkce ? randomBytes(32).toString('base64url') : undefined;
    const params = {
      [provider.names.id]: client.clientId,
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      state: randomBytes(16).toString('base64url'),
      scope: this.scopes().join(provider.separators[0]) || undefined,
      nonce: provider.kind === 'oidc' ? randomBytes(16).toString('base64url') : undefined,
      ...(verifier && { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' }),
      ...provider.fixed,
      ...askingForRefresh(provider),
      ...(provider.checkSecret && { response_mode: 'form_post' }),
      ...changes,
    };
    const query = Object.entries(params).filter(([, value]) => value !== undefined);
    const search = query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
    return {
      url: `${urls.authorizationUrl}?${search}${provider.fragment ?? ''}`,
      params,
      verifier,
    };
  }

  /** Every scope, so that everything is told. */
  scopes() {
    return [...this.#provider.scopes];
  }

  /** The callback's parameters, and what the token request needs of the start. */
  approve(flow = this.start()) {
    const { url, form } = this.#standIn.approve(flow.url);
    return { ...flow, answer: form ?? Object.fromEntries(new URL(url).searchParams) };
  }

  /** `changes` to the parameters; `auth`, `secret` and `json` say how they are sent. */
  exchange({ answer, params, verifier }, { changes, ...how } = {}) {
    return this.#send(
      this.#standIn.urls.tokenUrl,
      {
        grant_type: 'authorization_code',
        code: answer.code,
        redirect_uri: params.redirect_uri,
        code_verifier: verifier,
        ...(answer.device_id && { device_id: answer.device_id }),
        state: this.#provider.required.includes('state') ? params.state : undefined,
        ...changes,
      },
      how,
    );
  }

  refresh(refreshToken, { answer }, { changes, ...how } = {}) {
    const { tokenUrl, refreshUrl = tokenUrl } = this.#standIn.urls;
    const device = answer.device_id && { device_id: answer.device_id };
    const params = { grant_type: 'refresh_token', refresh_token: refreshToken, ...device };
    return this.#send(refreshUrl, { ...params, ...changes }, how);
  }

  async #send(target, changes, { auth, secret, id, json, accept = 'application/json' } = {}) {
    const { credentials, provider } = this.#standIn;
    const clientId = id ?? credentials.clientId;
    const clientSecret = secret ?? credentials.clientSecret;
    const params = { ...changes };
    const headers = { accept };
    if ((auth ?? provider.authMethods[0]) === 'basic') {
      const pair = `${clientId}:${clientSecret}`;
      headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    } else {
      params[provider.names.id] = clientId;
      params[provider.names.secret] = clientSecret;
    }
    const present = Object.entries(params).filter(([, value]) => value !== undefined);
    if (provider.tokenMethod === 'GET' && !json) {
      return read(await fetch(`${target}?${new URLSearchParams(present)}`, { headers }));
    }
    const asJson = json ?? !provider.tokenFormats.includes('form');
    if (asJson) headers['content-type'] = 'application/json';
    const form = new URLSearchParams(present);
    const body = asJson ? JSON.stringify(Object.fromEntries(present)) : form;
    return read(await fetch(target, { method: 'POST', headers, body }));
  }

  /** Takes a token back, in the way of the provider. */
  async revoke(token, secret = this.#standIn.credentials.clientSecret) {
    const { credentials, provider, urls } = this.#standIn;
    const { method = 'POST', auth, formats, names, grantType } = provider.revoke;
    const { clientId } = credentials;
    const headers = {};
    const params = names ? { [names[0]]: token, ...(grantType && { grant_type: grantType }) } : {};
    const isBasic = auth === 'basic' || (auth === 'client' && provider.authMethods[0] === 'basic');
    if (auth === 'bearer') headers.authorization = `Bearer ${token}`;
    else if (isBasic) headers.authorization = `Basic ${btoa(`${clientId}:${secret}`)}`;
    else params[provider.names.id] = clientId;
    if (auth === 'client' && !isBasic) params[provider.names.secret] = secret;

    const url = new URL(urls.revocationUrl);
    if (formats?.includes('query')) url.search = new URLSearchParams(params);
    const asJson = formats?.includes('json');
    if (asJson) headers['content-type'] = 'application/json';
    const asForm = formats?.includes('form') ? new URLSearchParams(params) : undefined;
    return read(
      await fetch(url, { method, headers, body: asJson ? JSON.stringify(params) : asForm }),
    );
  }

  /** `headers` over the right ones, `query` over the right one; `undefined` takes one away. */
  async userInfo(token, { headers, query, ...init } = {}) {
    const { urls, client, provider } = this.#standIn;
    const { openid } = provider.id === 'wechat' ? this.#standIn.profile.userInfo : {};
    const own = API[provider.id]?.({ token, clientId: client.clientId, openid }) ?? {};
    const usual = { authorization: `Bearer ${token}`, 'user-agent': 'web:stand-in:v1 (by /u/ada)' };
    const all = { ...usual, ...own.headers, ...headers };
    const present = Object.entries(all).filter(([, value]) => value !== undefined);
    const url = new URL(urls.userInfoUrl);
    for (const [name, value] of Object.entries({ ...own.query, ...query })) {
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    const { method = 'GET', body } = own;
    return read(await fetch(url, { method, body, ...init, headers: Object.fromEntries(present) }));
  }

  /** The whole way: the token answer, with what led to it. */
  async signIn(changes) {
    const flow = this.approve(this.start(changes));
    const { body } = await this.exchange(flow);
    return { ...flow, tokens: body };
  }
}

export function challengeOf(verifier) {
  return createHash('sha256').update(verifier).digest('base64url');
}

async function read(response) {
  const text = await response.text();
  let body = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A page, plain text or a form: the caller sees what it is.
  }
  return { status: response.status, headers: response.headers, text, body };
}

function askingForRefresh({ refresh: { terms } }) {
  return Object.fromEntries(terms.filter((term) => term.includes('=')).map((t) => t.split('=')));
}

/** What the user info request needs besides the bearer token. */
const API = {
  twitch: ({ clientId }) => ({ headers: { 'client-id': clientId } }),
  notion: () => ({ headers: { 'notion-version': '2022-06-28' } }),
  dropbox: () => ({ method: 'POST' }),
  linear: () => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { id name email avatarUrl active } }' }),
  }),
  vk: ({ token, clientId }) => ({
    method: 'POST',
    headers: { authorization: undefined, 'content-type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ client_id: clientId, access_token: token })),
  }),
  wechat: ({ token, openid }) => ({
    headers: { authorization: undefined },
    query: { access_token: token, openid, lang: 'en' },
  }),
};
