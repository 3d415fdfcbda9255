// Attacks 39 and 45 of the list: what a stolen database, a log, an error or a print gives away.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Console } from 'node:console';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';

import { approve } from '../testing/server.js';
import { bitbucketProvider, oauth } from '../auth.js';
import { KavachError, createKavach } from '../index.js';
import { BASE_URL, CONSUMER, SECRET, rejects, startApp } from './support/app.js';
import { CALLBACK, startTarget } from './support/attack-app.js';
import { reseal } from './support/app-seal.js';
import { setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';

const COOKIE = '__Host-kavach_session';
const TABLES = ['users', 'oauth_accounts', 'sessions', 'oauth_states', 'rate_limits', 'migrations'];
/** What client_secret_basic sends (RFC 6749 2.3.1). */
const FORM_SECRET = encodeURIComponent(CONSUMER.secret);
const BASIC = btoa(`${encodeURIComponent(CONSUMER.key)}:${FORM_SECRET}`);

/** Gathers every secret that the walks of a test bring to light. */
class Secrets {
  all = new Set([SECRET, CONSUMER.secret, BASIC]);

  add(value) {
    if (typeof value === 'string' && value.length >= 12) this.all.add(value);
  }

  /** Session tokens and flow cookies, with the state and the verifier that they hold. */
  cookies(client) {
    for (const [name, value] of client.cookies) {
      this.add(value);
      if (!name.includes('kavach_flow_')) continue;
      reseal({ name, value, secret: SECRET, change: (plain) => {
        this.add(plain.s);
        this.add(plain.v);
        return plain;
      } });
    }
  }

  /** Whatever went to the provider. */
  requests({ requests }) {
    for (const { body, headers, query } of requests) {
      const form = new URLSearchParams(body);
      for (const name of ['code', 'code_verifier', 'refresh_token', 'client_secret']) {
        this.add(form.get(name));
      }
      this.add(query.state);
      this.add(headers.authorization?.split(' ')[1]);
    }
  }
}

/** A whole walk, with every secret noted on the way. */
function walker({ client, bitbucket }, secrets) {
  return async (user, options) => {
    const url = await client.authorize();
    secrets.cookies(client);
    const back = new URL(await approve(url, { user, ...options }));
    for (const name of ['code', 'state']) secrets.add(back.searchParams.get(name));
    const response = await client.get(back.href);
    secrets.cookies(client);
    secrets.requests(bitbucket);
    return response;
  };
}

/** A secret as it is, and what else amounts to it. */
function forms(secret) {
  const bytes = Buffer.from(secret);
  const raw = Buffer.from(secret.replace(/^kvs_/, ''), 'base64url');
  const others = raw.length >= 24 && raw.toString('base64url') === secret.replace(/^kvs_/, '')
    ? [raw.toString('latin1'), raw.toString('hex'), raw.toString('base64')]
    : [];
  // Base64 of a text that stands inside another depends on where it begins.
  const inside = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return text.slice(Math.ceil((shift * 4) / 3) + 1, -4);
  });
  return [
    secret, secret.replace(/^kvs_/, ''), encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1), bytes.toString('latin1'),
    [...secret].toReversed().join(''),
    bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url'),
    ...inside, ...others,
  ].flatMap((form) => [form, form.toUpperCase()]);
}

/** What a value of a column can be read as. */
function readings(value) {
  if (value === null || value === undefined) return [];
  const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
  const text = bytes.toString('latin1');
  const decoded = ['base64', 'base64url', 'hex'].map((kind) => {
    return Buffer.from(text, kind).toString('latin1');
  });
  const all = [text, bytes.toString('utf8'), bytes.toString('hex'), ...decoded];
  if (/%[\da-f]{2}/i.test(text)) all.push(unescaped(text));
  return all.flatMap((reading) => [reading, reading.toUpperCase()]);
}

