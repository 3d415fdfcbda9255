// The browser's side: asks the routes, and remembers what they say about who is signed in. It
// imports nothing, so browsers can run this file as it is.

export function createClient({ baseUrl, basePath, fetch: own } = {}) {
  const base = baseOf(baseUrl, basePath);
  const send = sender(base, own);
  const store = createStore(`kavachos ${base}`, whoIsSignedIn);

  async function whoIsSignedIn() {
    try {
      const { user, session } = await send('/auth/session', 'user');
      return { user: dated(user), session: dated(session) };
    } catch (error) {
      if (error.code === 'unauthenticated') return null;
      throw error;
    }
  }

  /** The same as `send`, for whoever thinks to be signed in. */
  async function call(path, key, body) {
    try {
      return await send(path, key, body);
    } catch (error) {
      if (error.code === 'unauthenticated' && store.get().user) store.refresh();
      throw error;
    }
  }

  // A path alone would be one of the server, which may be elsewhere. It refuses backslashes.
  const thisPage = () => {
    const { origin, pathname, search } = globalThis.location;
    return ((baseUrl ? origin : '') + pathname + search).replaceAll('\\', '%5C');
  };
  const goTo = (url) => globalThis.location.assign(url);

  return {
    session: { get: store.get, subscribe: store.subscribe },
    getSession: store.ask,
    signIn(provider, { redirectTo = thisPage(), prompt, loginHint } = {}) {
      const query = new URLSearchParams({ redirectTo });
      if (prompt) query.set('prompt', prompt);
      if (loginHint) query.set('login_hint', loginHint);
      goTo(`${base}/auth/oauth/authorize/${encodeURIComponent(provider)}?${query}`);
    },
    async signOut() {
      await send('/auth/sign-out', 'success', {});
      store.signedOut();
    },
    async accounts() {
      return (await call('/auth/oauth/accounts', 'accounts')).accounts.map(dated);
    },
    async link(provider, { redirectTo = thisPage() } = {}) {
      goTo((await call('/auth/oauth/link', 'url', { provider, redirectTo })).url);
    },
    async unlink(provider, { accountId } = {}) {
      await call('/auth/oauth/unlink', 'success', { provider, accountId });
    },
    async sessions() {
      return (await call('/auth/sessions', 'sessions')).sessions.map(dated);
    },
    async revoke(id) {
      await call('/auth/sessions/revoke', 'success', { id });
      if (store.get().session?.id === id) store.refresh();
    },
    async revokeOthers() {
      await call('/auth/sessions/revoke', 'success', { others: true });
    },
  };
}

export class KavachClientError extends Error {
  name = 'KavachClientError';

  constructor(code, message, { status = 0, cause } = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
  }
}

