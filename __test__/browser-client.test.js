// kavachos/client and kavachos/react in a real browser, on a real server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { executablePath, launch } from './support/browser.js';
import { approve, inPage, serveClientApp, shows } from './support/client-app.js';

const isOptional = process.env.KAVACH_REQUIRE_ALL !== '1';
const skip = !executablePath && isOptional && 'there is no Chromium; set CHROMIUM_PATH';

const JANE = 'Jane Example';
const WHO = 'GET /auth/session';

describe('the client in a browser', { skip }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  /** An application, and browsers of their own that `visit` it. */
  async function start(t) {
    const app = await serveClientApp(t);
    const complaints = [];

    async function visit(path = '/plain') {
      const context = await browser.newContext({ locale: 'en-GB' });
      t.after(() => context.close());
      context.setDefaultTimeout(10_000);
      context.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      context.on('weberror', (error) => complaints.push(String(error.error())));
      return openTab(context, path);
    }

    async function openTab(context, path = '/plain') {
      const page = await context.newPage();
      await page.goto(app.url + path);
      return page;
    }

    /** A browser in which Jane has signed in. */
    async function visitSignedIn() {
      const page = await visit();
      await signIn(page);
      return page;
    }

    const countChecks = () => app.asked.filter((route) => route === WHO).length;
    return { ...app, complaints, visit, openTab, visitSignedIn, countChecks };
  }

  async function signIn(page, name = JANE) {
    await inPage(page, ({ client }) => client.signIn('bitbucket'));
    await approve(page, name);
    await shows(page, JANE);
  }

  const statuses = (page) => inPage(page, ({ states }) => states.map(({ status }) => status));

  describe('signing in', () => {
    test('leads back to the page, with its query, and shows who it is', async (t) => {
      const { url, visit, complaints } = await start(t);
      const page = await visit(String.raw`/plain?tab=a%20b&q=\d+`);
      await shows(page, 'signed-out');
      await signIn(page);
      assert.equal(page.url(), `${url}/plain?tab=a%20b&q=%5Cd+`);
      const { user, session, areDates } = await inPage(page, ({ client }) => {
        const { user, session } = client.session.get();
        const areDates = user.createdAt instanceof Date && session.expiresAt instanceof Date;
        return { user, session, areDates };
      });
      assert.equal(user.email, 'jane@example.com');
      assert.equal(session.userId, user.id);
      assert.ok(areDates);
      assert.deepEqual(await statuses(page), ['loading', 'signed-in']);
      // The browser says so of every 401, which is how the routes say "nobody".
      const unauthorized = complaints.filter((text) => !text.includes('401 (Unauthorized)'));
      assert.deepEqual(unauthorized, []);
    });

    test('takes where to end, a prompt and a hint', async (t) => {
      const { visit, asked } = await start(t);
      const page = await visit();
      await inPage(page, ({ client }) => {
        client.signIn('bitbucket', {
          redirectTo: '/plain?welcome',
          prompt: 'login',
          loginHint: 'jane+a&b@example.com',
        });
      });
      await approve(page);
      await page.waitForURL('**/plain?welcome');
      const [, query] = asked.find((route) => route.includes('/authorize/')).split('?');
      assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), {
        redirectTo: '/plain?welcome',
        prompt: 'login',
        login_hint: 'jane+a&b@example.com',
      });
    });
  });

  describe('other tabs', () => {
    test('follow a sign-in and a sign-out', async (t) => {
      const { visit, openTab } = await start(t);
      const first = await visit();
      const second = await openTab(first.context());
      await shows(second, 'signed-out');
      await signIn(first);
      await shows(second, JANE);
      await inPage(second, ({ client }) => client.signOut());
      await shows(second, 'signed-out');
      await shows(first, 'signed-out');
      assert.deepEqual(await statuses(first), ['loading', 'signed-in', 'signed-out']);
    });

    test('follow a tab in which nobody has subscribed', async (t) => {
      const { visitSignedIn, openTab } = await start(t);
      const first = await visitSignedIn();
      const second = await openTab(first.context(), '/quiet');
      await inPage(second, ({ createClient }) => createClient().signOut());
      await shows(first, 'signed-out');
    });

    test('follow from one person to another', async (t) => {
      const { visitSignedIn, openTab, url } = await start(t);
      const first = await visitSignedIn();
      const second = await openTab(first.context(), '/quiet');
      await inPage(second, ({ createClient }) => {
        createClient().signIn('bitbucket', { redirectTo: '/plain' });
      });
      await second.getByRole('button', { name: 'Use another account' }).click();
      await approve(second, 'Noor Empty');
      await second.waitForURL(`${url}/plain`);
      await shows(first, 'Noor Empty');
    });

    test('ask again when the process that answers has not heard of it yet', async (t) => {
      const { visitSignedIn, openTab } = await start(t);
      const first = await visitSignedIn();
      const second = await openTab(first.context());
      await shows(second, JANE);
      const json = await second.evaluate(async () => {
        return (await fetch('/api/kavach/auth/session')).json();
      });
      await second.route('**/auth/session', (route) => route.fulfill({ json }), { times: 1 });
      await inPage(first, ({ client }) => client.signOut());
      await shows(second, 'signed-out');
      assert.deepEqual(await statuses(second), ['loading', 'signed-in', 'signed-out']);
    });

    test('ask nothing when they know it already', async (t) => {
      const { visitSignedIn, openTab, countChecks } = await start(t);
      const first = await visitSignedIn();
      const before = countChecks();
      const second = await openTab(first.context());
      await shows(second, JANE);
      await second.waitForTimeout(300);
      assert.equal(countChecks(), before + 1, 'the new tab has asked, the other has not');
    });
  });

  describe('coming back', () => {
    const comeBack = (page) =>
      page.evaluate(() => {
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
        dispatchEvent(new Event('focus'));
      });

    test('shows what has ended meanwhile, and asks once in 5 seconds', async (t) => {
      const { visitSignedIn, kavach, countChecks } = await start(t);
      const page = await visitSignedIn();
      const { id } = await inPage(page, ({ client }) => client.session.get().session);
      await kavach.auth.session.revoke(id);
      const before = countChecks();
      for (let times = 0; times < 20; times += 1) await comeBack(page);
      await shows(page, 'signed-out');
      await page.waitForTimeout(300);
      assert.equal(countChecks(), before + 1);
    });

    test('out of the back/forward cache asks at once', async (t) => {
      const { visitSignedIn } = await start(t);
      const page = await visitSignedIn();
      await page.evaluate(async () => {
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
        await fetch('/api/kavach/auth/sign-out', { method: 'POST' });
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      });
      await page.getByText('signed-out').waitFor({ timeout: 2000 });
    });

    test('and seeing nothing new, gives the same object', async (t) => {
      const { visitSignedIn } = await start(t);
      const page = await visitSignedIn();
      const isSame = await inPage(page, async ({ client }) => {
        const before = client.session.get();
        const signedIn = await client.getSession();
        return client.session.get() === before && signedIn.user.id === before.user.id;
      });
      assert.ok(isSame);
      assert.deepEqual(await statuses(page), ['loading', 'signed-in']);
    });
  });

  describe('asking', () => {
    test('begins with the first subscriber, and is shared', async (t) => {
      const { visit, countChecks } = await start(t);
      const page = await visit('/quiet');
      const before = await inPage(page, (window) => {
        window.client = window.createClient();
        dispatchEvent(new Event('focus'));
        return window.client.session.get().status;
      });
      assert.equal(before, 'loading');
      await page.waitForTimeout(300);
      assert.equal(countChecks(), 0);
      const seen = await inPage(page, async ({ client }) => {
        const seen = [];
        client.session.subscribe(({ status }) => seen.push(status));
        client.session.subscribe(({ status }) => seen.push(status));
        seen.push(await client.getSession(), await client.getSession());
        return seen;
      });
      // Both subscribers, then both answers: the second was asked for after the first had come.
      assert.deepEqual(seen, ['signed-out', 'signed-out', null, null]);
      assert.equal(countChecks(), 2);
    });

    test('ends with the last subscriber', async (t) => {
      const { visitSignedIn, kavach } = await start(t);
      const page = await visitSignedIn();
      const id = await inPage(page, async (window) => {
        const quiet = window.createClient();
        window.quiet = quiet;
        const end = quiet.session.subscribe(() => {});
        const { session } = await quiet.getSession();
        end();
        end();
        return session.id;
      });
      await kavach.auth.session.revoke(id);
      const status = await inPage(page, async ({ client, quiet }) => {
        await client.getSession();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return quiet.session.get().status;
      });
      assert.equal(status, 'signed-in');
    });

    test('a listener that throws keeps nothing from the others', async (t) => {
      const { visit, complaints } = await start(t);
      const page = await visit('/quiet');
      const seen = await inPage(page, async ({ createClient }) => {
        const client = createClient();
        const seen = [];
        client.session.subscribe(() => {
          throw new Error('a slip of the page');
        });
        client.session.subscribe(({ status }) => seen.push(status));
        await client.getSession();
        return seen;
      });
      assert.deepEqual(seen, ['signed-out']);
      assert.ok(complaints.some((text) => text.includes('a slip of the page')), complaints);
    });

    test('an answer from before a sign-out does not sign in again', async (t) => {
      const { visitSignedIn } = await start(t);
      const page = await visitSignedIn();
      const status = await inPage(page, async ({ createClient }) => {
        let arrive;
        const late = new Promise((resolve) => (arrive = resolve));
        const slow = createClient({
          async fetch(url, init) {
            const response = await fetch(url, init);
            if (url.endsWith('/auth/session')) await late;
            return response;
          },
        });
        const answer = slow.getSession();
        await new Promise((resolve) => setTimeout(resolve, 300));
        await slow.signOut();
        arrive();
        await answer;
        return slow.session.get().status;
      });
      assert.equal(status, 'signed-out');
    });
  });

  describe('accounts', () => {
    test('can be linked and unlinked, but for the last', async (t) => {
      const { visitSignedIn, url } = await start(t);
      const page = await visitSignedIn();
      await inPage(page, ({ client }) => client.link('bitbucket', { redirectTo: '/plain?linked' }));
      await page.getByRole('button', { name: 'Use another account' }).click();
      await approve(page, 'Noor Empty');
      await page.waitForURL(`${url}/plain?linked`);
      await shows(page, JANE);
      const left = await inPage(page, async ({ client }) => {
        const [, second] = await client.accounts();
        await client.unlink('bitbucket', { accountId: second.id });
        return client.accounts();
      });
      assert.deepEqual(left.map(({ provider }) => provider), ['bitbucket']);
      assert.equal(await codeOf(page, ({ client }) => client.unlink('bitbucket')), 'last_account');
    });

    test('are linked on the page itself when it says nothing else', async (t) => {
      const { visitSignedIn, url } = await start(t);
      const page = await visitSignedIn();
      await page.goto(`${url}/plain?settings`);
      await inPage(page, ({ client }) => client.link('bitbucket'));
      await page.getByRole('button', { name: 'Grant access' }).click();
      await page.waitForURL(`${url}/plain?settings`);
    });
  });

  describe('devices', () => {
    test('are signed out one by one, and all others at once', async (t) => {
      const { visitSignedIn, openTab } = await start(t);
      const [here, there, third] = [
        await visitSignedIn(), await visitSignedIn(), await visitSignedIn(),
      ];
      const devices = await inPage(here, ({ client }) => client.sessions());
      assert.deepEqual(devices.map(({ current }) => current), [false, false, true]);
      const [, { id }] = devices;
      await inPage(here, ({ client }, id) => client.revoke(id), id);
      assert.equal(await inPage(there, ({ client }) => client.getSession()), null);
      await shows(there, 'signed-out');
      assert.notEqual(await inPage(third, ({ client }) => client.getSession()), null);

      await inPage(here, ({ client }) => client.revokeOthers());
      assert.equal(await inPage(third, ({ client }) => client.getSession()), null);
      await shows(here, JANE);
      await shows(await openTab(here.context()), JANE);
    });

    test('include this one', async (t) => {
      const { visitSignedIn, openTab } = await start(t);
      const page = await visitSignedIn();
      const second = await openTab(page.context());
      await shows(second, JANE);
      await inPage(page, ({ client }) => client.revoke(client.session.get().session.id));
      await shows(page, 'signed-out');
      await shows(second, 'signed-out');
    });

    test('find out by any call that they are signed out', async (t) => {
      const { visitSignedIn, kavach } = await start(t);
      const page = await visitSignedIn();
      const { user } = await inPage(page, ({ client }) => client.session.get());
      await kavach.auth.session.revokeAll(user.id);
      assert.equal(await codeOf(page, ({ client }) => client.accounts()), 'unauthenticated');
      await shows(page, 'signed-out');
    });
  });

  describe('errors', () => {
    test('of a wrong basePath say what was asked, what came, and what to check', async (t) => {
      const { visit } = await start(t);
      const page = await visit('/quiet');
      const { status, error, asked } = await inPage(page, async ({ createClient }) => {
        const client = createClient({ basePath: '/api/auth' });
        client.session.subscribe(() => {});
        const asked = await client.getSession().catch(({ message }) => message);
        const { status, error } = client.session.get();
        return { asked, status, error: { ...error, message: error.message } };
      });
      assert.equal(status, 'error');
      assert.deepEqual([error.code, error.status], ['unreachable', 404]);
      assert.equal(error.message, asked);
      assert.match(asked, /^\/api\/auth\/auth\/session answered 404 \(text\/html.*`basePath`/);
    });

    test('leave what was known, and go away when the server is back', async (t) => {
      const { visitSignedIn } = await start(t);
      const page = await visitSignedIn();
      await page.context().setOffline(true);
      assert.equal(await codeOf(page, ({ client }) => client.getSession()), 'unreachable');
      const known = await inPage(page, ({ client }) => {
        const { status, user, error } = client.session.get();
        return { status, name: user.name, code: error.code, httpStatus: error.status };
      });
      assert.deepEqual(
        known,
        { status: 'signed-in', name: JANE, code: 'unreachable', httpStatus: 0 },
      );
      await page.context().setOffline(false);
      await inPage(page, ({ client }) => client.getSession());
      assert.equal(await inPage(page, ({ client }) => client.session.get().error), null);
      assert.deepEqual(await statuses(page), ['loading', 'signed-in', 'signed-in', 'signed-in']);
    });
  });

  describe('React', () => {
    test('takes over what the server has drawn, and follows', async (t) => {
      const { url, visit, openTab, complaints, countChecks } = await start(t);
      const drawn = await (await fetch(`${url}/react`)).text();
      assert.match(drawn, /<p>One moment…<\/p>/);

      const page = await visit('/react');
      await page.getByRole('button', { name: 'Sign in with Bitbucket' }).click();
      assert.equal(countChecks(), 1);
      await approve(page);
      await shows(page, 'Hello, Jane Example');
      assert.equal(page.url(), `${url}/react`);

      const second = await openTab(page.context());
      await shows(second, JANE);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in with Bitbucket' }).waitFor();
      await shows(second, 'signed-out');
      // The browser says so of every 401, which is how the routes say "nobody".
      const others = complaints.filter((text) => !text.includes('401 (Unauthorized)'));
      assert.deepEqual(others, []);
    });

    test('shows why nothing is known', async (t) => {
      const { visit, url } = await start(t);
      const page = await visit('/quiet');
      await page.route('**/auth/session', (route) => route.abort());
      await page.goto(`${url}/react`);
      await page.getByRole('alert').getByText('/api/kavach/auth/session gave no answer').waitFor();
    });
  });
});

/** The code of the error that a call in the page ends with. */
function codeOf(page, call) {
  return page.evaluate(`(${call})(window).then(() => 'no error', ({ code }) => code)`);
}