function unescaped(text) {
  return text.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

function assertNone(secrets, shown, what) {
  for (const secret of secrets.all) {
    for (const form of forms(secret)) {
      if (form.length < 8) continue;
      assert.ok(!shown.includes(form), `${what} shows ${secret} as ${form}`);
    }
  }
}

// A database in memory cannot be stolen.
for (const database of databases().filter(({ skip, canQuery }) => skip || canQuery)) {
  const { skip } = database;
  describe(`a stolen database, on ${database.name}`, { skip }, () => {
    const dump = async (app) => {
      const found = {};
      for (const table of TABLES) found[table] = await app.query(`SELECT * FROM kavach_${table}`);
      return found;
    };

    for (const variant of ['current', 'announced']) {
      test(`[39] holds nothing that can be used, with the ${variant} tokens`, async (t) => {
        const secrets = new Secrets();
        const app = await startApp(t, {
          database, bitbucket: { variant }, kavach: { rateLimit: { storage: 'database' } },
        });
        Object.defineProperty(app.bitbucket.grants, 'accessTokenTtl', { value: 0 });
        const walk = walker(app, secrets);
        const { kavach, client } = app;
        await walk('jane');
        const { user } = await client.session();
        for (let i = 0; i < 2; i += 1) {
          secrets.add((await kavach.auth.getAccessToken(user.id, 'bitbucket')).accessToken);
        }
        const linking = await client.post('/auth/oauth/link', { provider: 'bitbucket' });
        secrets.cookies(client);
        await client.get(await approve((await linking.json()).url, { user: 'kavya' }));
        secrets.cookies(client);
        secrets.add((await kavach.auth.session.create(user.id, { device: 'cli' })).token);
        await walk('jane', { deny: true });
        app.bitbucket.fail('user', { status: 500 });
        await walk('capital');
        await walk('capital');
        secrets.requests(app.bitbucket);
        await app.browser({ ip: '198.51.100.4' }).getJson('/auth/session');
        await client.authorize();
        secrets.cookies(client);

        const tables = await dump(app);
        for (const table of TABLES) assert.ok(tables[table].length > 0, table);
        assert.ok(secrets.all.size >= 20, `${secrets.all.size} secrets`);
        for (const [table, rows] of Object.entries(tables)) {
          for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
            const shown = readings(value).join('\n');
            assertNone(secrets, shown, `${table}.${column}`);
            assert.ok(!/access_token|refresh_token|kvs_/.test(shown), `${table}.${column}`);
          }
        }
      });
    }

    test('[39] no hash, id or sealed value of it signs anybody in', async (t) => {
      const app = await startTarget(t, { database });
      await app.client.signIn('jane');
      const { user, session } = await app.client.session();
      const started = await app.start(app.client);
      const tables = await dump(app);
      const values = Object.values(tables).flat().flatMap((row) => Object.values(row));
      const [{ token_hash: hash }] = tables.sessions;
      const expected = createHash('sha256').update(app.client.token).digest();
      assert.deepEqual(Buffer.from(hash), expected);
      const candidates = new Set([session.id, user.id, started.state]);
      for (const value of values) {
        if (value === null) continue;
        const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
        const texts = ['base64url', 'base64', 'hex', 'latin1'].map((kind) => bytes.toString(kind));
        for (const text of texts) candidates.add(text).add(`kvs_${text}`);
        for (const text of texts) candidates.add(`kvs_${text.slice(0, 43)}`);
      }
      const visitor = app.browser();
      await app.untouched(async () => {
        for (const token of candidates) {
          if (/[^\x20-\x7e]|[;,]/.test(token)) continue;
          assert.equal(await app.kavach.auth.session.validate(token), null, token);
          const headers = { authorization: `Bearer ${token}`, cookie: `${COOKIE}=${token}` };
          assert.equal(await app.kavach.auth.getSession(headers), null, token);
          if (token.length > 200) continue;
          assert.equal((await visitor.getJson('/auth/session', headers)).status, 401);
        }
        const [{ state_hash: spent }] = tables.oauth_states;
        for (const kind of ['base64url', 'hex', 'latin1']) {
          const state = Buffer.from(spent).toString(kind);
          const query = new URLSearchParams({ state, code: 'x' });
          const response = await visitor.getJson(`${CALLBACK}?${query}`);
          assert.equal((await response.json()).error.code, 'state_invalid');
        }
        const [{ tokens }] = tables.oauth_accounts;
        const [name] = started.cookie;
        visitor.cookies.set(name, tokens);
        const forged = await visitor.getJson(started.back);
        assert.equal((await forged.json()).error.code, 'state_invalid');
      });
    });
  });

  describe(`what is told, on ${database.name}`, { skip: database.skip }, () => {
    test('[45] logs, events and answers hold no secret, whatever goes wrong', async (t) => {
      const secrets = new Secrets();
      const told = [];
      const app = await startApp(t, {
        database,
        kavach: {
          logger: (...line) => told.push(line), events: (event) => told.push(event),
        },
      });
      const walk = walker(app, secrets);
      const { client, kavach, bitbucket } = app;
      await walk('jane');
      const { user } = await client.session();
      await client.link('kavya');
      secrets.cookies(client);
      await walk('jane', { deny: true });
      for (const [kind, fault] of [
        ['token', 'html'], ['token', 'cut'], ['token', { json: { access_token: 7 } }],
        ['user', { status: 401 }], ['user', 'huge'], ['emails', { status: 500 }],
        ['token', { status: 401, body: { error: 'invalid_client' } }],
      ]) {
        bitbucket.fail(kind, fault);
        const response = await walk('capital');
        told.push(response.status, [...response.headers].filter(([name]) => name !== 'set-cookie'));
      }
      bitbucket.revokeAll('jane');
      for (const call of [
        () => kavach.auth.getAccessToken(user.id, 'nobody'),
        () => kavach.auth.session.create(client.token),
        () => kavach.auth.disconnectOAuth(client.token, client.token),
        () => kavach.auth.session.validate({ token: client.token }),
        () => kavach.handler(client.token),
        () => kavach.users.get([client.token]),
        () => kavach.users.disable(user.id, { reason: [client.token] }),
        () => kavach.auth.getSession(client.token),
        () => kavach.auth.getSession({ cookie: [{ token: client.token }] }),
      ]) {
        const error = await call().catch((thrown) => thrown);
        assert.ok(error instanceof KavachError, String(error));
        told.push(...everyPrint(error));
      }
      for (const [path, body] of [
        ['/auth/oauth/link', { provider: client.token }],
        ['/auth/oauth/link', { [client.token]: 1 }],
        ['/auth/oauth/unlink', { provider: 'bitbucket', accountId: client.token }],
        ['/auth/sessions/revoke', { id: client.token }],
        ['/auth/sessions/revoke', { others: client.token }],
      ]) {
        // The one who sent it may read it again; the log must not hold it.
        assert.ok([400, 404].includes((await client.post(path, body)).status));
      }
      await walk('jane');
      await client.post('/auth/sign-out');
      await kavach.close();
      await sleep(20);
      assert.ok(told.length > 20 && secrets.all.size > 20);
      const shown = everyPrint(told).join('\n');
      assertNone(secrets, shown, 'the log');
    });

    test('[45] a provider that repeats all it was sent does not get it told', async (t) => {
      const told = [];
      const app = await startApp(t, {
        database, kavach: { logger: (...line) => told.push(line), events: (e) => told.push(e) },
      });
      const { client, bitbucket } = app;
      for (const pick of [
        ({ code }) => code, ({ verifier }) => verifier, () => CONSUMER.secret, () => FORM_SECRET,
        () => BASIC, ({ code }) => `${'x'.repeat(190)}${code}`,
        ({ verifier }) => `code_verifier=${encodeURIComponent(verifier)}&x=1`,
      ]) {
        for (const place of ['error_description', 'error', 'error_uri']) {
          const secrets = new Secrets();
          const url = await client.authorize();
          secrets.cookies(client);
          const back = new URL(await approve(url, { user: 'jane' }));
          const code = back.searchParams.get('code');
          let verifier;
          const [name] = client.flowCookies().slice(-1);
          reseal({ name, value: client.cookies.get(name), secret: SECRET, change: (plain) => {
            verifier = plain.v;
            return plain;
          } });
          const said = pick({ code, verifier });
          const body = { error: 'invalid_grant', error_description: 'x', [place]: said };
          bitbucket.fail('token', { status: 400, body });
          const response = await client.getJson(back.href);
          const text = await response.text();
          await sleep(5);
          const shown = everyPrint([text, told]).join('\n');
          for (const secret of [code, verifier, CONSUMER.secret, FORM_SECRET, BASIC]) {
            assert.ok(!shown.includes(secret), `${place} ${secret} in ${shown.slice(0, 600)}`);
          }
          told.length = 0;
        }
      }
      // The access token, repeated by the API.
      const token = `standin-access-token-${'q'.repeat(40)}`;
      for (const body of [
        { type: 'error', error: { message: `The token ${token} is bad` } },
        { type: 'error', error: { message: `Bearer ${token}`, detail: token } }, token,
      ]) {
        bitbucket.fail('token', { json: { access_token: token, token_type: 'bearer' } });
        bitbucket.fail('user', { status: 401, body });
        const back = await approve(await client.authorize(), { user: 'jane' });
        const response = await client.getJson(back);
        assert.equal(response.status, 502);
        await sleep(5);
        const shown = everyPrint([await response.text(), told]).join('\n');
        assert.ok(!shown.includes(token), shown.slice(0, 600));
      }
    });

    test('[45] a URL of a database that cannot be reached shows no password', async (t) => {
      const password = 'hunter2-hunter2';
      const base = { secret: SECRET, baseUrl: BASE_URL };
      const { provider } = (await startApp(t, { database })).database;
      const urls = [
        `${provider}://user:${password}@127.0.0.1:1/db`, `${provider}://user:${password}@[::1/db`,
        `${provider}://user:${password}@/`, `nonsense://user:${password}@127.0.0.1/db`,
        // To SQLite this would be the name of a file.
        ...(provider === 'sqlite' ? [] : [`user:${password}@127.0.0.1`]),
        `${provider}:/${password}/nowhere/db`,
        `${provider}://u:${password}@127.0.0.1:99999/db`, `${provider}://u:${password}@x y/db?p=%`,
      ];
      for (const url of urls) {
        const lines = [];
        const logger = (...line) => lines.push(line);
        const made = createKavach({ ...base, logger, database: { provider, url } });
        const error = await made.then((kavach) => kavach.close(), (thrown) => thrown);
        if (error === undefined) continue;
        assert.ok(error instanceof KavachError, String(error));
        const shown = everyPrint([error, lines]).join('\n');
        // A path is no password, and names what is wrong.
        if (url.includes(`/${password}/`)) continue;
        assert.ok(!shown.includes(password), shown.slice(0, 400));
      }
    });
  });
}

