// A real browser at the pages of a real OpenID provider, on another site than the application.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { executablePath, launch } from './support/browser.js';
import { ID, serveOpenId } from './support/openid-app.js';

const isOptional = process.env.KAVACH_REQUIRE_ALL !== '1';
const skip = !executablePath && isOptional && 'there is no Chromium; set CHROMIUM_PATH';

describe('an OpenID provider in a browser', { skip }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(t) {
    const context = await browser.newContext({ locale: 'en-GB' });
    t.after(() => context.close());
    context.setDefaultTimeout(10_000);
    // The provider's pages would fetch a font.
    await context.route(/^https:/, (route) => route.abort());
    return context.newPage();
  }

  /** Signs in on the provider's own pages. */
  async function approve(page, login) {
    await page.getByPlaceholder('Enter any login').fill(login);
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
  }

  async function signIn(page, { base }, id, login = 'jane') {
    await page.goto(`${base}/auth/oauth/authorize/${id}?redirectTo=/home`);
    await approve(page, login);
    await page.waitForURL('**/home');
  }

  const session = (page) => page.evaluate(async () => {
    const response = await fetch('/api/kavach/auth/session');
    return response.ok ? response.json() : null;
  });

  for (const responseMode of ['query', 'form_post']) {
    test(`signs in with ${responseMode}`, async (t) => {
      const app = await serveOpenId(t, { provider: { responseMode } });
      const page = await open(t);
      await signIn(page, app, ID);
      assert.equal(page.url(), `${app.url}/home`);
      assert.equal((await session(page)).user.email, 'jane@example.com');
      const cookies = await page.context().cookies(app.url);
      assert.deepEqual(
        cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
        [{ name: 'kavach_session', httpOnly: true, sameSite: 'Lax' }],
      );
    });

    test(`links with ${responseMode} to whoever is signed in`, async (t) => {
      const app = await serveOpenId(t, { provider: { responseMode }, spare: true });
      const page = await open(t);
      await signIn(page, app, 'spare');
      const { user } = await session(page);
      await page.evaluate(async (provider) => {
        const response = await fetch('/api/kavach/auth/oauth/link', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ provider, redirectTo: '/linked' }),
        });
        const { url } = await response.json();
        window.location.assign(url);
      }, ID);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.waitForURL('**/linked');
      assert.equal((await session(page)).user.id, user.id);
      const accounts = await app.kavach.auth.getOAuthConnections(user.id);
      assert.deepEqual(accounts.map(({ provider }) => provider), ['spare', ID]);
    });
  }

  test('signs out at the provider, too', async (t) => {
    const app = await serveOpenId(t);
    const page = await open(t);
    await signIn(page, app, ID);
    await page.evaluate(async (provider) => {
      const response = await fetch('/api/kavach/auth/sign-out', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ provider, redirectTo: '/bye' }),
      });
      const { url } = await response.json();
      window.location.assign(url);
    }, ID);
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.waitForURL(/\/bye(\?|$)/);
    assert.equal(await session(page), null);
    await page.goto(`${app.base}/auth/oauth/authorize/${ID}`);
    await page.getByPlaceholder('Enter any login').waitFor();
  });

  test('shows why it failed when the user cancels', async (t) => {
    const app = await serveOpenId(t, { provider: { responseMode: 'form_post' } });
    const page = await open(t);
    await page.goto(`${app.base}/auth/oauth/authorize/${ID}`);
    await page.getByText('[ Cancel ]').click();
    await page.getByText('access_denied').waitFor();
    assert.equal(new URL(page.url()).origin, app.url);
    assert.deepEqual(await page.context().cookies(app.url), []);
  });
});
