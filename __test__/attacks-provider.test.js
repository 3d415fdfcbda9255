// attacks.md 20-23: a provider that means harm, or that somebody has taken over.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app.js';
import { startProcess } from './support/attack-app.js';
import { ACCEPTED, REFUSED, REFUSED_TOKENS, SLOW } from './support/attack-faults.js';
import { everywhere, inParallel, startHostileApp } from './support/attack-hostile.js';
import { KINDS, answer, json, startTrap } from './support/attack-provider.js';
import { assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const MB = 1 << 20;
const times = (count, item) => Array.from({ length: count }, () => item);
const NOTHING = { users: 0, oauth_accounts: 0, sessions: 0 };

for (const database of databases()) {
  describe(`a hostile provider on ${database.name}`, { skip: database.skip }, () => {
    test('[20] a redirect is not followed: credentials go nowhere else', async (t) => {
      const trap = await startTrap(t);
      const faults = {};
      for (const status of [300, 301, 302, 303, 305, 307, 308]) {
        const targets = {
          'elsewhere': () => `${trap.url}/steal`,
          'as localhost': () => trap.url.replace('127.0.0.1', 'localhost'),
          'to itself': ({ url }) => `${url}/elsewhere`,
          'to a scheme': () => trap.url.replace('http:', ''),
        };
        for (const [name, target] of Object.entries(targets)) {
          faults[`${status} ${name}`] = (fault) => {
            // The body would do: only the status says no.
            return answer(fault.good, { Location: target(fault) }, { status: `${status} Moved` });
          };
        }
      }
      faults['refresh'] = ({ good }) => {
        return answer(good, { Refresh: `0; url=${trap.url}` }, { status: '502 Bad Gateway' });
      };
      const { app, hostile, ...provider } = await startHostileApp(t, faults, { database });
      await inParallel(everywhere(Object.keys(faults)), async ([kind, name]) => {
        await provider.assertRefused(kind, name);
      });
      assert.deepEqual(trap.reached, []);
      assert.deepEqual(hostile.requests.filter(({ path }) => path.includes('elsewhere')), []);
      await app.assertRows(NOTHING);
      await provider.assertSignsIn();
    });

    test('[20] an answer that points elsewhere is not followed either', async (t) => {
      const trap = await startTrap(t);
      const pointing = ({ good }) => answer(good, {
        'Location': trap.url, 'Refresh': `0; url=${trap.url}`, 'Content-Location': trap.url,
        'Alt-Svc': `h2="${trap.url.slice(7)}"`, 'Link': `<${trap.url}>; rel=next`,
      });
      const { assertSignsIn } = await startHostileApp(t, { pointing }, { database });
      for (const kind of KINDS) await assertSignsIn(kind, 'pointing');
      await assertSignsIn();
      assert.deepEqual(trap.reached, []);
    });

    test('[21] an answer that is none is a provider_error, nothing written', async (t) => {
      const { app, hostile, ...provider } = await startHostileApp(
        t, { ...REFUSED, ...REFUSED_TOKENS }, { database },
      );
      const cases = [
        ...everywhere(Object.keys(REFUSED)),
        ...Object.keys(REFUSED_TOKENS).map((name) => ['token', name]),
      ];
      const wrong = [];
      await inParallel(cases, async ([kind, name]) => {
        try {
          const took = await provider.assertRefused(kind, name);
          if (took > 8_000) wrong.push(`${name} at ${kind} took ${took} ms`);
        } catch (error) {
          wrong.push(error.message);
        }
      });
      assert.deepEqual(wrong, []);
      await app.assertRows(NOTHING);
      assert.ok(hostile.requests.every(({ headers }) => !headers['accept-encoding']));
      for (const kind of KINDS) {
        const { by, back } = await provider.flow(kind, 'html');
        assertErrorPage(await by.get(back), 'provider_error');
      }
      await provider.assertSignsIn();
    });

    test('[21] an answer that is only odd is one, and adds nothing', async (t) => {
      const { app, ...provider } = await startHostileApp(t, ACCEPTED, { database });
      await inParallel(everywhere(Object.keys(ACCEPTED)), async ([kind, name]) => {
        const { by, back } = await provider.flow(kind, name);
        const response = await by.get(back);
        assert.equal(response.headers.get('location'), `${BASE_URL}/`, `${name} at ${kind}`);
        assert.deepEqual([...by.cookies.keys()], ['__Host-kavach_session'], name);
        assert.match(by.token, /^kvs_[\w-]{43}$/);
      }, 1);
      await app.assertRows({ oauth_accounts: 3 * Object.keys(ACCEPTED).length });
    });

    test('[22] next links to other hosts, paths or themselves are not followed', async (t) => {
      const trap = await startTrap(t);
      const NEXT = {
        'another host': () => `${trap.url}/emails?page=2`,
        'a name of the host': ({ url }) => `${url.replace('127.0.0.1', 'localhost')}/emails?page=2`,
        'an address of the host': ({ url }) => `${url.replace('.0.0.1', '.0.0.2')}/emails?page=2`,
        'another scheme': ({ url }) => `${url.replace('http', 'https')}/emails?page=2`,
        'no scheme': () => `${trap.url.slice(5)}/emails?page=2`,
        'the host as user': ({ url }) => `${url}@${trap.url.slice(7)}/emails?page=2`,
        'a backslash': ({ url }) => `${url}\\@${trap.url.slice(7)}/emails?page=2`,
        'a fragment': ({ url }) => `${trap.url}/emails?page=2#${url}/emails`,
        'a line break': () => `ht\ntp://${trap.url.slice(7)}/emails?page=2`,
        'another path': ({ url }) => `${url}/user?page=2`,
        'a path below': ({ url }) => `${url}/emails/steal?page=2`,
        'a path beside': ({ url }) => `${url}/emails/../token?page=2`,
        'a slash more': ({ url }) => `${url}/emails/?page=2`,
        'a slash before': ({ url }) => `${url}//emails?page=2`,
        'an encoded path': ({ url }) => `${url}/%65mails?page=2`,
        'capitals': ({ url }) => `${url}/EMAILS?page=2`,
        'a file': () => 'file:///etc/passwd',
        'data': () => 'data:application/json,{"values":[]}',
        'no URL': () => 'http://',
        'itself': ({ request, url }) => url + request.path,
        'an empty text': () => '',
        'a number': () => 7,
        'a list': ({ url }) => [`${url}/emails?page=2`],
        'an object': ({ url }) => ({ href: `${url}/emails?page=2` }),
        'null': () => null,
        'true': () => true,
        '900 kB': ({ url }) => `${trap.url}/emails?page=${url.repeat(40_000)}`,
      };
      const faults = Object.fromEntries(Object.entries(NEXT).map(([name, next]) => [
        name, (fault) => json({ ...JSON.parse(fault.good), next: next(fault) }),
      ]));
      const { hostile, flow } = await startHostileApp(t, faults, { database });
      await inParallel(Object.keys(NEXT), async (name) => {
        const { by, back, calls } = await flow('emails', name);
        assert.equal((await by.get(back)).headers.get('location'), `${BASE_URL}/`, name);
        const paths = calls().map(({ path }) => path).sort();
        assert.deepEqual(paths, ['/emails?pagelen=100', '/user'], name);
      }, 1);
      assert.deepEqual(trap.reached, []);
      assert.equal(hostile.requests.length, 3 * Object.keys(NEXT).length);
    });

    test('[22] pages in a circle, or without end, come to an end', async (t) => {
      const page = (request, url) => Number(new URL(request.path, url).searchParams.get('page'));
      const faults = {
        'two in a circle': ({ good, request, url }) => {
          const next = `${url}/emails?page=${page(request, url) === 1 ? 2 : 1}`;
          return json({ ...JSON.parse(good), next, values: [] });
        },
        'itself in another order': ({ request, url }) => {
          return json({ values: [], next: `${url}${request.path}&x=` });
        },
        'itself with a fragment': ({ request, url }) => {
          return json({ values: [], next: `${url}${request.path}#${Math.random()}` });
        },
        'without end': ({ request, url }) => {
          return json({ values: [], next: `${url}/emails?page=${page(request, url) + 1}` });
        },
        'with another user': ({ request, url }) => {
          const { host } = new URL(url);
          const next = `http://eve:evil@${host}/emails?page=${page(request, url) + 1}`;
          return json({ values: [], next });
        },
      };
      const { hostile, flow } = await startHostileApp(t, faults, { database });
      for (const name of Object.keys(faults)) {
        const { by, back, calls } = await flow('emails', name);
        assert.ok([302, 502].includes((await by.getJson(back)).status), name);
        assert.ok(calls().length <= 11, `${name}: ${calls().length}`);
      }
      const sent = hostile.requests.map(({ headers }) => headers.authorization.split(' ')[0]);
      const basic = hostile.requests.filter(({ path }) => path === '/token').length;
      assert.equal(sent.filter((scheme) => scheme === 'Basic').length, basic);
      assert.equal(sent.filter((scheme) => scheme === 'Bearer').length, sent.length - basic);
    });

    test('[23] an account id that is none is refused, nothing written', async (t) => {
      const IDS = [
        undefined, 'null', 'true', '7', '-0', '1.5', '1e400', '123456789012345678901234567890',
        '{}',
        '[]', '{"$ne":null}', '{"toString":"x"}', '["{x}"]', '""', '" "', '" x"', '"x "', '"\\t"',
        '"\\u0000"', '"{x}\\u0000"', '"\\u0000{x}"', '"{x\\n}"', '"{x}\\u007f"',
        '"{x}\\u0085"',
        '"\\u2028"', '"{x}\\u3000"', '"\\ud800"', '"{x}\\udc00"', `"${'a'.repeat(256)}"`,
        `"${'\u{1f600}'.repeat(256)}"`, `"${'a'.repeat(900_000)}"`, `"${'a'.repeat(MB)}"`,
      ];
      const faults = Object.fromEntries(IDS.map((id) => [
        String(id).slice(0, 40), ({ good }) => {
          const { uuid, ...rest } = JSON.parse(good);
          assert.ok(uuid);
          const fields = JSON.stringify(rest);
          return answer(id === undefined ? fields : fields.replace('{', `{"uuid":${id},`));
        },
      ]));
      const { app, assertRefused, assertSignsIn } = await startHostileApp(t, faults, { database });
      await inParallel(Object.keys(faults), (name) => assertRefused('user', name));
      await app.assertRows(NOTHING);
      await assertSignsIn();
    });

    test('[23] an account id that is given twice is the last one, always', async (t) => {
      const twice = (first, last) => ({ good }) => {
        const rest = JSON.parse(good);
        delete rest.uuid;
        const fields = JSON.stringify(rest);
        return answer(fields.replace('{', `{"uuid":${first},`).replace(/}$/, `,"uuid":${last}}`));
      };
      const faults = {
        'once': twice('"{b}"', '"{b}"'),
        'twice': twice('"{a}"', '"{b}"'),
        'a number first': twice('7', '"{b}"'),
        'a number last': twice('"{b}"', '7'),
      };
      const { app, flow, assertRefused } = await startHostileApp(t, faults, { database });
      const ids = new Set();
      for (const name of ['once', 'twice', 'a number first']) {
        const { by, back } = await flow('user', name);
        await by.get(back);
        const { user } = await by.session();
        ids.add(user.id);
        const [account] = await app.kavach.auth.getOAuthConnections(user.id);
        assert.equal(account.providerAccountId, '{b}', name);
      }
      assert.equal(ids.size, 1);
      await assertRefused('user', 'a number last');
      await app.assertRows({ users: 1, oauth_accounts: 1 });
    });
  });
}

