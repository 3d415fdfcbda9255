// docs/migrating/README.md: the rows that a sign-in needs, whoever wrote them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { page } from './support/docs.js';
import {
  assertComesBack, atEnd, copied, makeTables, openKavach,
} from './support/migrating-checks.js';
import { freshDatabase, lasting, runScript } from './support/migrating-databases.js';

const { blocks } = page('docs/migrating/README.md');
const ROWS = blocks.find(({ file }) => file === 'anywhere.sql').text;
const CREATED = new Date('2025-01-01T00:00:00Z');

for (const database of lasting) {
  const on = `on ${database.name}`;
  const { skip } = database;

  test(`rows of one's own are users who can sign in ${on}`, { skip }, async (t) => {
    const app = await start(t, database, ROWS);
    const { connection } = await assertComesBack(app, 'jane', {
      id: '42', email: 'jane@example.com', emailVerified: true, name: 'Jane Example',
      image: 'https://example.com/jane.png', createdAt: CREATED, updatedAt: CREATED,
    });
    assert.equal(connection.id, '42-bitbucket');
    assert.deepEqual(connection.createdAt, CREATED);
    assert.equal(await app.kavach.users.delete('42'), true);
    assert.deepEqual(await app.kavach.auth.getOAuthConnections('42'), []);
  });

  test(`a user without an account comes by the address ${on}`, { skip }, async (t) => {
    const [user] = ROWS.split('\n\n');
    const app = await start(t, database, user);
    await assertComesBack(app, 'jane', { id: '42', email: 'jane@example.com' });
  });

  test(`an address that nobody verified lets nobody in ${on}`, { skip }, async (t) => {
    const [user] = ROWS.split('\n\n');
    const app = await start(t, database, user.replace('TRUE', 'FALSE'));
    const refused = await app.browser().signIn('jane');
    assert.match(refused.headers.get('location'), /error=account_not_linked$/);
    await app.close();
    assert.equal((await copied(app.database)).accounts.length, 0);
  });
}

/** kavachos on a database that holds these rows. */
async function start(t, database, rows) {
  const { options, drop } = await freshDatabase(database);
  atEnd(t, drop);
  await makeTables(t, options);
  await runScript(options, rows);
  return { ...(await openKavach(t, options)), database: options };
}
