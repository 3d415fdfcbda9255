// What the application's logger hears: enough to run a service by, and never a secret.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { answers, approve } from '../testing/server.js';
import { BASE_URL, CONSUMER, SECRET, rejects, startApp } from './support/app.js';
import { assertErrorPage } from './support/client.js';
import { databases } from './support/database-matrix.js';

const CHILD = fileURLToPath(new URL('./support/app-child.js', import.meta.url));

async function listening(t, options = {}) {
  const lines = [];
  const logger = (level, message, fields) => lines.push({ level, message, fields });
  const app = await startApp(t, { ...options, kavach: { ...options.kavach, logger } });
  /** Lines come when Node gets round to it. */
  const heard = async (wanted) => {
    for (let i = 0; i < 100; i += 1) {
      const line = lines.find(wanted);
      if (line) return line;
      await sleep(10);
    }
    assert.fail(`not among ${JSON.stringify(lines, null, 1)}`);
  };
  return { ...app, lines, heard };
}

for (const database of databases()) {
  describe(`the log on ${database.name}`, { skip: database.skip }, () => {
    test('tells of sign-ins, links and failures, with level, message and fields', async (t) => {
      const { client, bitbucket, heard, lines } = await listening(t, { database });
      await client.signIn('jane');
      const { user } = await client.session();
      const signedIn = await heard(({ fields }) => fields.user_id === user.id);
      assert.equal(signedIn.level, 'info');
      assert.equal(signedIn.fields.provider, 'bitbucket');
      assert.match(signedIn.message, /signed in/i);
      await client.link('kavya');
      await heard(({ message, fields }) => /link/i.test(message) && fields.user_id === user.id);

      bitbucket.fail('user', answers.rateLimited);
      await client.signIn('jane');
      const failed = await heard(({ fields }) => fields.code === 'provider_error');
      assert.equal(failed.level, 'warn');
      assert.match(failed.fields.cause, /429/);
      for (const { level, message, fields } of lines) {
        assert.ok(['error', 'warn', 'info', 'debug', 'trace'].includes(level));
        assert.ok(typeof message === 'string' && message.length > 0);
        for (const value of Object.values(fields)) {
          assert.ok(['string', 'number', 'boolean'].includes(typeof value), JSON.stringify(fields));
        }
      }
    });

    test('holds no secret, whatever went well or wrong', async (t) => {
      const app = await listening(t, { database, bitbucket: { variant: 'announced' } });
      const { client, bitbucket, kavach, lines } = app;
      const secrets = new Set([SECRET, CONSUMER.secret, 'standin-', 'kvs_']);
      const { password } = new URL(app.database.url, 'file:');
      if (password) secrets.add(decodeURIComponent(password));
      const keep = () => {
        for (const value of client.cookies.values()) secrets.add(value);
      };
      const walk = async (user) => {
        const url = new URL(await client.authorize());
        secrets.add(url.searchParams.get('state'));
        keep();
        const back = new URL(await approve(url, { user }));
        secrets.add(back.searchParams.get('code'));
        await client.get(back.href);
        keep();
        return back.href;
      };
      const replay = await walk('jane');
      const { user } = await client.session();
      const { accessToken } = await kavach.auth.getAccessToken(user.id, 'bitbucket');
      secrets.add(accessToken);
      await client.get(replay);
      for (const kind of ['token', 'user', 'emails']) {
        const number = { json: { access_token: 1 } };
        for (const fault of ['html', 'cut', 'huge', answers.invalidClient, number]) {
          bitbucket.fail(kind, fault);
          await walk('jane');
        }
      }
      await client.get('/auth/oauth/callback/bitbucket?state=a&code=standin-code-x');
      await client.post('/auth/oauth/link', '{"provider": "kvs_x"', { origin: 'https://kvs_' });
      await client.getJson('/auth/session', { authorization: `Bearer kvs_${'x'.repeat(43)}` });
      await client.post('/auth/oauth/unlink', { provider: 'bitbucket' });
      await client.post('/auth/sign-out');
      bitbucket.revokeAll('jane');
      await walk('jane');
      for (const { body, headers } of bitbucket.requests) {
        const verifier = new URLSearchParams(body).get('code_verifier');
        if (verifier) secrets.add(verifier);
        if (headers.authorization) secrets.add(headers.authorization.split(' ')[1]);
      }
      await kavach.close();
      await sleep(20);
      assert.ok(lines.length > 10, `${lines.length} lines`);
      const log = JSON.stringify(lines);
      for (const secret of secrets) {
        assert.ok(secret.length > 3);
        assert.ok(!log.includes(secret), `${secret} in ${log}`);
      }
    });

    test('that throws, rejects or hangs does no harm', async (t) => {
      const failures = [];
      const note = (error) => failures.push(error);
      process.on('unhandledRejection', note).on('uncaughtException', note);
      t.after(() => process.off('unhandledRejection', note).off('uncaughtException', note));
      let calls = 0;
      for (const logger of [
        () => { throw new Error('full'); },
        async () => { throw new Error('full'); },
        () => { throw undefined; },
        () => new Promise(() => {}),
        () => new Proxy({}, { get() { throw new Error('full'); } }),
      ]) {
        const counted = (...line) => {
          calls += 1;
          return logger(...line);
        };
        const { client } = await startApp(t, { database, kavach: { logger: counted } });
        const response = await client.signIn('jane');
        assert.equal(response.headers.get('location'), `${BASE_URL}/`);
        assertErrorPage(await client.signIn('team'), 'provider_error');
      }
      await sleep(50);
      assert.ok(calls >= 10, `${calls} calls`);
      assert.deepEqual(failures, []);
    });
  });
}

test('a provider that repeats a secret in its error does not get it into the log', async (t) => {
  const { client, bitbucket, kavach, lines } = await listening(t);
  const url = new URL(await client.authorize());
  const back = new URL(await approve(url, { user: 'jane' }));
  const code = back.searchParams.get('code');
  const description = `The code ${code} of secret ${CONSUMER.secret} is not valid.`;
  bitbucket.fail('token', {
    status: 400, body: { error: 'invalid_grant', error_description: description },
  });
  const response = await client.getJson(back.href);
  const shown = await response.text();
  await kavach.close();
  await sleep(20);
  assert.ok(lines.some(({ fields }) => fields.code === 'provider_error'));
  for (const secret of [code, CONSUMER.secret]) {
    assert.ok(!shown.includes(secret), shown);
    assert.ok(!JSON.stringify(lines).includes(secret), JSON.stringify(lines));
  }
});

test('two instances have a log each', async (t) => {
  const one = await listening(t);
  const two = await listening(t);
  await one.client.signIn('jane');
  await one.heard(({ message }) => /signed in/.test(message));
  assert.ok(two.lines.every(({ message }) => !/signed in/.test(message)));
});

test('a logger does not keep Node alive', async () => {
  const database = { provider: 'sqlite', url: ':memory:' };
  const options = JSON.stringify({ database, close: false, logger: true });
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, 'sign-in', options], {
    timeout: 20_000,
  });
  assert.equal(JSON.parse(stdout).email, 'jane@example.com');
});

test('what is no function is no logger', async (t) => {
  for (const logger of ['x', {}, console, 7, true, []]) {
    const error = await rejects(startApp(t, { kavach: { logger } }), 'config_invalid');
    assert.match(error.message, /`logger`/);
  }
});
