// What the session cache takes of the process's memory.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startCached } from './support/cache-app.js';
import { isAtHand, warm } from './support/cache-checks.js';
import { withoutSql } from './support/cache-sql.js';
import { databases } from './support/database-matrix.js';

const SESSIONS = 100_000;
const AT_ONCE = 500;

const database = databases().find(({ name }) => name === 'sqlite-file');

test('100,000 sessions take about 1 KiB each', { skip: withoutSql(database) }, async (t) => {
  const world = await startCached((close) => t.after(close), database);
  const kavach = await world.open({ cache: { maxEntries: SESSIONS } });
  const tokens = await world.signInOften(await world.newUser(), SESSIONS);
  const { validate } = kavach.auth.session;
  await warm(kavach, tokens[0]);

  const before = outsideOfJavaScript();
  for (let i = 0; i < SESSIONS; i += AT_ONCE) {
    const found = await Promise.all(tokens.slice(i, i + AT_ONCE).map((token) => validate(token)));
    assert.ok(found.every(Boolean));
  }
  const each = (outsideOfJavaScript() - before) / SESSIONS;
  t.diagnostic(`${Math.round(each)} bytes each`);
  assert.ok(each < 1536, `${each} bytes each`);

  for (const token of tokens.slice(-1000)) assert.ok(await isAtHand(validate(token)));
});

function outsideOfJavaScript() {
  const { rss, heapTotal, external } = process.memoryUsage();
  return rss - heapTotal - external;
}
