// attacks.md 20-23: a provider that means harm, or that somebody has taken over.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BASE_URL } from './support/app.js';
import { startProcess } from './support/attack-app.js';
import { ACCEPTED, REFUSED, REFUSED_TOKENS, SLOW } from './support/attack-faults.js';
import { everywhere, inParallel, startHostileApp } from './support/attack-hostile.js';
import {
  CIRCLES, IDS_TWICE, NO_IDS, nextLinks, redirects,
} from './support/attack-pages.js';
import { KINDS, answer, json, startTrap } from './support/attack-provider.js';
import { assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const MB = 1 << 20;
const times = (count, item) => Array.from({ length: count }, () => item);
const NOTHING = { users: 0, oauth_accounts: 0, sessions: 0 };

// Those who take their time are waited for beside the others.
describe('a hostile provider', { concurrency: 2 }, () => {
  describe('that takes its time', { concurrency: true }, () => {
    for (const database of databases()) {
      const { name, skip } = database;
      test(`[21] is given up after ten seconds on ${name}`, { skip }, async (t) => {
        const { app, ...provider } = await startHostileApp(t, SLOW, { database });
        const cases = everywhere(Object.keys(SLOW));
        const times = await Promise.all(cases.map(async ([kind, slow]) => {
          return [await provider.assertRefused(kind, slow), `${slow} at ${kind}`];
        }));
        for (const [took, label] of times) assert.ok(took < 15_000, `${label} took ${took} ms`);
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
      assert.ok(took < 15_000, `${took} ms`);
    });
  });

  describe('that answers', () => {
    for (const database of databases()) {
      describe(`on ${database.name}`, { skip: database.skip }, () => {
        test('[20] a redirect is not followed: credentials go nowhere else', async (t) => {
          const trap = await startTrap(t);
          const faults = redirects(trap.url);
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
          const faults = nextLinks(trap.url);
          const { hostile, flow } = await startHostileApp(t, faults, { database });
          await inParallel(Object.keys(faults), async (name) => {
            const { by, back, calls } = await flow('emails', name);
            assert.equal((await by.get(back)).headers.get('location'), `${BASE_URL}/`, name);
            const paths = calls().map(({ path }) => path).sort();
            assert.deepEqual(paths, ['/emails?pagelen=100', '/user'], name);
          }, 1);
          assert.deepEqual(trap.reached, []);
          assert.equal(hostile.requests.length, 3 * Object.keys(faults).length);
        });

        test('[22] pages in a circle, or without end, come to an end', async (t) => {
          const { hostile, flow } = await startHostileApp(t, CIRCLES, { database });
          for (const name of Object.keys(CIRCLES)) {
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
          const { app, ...provider } = await startHostileApp(t, NO_IDS, { database });
          await inParallel(Object.keys(NO_IDS), (name) => provider.assertRefused('user', name));
          await app.assertRows(NOTHING);
          await provider.assertSignsIn();
        });

        test('[23] an account id that is given twice is the last one, always', async (t) => {
          const { app, flow, assertRefused } = await startHostileApp(
            t, IDS_TWICE, { database },
          );
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

    describe('and the memory of the process that it feeds', () => {
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
  });
});