test('[45] an option in the wrong place is not repeated when it may be a secret', async () => {
  const secret = 'sk-test-0123456789abcdef0123456789abcdef';
  const url = `postgres://user:${secret}@127.0.0.1/db`;
  const memory = { provider: 'sqlite', url: ':memory:' };
  const good = { secret: SECRET, baseUrl: BASE_URL, database: memory };
  for (const options of [
    secret, [secret], { ...good, secret: secret.slice(0, 20) }, { ...good, secret: [secret, 7] },
    { ...good, secret: { value: secret } }, { ...good, secret: [[secret]] },
    { ...good, database: url }, { ...good, database: { provider: url, url } },
    { ...good, database: { provider: 'sqlite', url: { url } } }, { ...good, baseUrl: secret },
    { ...good, baseUrl: `https://user:${secret}@your-app.com` }, { ...good, plugins: [secret] },
    { ...good, plugins: secret }, { ...good, plugins: [{ id: 'oauth', secret }] },
    { ...good, basePath: secret }, { ...good, trustedOrigins: [`https://u:${secret}@x.com`] },
    { ...good, trustedProxies: [secret] },
    { ...good, auth: { session: { cookieName: `${secret};` } } },
  ]) {
    const error = await rejects(createKavach(options), 'config_invalid');
    assert.ok(!everyPrint(error).join('\n').includes(secret.slice(0, 20)), error.message);
  }
  for (const make of [
    () => bitbucketProvider('', secret), () => bitbucketProvider('x', [secret]),
    () => bitbucketProvider({ secret }, secret), () => bitbucketProvider('x', secret, secret),
    () => bitbucketProvider('x', secret, { tokenUrl: `https://u:${secret}@x.com` }),
    () => bitbucketProvider('x', secret, { tokenUrl: `http://x.com/?secret=${secret}` }),
    () => oauth({ providers: [{ id: 'bitbucket', clientId: '', clientSecret: secret }] }),
    () => oauth({ providers: { nobody: { clientId: 'x', clientSecret: secret } } }),
    () => oauth({ providers: secret }), () => oauth(secret),
  ]) {
    assert.throws(make, (error) => {
      assert.ok(error instanceof KavachError);
      assert.ok(!everyPrint(error).join('\n').includes(secret.slice(0, 20)), error.message);
      return error.code === 'config_invalid';
    });
  }
});

