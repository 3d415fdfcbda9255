// The part of accessibility that a program can check: names, structure and contrast (WCAG 2.2 AA).

import assert from 'node:assert/strict';

/** Asserts it in light and in dark, wide and as narrow as a small phone. */
export async function assertAccessible(page) {
  // A page that is still loading has no title yet.
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    assert.deepEqual(await page.evaluate(problems), [], `${colorScheme}, ${page.url()}`);
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 320, `${page.url()} is ${width} wide`);
  await page.setViewportSize(size);
}

// Runs in the page.
function problems() {
  const found = [];
  const expect = (condition, text) => condition || found.push(text);
  const all = (selector) =>
    [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());

  expect(document.documentElement.lang === 'en', 'no language');
  expect(document.title.trim(), 'no title');
  expect(all('h1').length === 1, `${all('h1').length} visible h1`);
  expect(all('main').length === 1, 'no main');
  const ids = all('[id]').map(({ id }) => id);
  expect(new Set(ids).size === ids.length, 'an id is there twice');
  for (const region of all('[aria-labelledby]')) {
    const label = document.getElementById(region.getAttribute('aria-labelledby'));
    expect(label?.textContent.trim(), `nothing labels ${region.className}`);
  }
  for (const image of all('img')) expect(image.hasAttribute('alt'), `${image.src} has no alt`);
  for (const control of all('a, button, input')) {
    const { ariaLabel, textContent } = control;
    expect((ariaLabel ?? textContent).trim(), `${control.outerHTML} has no name`);
    // Who speaks to the computer says what they see.
    const words = textContent.trim().replace(/\s+/g, ' ').toLowerCase();
    expect((ariaLabel ?? words).toLowerCase().includes(words), `${words} is called ${ariaLabel}`);
    // Links within text are as high as the text.
    const { width, height } = control.getBoundingClientRect();
    const isTarget = control.localName !== 'a' || control.matches('.button');
    expect(!isTarget || (width >= 24 && height >= 24), `${words} is too small a target`);
  }
  for (const element of all('body *')) {
    const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!text || element.closest('svg, style, script, noscript')) continue;
    const ratio = contrast(element);
    expect(ratio >= 4.5, `${element.textContent.trim()}: contrast ${ratio.toFixed(2)}`);
  }
  return found;

  function contrast(element) {
    const ground = groundOf(element);
    const opacity = opacityOf(element);
    const text = rgba(getComputedStyle(element).color).slice(0, 3);
    const mixed = text.map((value, i) => value * opacity + ground[i] * (1 - opacity));
    const [light, dark] = [luminance(mixed), luminance(ground)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }

  function groundOf(element) {
    // A page without a colour of its own shows the browser's.
    if (!element) {
      return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
    }
    const colour = rgba(getComputedStyle(element).backgroundColor);
    return (colour[3] ?? 1) === 1 ? colour : groundOf(element.parentElement);
  }

  function opacityOf(element) {
    if (!element) return 1;
    return Number(getComputedStyle(element).opacity) * opacityOf(element.parentElement);
  }

  function rgba(colour) {
    return colour.match(/[\d.]+/g).map(Number);
  }

  function luminance(channels) {
    const [r, g, b] = channels.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