// Most of this is waiting, so everything waits at once.
describe('a hostile provider that takes its time', { concurrency: true }, () => {
  for (const database of databases()) {
    const { name, skip } = database;
    test(`[21] is given up after ten seconds on ${name}`, { skip }, async (t) => {
      const { app, ...provider } = await startHostileApp(t, SLOW, { database });
      const cases = everywhere(Object.keys(SLOW));
      const times = await Promise.all(cases.map(async ([kind, slow]) => {
        return [await provider.assertRefused(kind, slow), `${slow} at ${kind}`];
      }));
      for (const [took, label] of times) assert.ok(took < 12_000, `${label} took ${took} ms`);
      const waited = times.filter(([took]) => took > 9_000);
      assert.ok(waited.length >= KINDS.length * 6, 'most of them waited for the whole time');
      await app.assertRows(NOTHING);
      await provider.assertSignsIn();
    });
  }

  test('[22] a list whose every page is slow is given up as well', async (t) => {
    const pages = ({ socket, request, url }) => {
      const page = Number(new URL(request.path, url).searchParams.get('page') ?? 1);
      const next = `${url}/emails?page=${page + 1}`;
      const timer = setTimeout(() => socket.write(json({ values: [], next })), 2_500);
      socket.on('close', () => clearTimeout(timer));
    };
    const { assertRefused } = await startHostileApp(t, { pages });
    const took = await assertRefused('emails', 'pages');
    assert.ok(took < 12_000, `${took} ms`);
  });
});