test('[45] nothing that the library gives away prints a secret', async (t) => {
  const secrets = new Secrets();
  const errors = [];
  const app = await startApp(t, { kavach: { events: (event) => errors.push(event) } });
  const walk = walker(app, secrets);
  await walk('jane');
  const provider = bitbucketProvider(CONSUMER.key, CONSUMER.secret, app.bitbucket.endpoints);
  const plugin = oauth({ providers: [provider] });
  const verifier = 'v'.repeat(43);
  secrets.add(verifier);
  for (const call of [
    () => provider.exchangeCode('no-such-code-at-all', verifier, `${BASE_URL}/x`),
    () => provider.getUserInfo('no-such-token-at-all'),
    () => provider.getAuthorizationUrl(1, verifier, BASE_URL),
    () => provider.exchangeCode(CONSUMER.secret, [verifier], BASE_URL),
    () => app.kavach.auth.session.create('nobody'),
  ]) {
    errors.push(await call().catch((error) => error));
  }
  secrets.add('no-such-code-at-all');
  secrets.add('no-such-token-at-all');
  assert.ok(errors.filter((error) => error instanceof KavachError).length === 5);
  const things = { kavach: app.kavach, provider, plugin, errors };
  for (const [name, thing] of Object.entries(things)) {
    assertNone(secrets, everyPrint(thing).join('\n'), name);
  }
  assertNone(secrets, everyPrint(things).join('\n'), 'all');
  assert.ok(secrets.all.size >= 8);
  assert.ok(setCookies(await app.client.signIn('jane')).length > 0);
});

