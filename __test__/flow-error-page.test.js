// The page that a browser lands on when a sign-in fails, and the application has none.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { startApp } from './support/app.js';

describe('the error page', () => {
  test('explains each code in HTML, under a strict policy, in one language', async (t) => {
    const { client } = await startApp(t);
    for (const code of ['access_denied', 'state_expired', 'provider_error', 'account_not_linked']) {
      const response = await client.get(`/auth/error?error=${code}`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type'), /^text\/html; charset=utf-8/);
      const policy = response.headers.get('content-security-policy');
      assert.match(policy, /default-src 'none'/);
      assert.ok(!policy.includes('unsafe'));
      const page = await response.text();
      assert.match(page, /<html lang="en">[^]*<title>[^<]+<\/title>[^]*<h1>/);
      assert.ok(page.includes(code));
      assert.ok(!/<script|<form|<img|onload=/.test(page));
    }
  });

  test('shows nothing of what the address says', async (t) => {
    const { client } = await startApp(t);
    const usual = await (await client.get('/auth/error')).text();
    for (const query of [
      'error=%3Cscript%3Ealert(1)%3C%2Fscript%3E', 'error=%22onload=alert(1)', 'error=',
      'error=a&error=b', 'error=access_denied&error_description=evil', 'error=%00', 'error=%FF',
      `error=${'x'.repeat(50_000)}`, 'error=__proto__', 'x=%3Csvg%20onload=alert(1)%3E',
    ]) {
      const response = await client.get(`/auth/error?${query}`);
      assert.equal(response.status, 200);
      const page = await response.text();
      assert.ok(!/script|onload|alert|evil|svg|__proto__/.test(page), page);
      assert.ok(Math.abs(page.length - usual.length) < 200);
    }
  });
});