describe('the memory of a process that a hostile provider feeds', () => {
  const values = Array.from({ length: 340_000 }, () => ({}));
  const faults = {
    ...Object.fromEntries([
      '10 MB', '10 MB in chunks', '10 MB till the end', '10 MB announced', 'gzip bomb',
      'endless chunks', 'endless body', 'endless header', 'endless headers',
      'endless chunk extension', 'huge chunk size', 'deep lists', 'deep objects',
    ].map((name) => [name, REFUSED[name]])),
    // 1 MiB of the smallest values there are, page after page.
    'lists of objects': ({ request, url }) => {
      const page = Number(new URL(request.path, url).searchParams.get('page') ?? 1);
      return json({ values, next: `${url}/emails?page=${page + 1}` });
    },
  };

  async function startVictim(t) {
    const { app, hostile, flow } = await startHostileApp(t, faults);
    const database = { provider: 'sqlite', url: ':memory:' };
    const victim = await startProcess(t, { database, endpoints: hostile.endpoints });
    const many = (cases, width) => inParallel(cases, async ([kind, name]) => {
      const { by, back } = await flow(kind, name, app.browser(victim.port));
      const response = await by.getJson(back);
      assert.ok([302, 502].includes(response.status), `${response.status}: ${name} at ${kind}`);
      await response.body?.cancel();
    }, width);
    await many(times(50, ['token', 'good']), 24);
    return { many, memory: victim.memory };
  }

  test('[21] stays flat when there is too much of everything', async (t) => {
    const { many, memory } = await startVictim(t);
    const { rss: start } = await memory();
    const cases = everywhere(Object.keys(faults).filter((name) => !name.startsWith('lists')));
    await many(cases, 24);
    const { rss: before } = await memory();
    await many(times(3, cases).flat(), 24);
    const { rss: after, peak } = await memory();
    const megabytes = [start, before, after, peak].map((bytes) => Math.round(bytes / MB));
    assert.ok(after - before < 32 * MB, `it grows: ${megabytes} MB`);
    // Two dozen at once, each with a body of 1 MiB at most and what becomes of it.
    assert.ok(peak - start < 128 * MB, `it swells: ${megabytes} MB`);
  });

  test('[21] stays within bounds when each byte is a value', async (t) => {
    const { many, memory } = await startVictim(t);
    const { rss: start } = await memory();
    await many(times(4, ['emails', 'lists of objects']), 4);
    const { peak } = await memory();
    const megabytes = [start, peak].map((bytes) => Math.round(bytes / MB));
    assert.ok(peak - start < 300 * MB, `it swells: ${megabytes} MB`);
  });
});