/** Everything that turns a thing into text. */
function everyPrint(thing) {
  const printed = [];
  const sink = new Writable({
    write(chunk, encoding, done) {
      printed.push(String(chunk));
      done();
    },
  });
  const console = new Console(sink);
  for (const print of ['log', 'error', 'dir', 'table', 'trace']) console[print](thing);
  const all = { maxArrayLength: null, maxStringLength: null };
  const deep = { depth: Infinity, showHidden: true, getters: true, ...all };
  printed.push(inspect(thing, deep));
  printed.push(inspect(thing, { ...deep, customInspect: false, showProxy: true }));
  for (const text of ['%s', '%o', '%O', '%j']) printed.push(attempt(() => format(text, thing)));
  printed.push(attempt(() => JSON.stringify(thing)), attempt(() => `${thing}`));
  printed.push(attempt(() => inspect(structuredClone(thing), deep)));
  if (thing instanceof Error) {
    printed.push(thing.message, thing.stack, String(thing.cause), inspect(thing.cause, deep));
    const own = Object.getOwnPropertyDescriptors(thing);
    printed.push(String(thing.cause?.stack), JSON.stringify(own));
  }
  return printed;
}

function attempt(print) {
  try {
    return String(print());
  } catch (error) {
    return inspect(error);
  }
}
