// A real browser, the demo, and what a person does with them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

import { startDemo } from '../../examples/demo/server.js';
import { findChromium } from '../../scripts/environment.js';

export const executablePath = findChromium();

export function launch() {
  assert.ok(executablePath, 'There is no Chromium. Install one, or set CHROMIUM_PATH.');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

/** The demo on random ports and an empty database, until the test is over. */
export async function openDemo(t, browser) {
  const directory = mkdtempSync(join(tmpdir(), 'kavach-demo-'));
  const settings = {
    port: 0,
    database: { provider: 'sqlite', url: join(directory, 'demo.db') },
    secret: 'a secret for tests, longer than 32 characters',
  };
  let demo = await startOnNeighbours(settings);
  const contexts = [];
  t.after(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await demo.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What consoles have shown that they should not: errors, warnings, refusals of the CSP. */
  const complaints = [];

  /** A browser of its own, without cookies, in which the demo is open. */
  async function visit(options) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(10_000);
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(String(error.error())));
    contexts.push(context);
    return openTab(context);
  }

  async function openTab(context) {
    const page = await context.newPage();
    await page.goto(demo.url);
    return page;
  }

  async function restart() {
    await demo.close();
    demo = await startDemo({ ...settings, port: Number(new URL(demo.url).port) });
  }

  return { ...demo, complaints, visit, openTab, restart };
}

/**
 * The stand-in's port must be the one after the demo's, and so the same after a restart: otherwise
 * the addresses of the avatars, which are kept, lead to a port that the page may not load from.
 */
async function startOnNeighbours(settings) {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const demo = await startDemo(settings);
    const [own, standIn] = [demo.url, demo.standIn.url].map((url) => Number(new URL(url).port));
    if (standIn === own + 1) return demo;
    await demo.close();
  }
  return assert.fail('no two neighbouring ports are free');
}

/** From the demo to the provider's consent page. */
export async function goToConsent(page, name = 'Jane Example') {
  await page.getByRole('link', { name: 'Sign in with Bitbucket' }).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: 'Grant access' }).waitFor();
}

export async function signIn(page, name = 'Jane Example') {
  await goToConsent(page, name);
  await page.getByRole('button', { name: 'Grant access' }).click();
  await profile(page, name).waitFor();
}

/** Links a second account, which another user of the provider owns. */
export async function linkAnother(page, name) {
  await page.getByRole('button', { name: 'Link another account' }).click();
  await page.getByRole('button', { name: 'Use another account' }).click();
  await page.getByRole('button', { name }).click();
  await page.getByRole('button', { name: 'Grant access' }).click();
  await page.getByText('The account is linked.').waitFor();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** The title of the demo while nobody is signed in. */
export function welcome(page) {
  return page.getByRole('heading', { level: 1, name: 'Sign in to the demo' });
}

/** The title of the demo while this person is signed in. */
export function profile(page, name = 'Jane Example') {
  return page.getByRole('heading', { level: 1, name });
}

/** The rows of a list of the demo, by its heading. */
export function rows(page, heading) {
  return page.getByRole('region', { name: heading }).getByRole('listitem');
}

/** Waits until there are so many: a page that is still loading has fewer, or the ones from before. */
export async function assertCount(locator, expected) {
  const deadline = Date.now() + 5_000;
  let count = await locator.count();
  while (count !== expected && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    count = await locator.count();
  }
  assert.equal(count, expected);
}

/** Presses Tab until something of this name has the focus, as a person without a mouse would. */
export async function tabTo(page, name) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const { label, outline } = await page.evaluate(focused);
    assert.notEqual(outline, 'none', `the focus on ${label} cannot be seen`);
    if (label.includes(name)) return;
  }
  assert.fail(`no Tab leads to ${name}`);
}

function focused() {
  const { activeElement } = document;
  const { ariaLabel, textContent } = activeElement;
  return {
    label: (ariaLabel ?? textContent).replace(/\s+/g, ' ').trim(),
    outline: activeElement === document.body ? '' : getComputedStyle(activeElement).outlineStyle,
  };
}