/** What is known about who is signed in, as `ask` finds out. Tabs tell each other by `name`. */
function createStore(name, whoIsSignedIn) {
  let state = { ...NOBODY, status: 'loading' };
  const listeners = new Set();
  let turn = 0;
  let pending;
  let checkedAt;
  let timer;
  let channel;
  let stop;

  // A server answers many people: what it learns of one must not be remembered for the next.
  const isBrowser = () => globalThis.document;

  const ask = () => (isBrowser() ? (pending ??= check()) : whoIsSignedIn());

  /** Something has changed: an answer that is still on its way does not count any more. */
  const refresh = () => (pending = check()).catch(() => {});

  async function check() {
    const mine = (turn += 1);
    clearTimeout(timer);
    timer = undefined;
    checkedAt = performance.now();
    try {
      const answer = await whoIsSignedIn();
      if (mine === turn) learn(answer);
      return answer;
    } catch (error) {
      // What was known is more useful than a page that falls apart whenever the network does.
      const status = state.status === 'loading' ? 'error' : state.status;
      if (mine === turn) show({ ...state, status, error });
      throw error;
    } finally {
      if (mine === turn) pending = undefined;
    }
  }

  function signedOut() {
    turn += 1;
    pending = undefined;
    if (isBrowser()) learn(null);
  }

  function learn(answer) {
    const before = key();
    show({ ...NOBODY, status: answer ? 'signed-in' : 'signed-out', ...answer });
    if (key() !== before) open()?.postMessage(key());
  }

  const key = () => state.session?.id ?? state.status;

  // Who compares snapshots by identity must see a new one only when there is something new.
  function show(next) {
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function subscribe(listener) {
    if (!isBrowser()) return () => {};
    const tell = () => {
      try {
        listener(state);
      } catch (error) {
        globalThis.reportError(error);
      }
    };
    listeners.add(tell);
    if (listeners.size === 1) start();
    return () => {
      if (listeners.delete(tell) && listeners.size === 0) end();
    };
  }

  function start() {
    stop = new AbortController();
    for (const type of ['focus', 'visibilitychange', 'pagehide', 'pageshow']) {
      globalThis.addEventListener(type, onEvent, { signal: stop.signal });
    }
    listen();
    if (state.status === 'loading') ask().catch(() => {});
    else soon();
  }

  function end() {
    stop.abort();
    close();
    clearTimeout(timer);
    timer = undefined;
  }

  function onEvent({ type, persisted }) {
    // An open channel may keep a page out of the back/forward cache.
    if (type === 'pagehide') close();
    else if (persisted) {
      listen();
      refresh();
    } else if (type !== 'pageshow' && globalThis.document.visibilityState === 'visible') soon();
  }

  function soon() {
    timer ??= setTimeout(refresh, Math.max(0, checkedAt + PAUSE - performance.now()));
  }

  function open() {
    return (channel ??= globalThis.BroadcastChannel && new BroadcastChannel(name));
  }

  function listen() {
    open()?.addEventListener('message', onMessage);
  }

  // Another tab says what it knows. The process that answers this one may not have heard of it yet.
  async function onMessage({ data }) {
    if (data === key()) return;
    await refresh();
    if (channel && data !== key()) soon();
  }

  function close() {
    channel?.close();
    channel = undefined;
  }

  return { subscribe, get: () => state, ask, refresh, signedOut };
}

/** Asks, and gives the answer if it has `key`: servers that are not ours answer, too. */
function sender(base, own) {
  return async function send(path, key, body) {
    const url = base + path;
    const init = { credentials: 'include', signal: AbortSignal.timeout(30_000) };
    if (body) {
      init.method = 'POST';
      init.headers = { 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    let response;
    let text;
    try {
      response = await (own ?? fetch)(url, init);
      text = await response.text();
    } catch (cause) {
      throw new KavachClientError(
        'unreachable',
        `${url} gave no answer: ${cause.message}. ` +
          'Check that the server runs, `baseUrl`, and that it allows this origin.',
        { cause },
      );
    }
    const { status, headers } = response;
    const answer = parse(text);
    if (response.ok && answer?.[key]) return answer;
    const { code, message } = answer?.error ?? {};
    if (/^[a-z_]+$/.test(code ?? '')) throw new KavachClientError(code, message, { status });
    throw new KavachClientError(
      'unreachable',
      `${url} answered ${status} (${headers.get('content-type')}), which is not from kavachos. ` +
        'Check that its routes are mounted there, and `basePath`.',
      { status },
    );
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The same rule as the server's: a path in `baseUrl` stands in for the default. */
function baseOf(baseUrl, basePath) {
  const { origin, pathname } = baseUrl ? new URL(baseUrl) : { origin: '', pathname: '/' };
  const path = basePath ?? (pathname === '/' ? '/api/kavach' : pathname);
  return origin + path.replace(/^\/*/, '/').replace(/\/+$/, '');
}

function dated(value) {
  const copy = { ...value };
  for (const name of ['createdAt', 'updatedAt', 'expiresAt']) {
    if (copy[name]) copy[name] = new Date(copy[name]);
  }
  return copy;
}

const NOBODY = { user: null, session: null, error: null };

/** Milliseconds between two checks that only a look at the page has caused. */
const PAUSE = 5000;
