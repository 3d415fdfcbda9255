// What plain SQL changes behind the back of the library is known within a second.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { hashOf, newToken, startCached } from './support/cache-app.js';
import { STALENESS, WAYS, changes, ends, now, warm, watched } from './support/cache-checks.js';
import { withoutSql } from './support/cache-sql.js';
import { databases } from './support/database-matrix.js';

for (const database of databases().filter(({ name }) => name !== 'sqlite-memory')) {
  const isPostgres = database.name === 'postgres';
  const isMaria = database.name === 'mysql';
  describe(`what plain SQL changes on ${database.name}`, { skip: withoutSql(database) }, () => {
    let world;
    let kavach;
    let sql;
    let signIn;
    const ending = [];
    after(() => Promise.all(ending.map((end) => end())));
    before(async () => {
      world = await startCached((end) => ending.push(end), database);
      ({ sql, signIn } = world);
      kavach = await world.open();
    });

    /** A session that is remembered. */
    async function remembered(user) {
      const session = await signIn(kavach, user);
      await warm(kavach, session.token);
      return session;
    }

    const ENDS = {
      'a session is deleted': ({ id }) => ['DELETE FROM kavach_sessions WHERE id = ?', id],
      'its user is deleted': ({ user }) => ['DELETE FROM kavach_users WHERE id = ?', user],
      'all sessions are deleted': () => ['DELETE FROM kavach_sessions'],
      'its user is kept out': ({ user }) =>
        ['UPDATE kavach_users SET disabled_until = ? WHERE id = ?', 1e13, user],
      'everybody is kept out': () => ['UPDATE kavach_users SET disabled_until = ?', 1e13],
      'it has expired': ({ id }) =>
        ['UPDATE kavach_sessions SET expires_at = ? WHERE id = ?', Date.now() - 1, id],
      'its token is another': ({ id }) =>
        ['UPDATE kavach_sessions SET token_hash = ? WHERE id = ?', hashOf(newToken()), id],
      ...(isPostgres && {
        'its table is truncated': () => ['TRUNCATE kavach_sessions'],
        'the table of users is truncated': () => ['TRUNCATE kavach_users CASCADE'],
        'it is deleted on the side': ({ id }) => [
          'WITH gone AS (DELETE FROM kavach_sessions WHERE id = ? RETURNING 1) SELECT 1', id,
        ],
      }),
      ...(!isPostgres && {
        'it is replaced': ({ id, user }) => [
          `REPLACE INTO kavach_sessions
            (token_hash, id, user_id, created_at, extended_at, expires_at)
          VALUES (?, ?, ?, 1, 1, ?)`, hashOf(newToken()), id, user, 1e13,
        ],
      }),
    };
    for (const [what, statement] of Object.entries(ENDS)) {
      test(`ends within a second: ${what}`, async () => {
        const session = await remembered();
        const [text, ...params] = statement(session);
        await sql(text, params);
        await ends(kavach, session, now());
        for (const way of WAYS) assert.equal(await way(kavach, session.token), null);
      });
    }

    test('shows within a second: what is known of user and session', async () => {
      const session = await remembered();
      const other = await world.newUser();
      for (const [table, column, value, shown] of [
        ['users', 'name', 'Janet', ({ user }) => user.name],
        ['users', 'name', null, ({ user }) => user.name],
        ['users', 'email', 'janet@example.com', ({ user }) => user.email],
        ['users', 'image', 'https://example.com/j.png', ({ user }) => user.image],
        ['users', 'extra', '{"a":1}', ({ user }) => user.extra && JSON.stringify(user.extra)],
        ['sessions', 'metadata', '{"b":2}', ({ session }) => JSON.stringify(session.metadata)],
        ['sessions', 'ip_address', '192.0.2.1', ({ session }) => session.ipAddress],
        ['sessions', 'user_agent', 'Test/2', ({ session }) => session.userAgent],
        ['sessions', 'expires_at', Date.now() + 1e8, ({ session }) => session.expiresAt.getTime()],
        ['sessions', 'user_id', other, ({ user }) => user.id],
      ]) {
        await warm(kavach, session.token);
        const id = table === 'users' ? session.user : session.id;
        await sql(`UPDATE kavach_${table} SET ${column} = ? WHERE id = ?`, [value, id]);
        await changes(kavach, session, now(), (found) => shown(found) === value);
      }
    });

    // PostgreSQL knows no REPLACE.
    const onOthers = isPostgres ? () => {} : test;

    onOthers('shows within a second: a user who is replaced', async () => {
      const session = await remembered();
      await sql('UPDATE kavach_users SET name = ? WHERE id = ?', ['Old', session.user]);
      await changes(kavach, session, now(), ({ user }) => user.name === 'Old');
      await warm(kavach, session.token);
      await sql(
        `INSERT INTO kavach_users (id, email_verified, name, created_at, updated_at)
        VALUES (?, 1, 'New', 1, 1)
        ${isMaria ? 'ON DUPLICATE KEY UPDATE' : 'ON CONFLICT (id) DO UPDATE SET'} name = 'New'`,
        [session.user],
      );
      await changes(kavach, session, now(), ({ user }) => user.name === 'New');
    });

    test('ends nothing when it is rolled back', async () => {
      const session = await remembered();
      const other = await world.connect();
      await other('BEGIN');
      await other('DELETE FROM kavach_sessions WHERE id = ?', [session.id]);
      await other('ROLLBACK');
      await sleep(STALENESS / 2);
      assert.equal((await warm(kavach, session.token)).session.id, session.id);
    });

    test('ends within a second when it ends thousands at once', async () => {
      const user = await world.newUser();
      const tokens = await world.signInOften(user, 4500);
      const some = tokens.filter((_, i) => i % 90 === 0).map((token) => ({ token }));
      await warm(kavach, some[0].token);
      for (const { token } of some) assert.ok(await kavach.auth.session.validate(token));
      await sql('DELETE FROM kavach_sessions WHERE user_id = ?', [user]);
      const changed = now();
      await Promise.all(some.map((session) => ends(kavach, session, changed)));
      await remembered();
    });

    test('expires on time', async () => {
      const session = await remembered();
      const moment = Date.now() + 1500;
      await sql('UPDATE kavach_sessions SET expires_at = ? WHERE id = ?', [moment, session.id]);
      const shown = ({ session }) => session.expiresAt.getTime() === moment;
      await changes(kavach, session, now(), shown);
      await warm(kavach, session.token);
      let fromMemory = 0;
      for (let isOver = false; !isOver; await sleep(1)) {
        const before = Date.now();
        const check = await watched(kavach.auth.session.validate(session.token));
        isOver = before >= moment;
        if (isOver) assert.equal(check.value, null);
        else if (Date.now() < moment) assert.ok(check.value);
        fromMemory += check.fromMemory;
      }
      assert.ok(fromMemory > 0);
    });
  });
}
