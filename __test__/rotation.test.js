// The secret is rotated while people are signed in: `old`, then `[new, old]`, then `new`. Every
// step is a restart, in a process of its own.

import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { describe, test } from 'node:test';

import { BASE_URL, CONSUMER, isShared, memory, rejects, startApp } from './support/app.js';
import { assertError } from './support/client.js';
import { databases } from './support/database-matrix.js';
import { announce, startWorld } from './support/two-processes-app.js';

const OLD = 'the secret of last year, longer than 32 characters';
const NEW = 'the secret of this year, longer than 32 characters';
const FOREIGN = 'the secret of somebody else, longer than 32 characters';

for (const database of databases().filter(isShared)) {
  describe(`rotation on ${database.name}`, { skip: database.skip }, () => {
    test('keeps sessions, sign-ins on their way, and what is used of the vault', async (t) => {
      const world = await startWorld(t, { database });
      const { start, callback, signIn, rows } = world;
      const vault = vaultOf(world);

      const before = await start({ secret: OLD });
      const jane = await signIn(before, 'jane');
      const kavya = await signIn(before, 'kavya');
      const janesToken = await vault.token(before, jane);
      await vault.token(before, kavya);
      const sealedOld = await vault.rows();
      assert.deepEqual(sealedOld.map(keyIdOf), [keyId(OLD), keyId(OLD)]);
      // Begun now, finished after the restarts.
      const [flow, lateFlow] = [before.browser(), before.browser()];
      const target = callback(await flow.authorize({ redirectTo: '/after' }), 'jane');
      const lateTarget = callback(await lateFlow.authorize(), 'jane');
      const started = await jane.post('/auth/oauth/link', { provider: 'bitbucket' });
      const link = callback((await started.json()).url, 'pages');
      await before.stop();

      const between = await start({ secret: [NEW, OLD] });
      for (const client of [jane, kavya]) assert.ok(await vault.who(between, client));
      assert.deepEqual(await vault.rows(), sealedOld, 'a session alone opens nothing');
      assert.deepEqual(await vault.token(between, jane), janesToken);
      const [janes, kavyas, ...none] = await vault.rows();
      assert.deepEqual(none, []);
      assert.equal(keyIdOf(janes), keyId(NEW));
      assert.notEqual(janes, sealedOld[0]);
      assert.equal(kavyas, sealedOld[1]);
      assert.deepEqual(await vault.token(between, jane), janesToken);
      assert.equal((await vault.rows())[0], janes, 'what is sealed anew is left alone');

      const here = between.browser(flow);
      const landed = await here.getJson(target);
      assert.equal(landed.headers.get('location'), `${BASE_URL}/after`);
      const { user } = await vault.who(between, here);
      assert.equal(user.id, (await vault.who(between, jane)).user.id);
      const linked = await between.browser(jane).getJson(link);
      assert.equal(linked.status, 302, await linked.clone().text());
      assert.equal((await between.call('auth.getOAuthConnections', user.id)).length, 2);
      await between.stop();

      const after = await start({ secret: NEW });
      assert.ok(await vault.who(after, here));
      assert.ok(await works(world, await vault.token(after, here)));
      assert.ok(await vault.who(after, kavya));
      const counts = await rows();
      const unused = await vault.rows();
      const refusal = await codeOf(vault.token(after, kavya));
      assert.deepEqual(refusal, { code: 'reauthorization_required', status: 409 });
      await assertError(await after.browser(lateFlow).getJson(lateTarget), 400, 'state_invalid');
      assert.deepEqual([await rows(), await vault.rows()], [counts, unused], 'nothing was written');

      // Signing in again mends it: the same user, the same account, a new seal.
      const again = await signIn(after, 'kavya');
      const ids = [await vault.who(after, again), await vault.who(after, kavya)];
      assert.equal(ids[0].user.id, ids[1].user.id);
      assert.ok(await works(world, await vault.token(after, again)));
      const { users, oauth_accounts: accounts } = await rows();
      assert.deepEqual([users, accounts], [counts.users, counts.oauth_accounts]);
      assert.deepEqual([...new Set((await vault.rows()).map(keyIdOf))], [keyId(NEW)]);
    });

    test('[8] a foreign secret opens nothing, and harms nothing', async (t) => {
      const world = await startWorld(t, { database });
      const { start, callback, signIn, rows } = world;
      const vault = vaultOf(world);
      const own = await start({ secret: NEW });
      const jane = await signIn(own, 'jane');
      const token = await vault.token(own, jane);
      const flow = own.browser();
      const target = callback(await flow.authorize(), 'jane');
      const before = [await rows(), await vault.rows()];

      for (const secret of [FOREIGN, [FOREIGN, OLD], `${NEW} `, NEW.toUpperCase()]) {
        const foreign = await start({ secret });
        // A session is a random token that the database knows by its hash; no secret is in it.
        assert.ok(await vault.who(foreign, jane));
        const { code } = await codeOf(vault.token(foreign, jane));
        assert.equal(code, 'reauthorization_required');
        await assertError(await foreign.browser(flow).getJson(target), 400, 'state_invalid');
        assert.deepEqual([await rows(), await vault.rows()], before);
        await foreign.end();
      }
      assert.deepEqual(await vault.token(own, jane), token);
      assert.equal((await flow.getJson(target)).status, 302);
    });

    test('a refresh during the rotation is sealed under the new secret', async (t) => {
      const standIn = { variant: 'announced', refreshGrace: 0 };
      const world = await startWorld(t, { database, bitbucket: standIn });
      const { bitbucket, start, signIn } = world;
      const vault = vaultOf(world);
      const before = await start({ secret: OLD });
      announce(bitbucket, 0);
      const jane = await signIn(before, 'jane');
      await before.stop();

      const between = await start({ secret: [NEW, OLD] });
      announce(bitbucket, 7200);
      bitbucket.reset();
      const fresh = await vault.token(between, jane);
      assert.equal(bitbucket.count('token'), 1);
      assert.deepEqual((await vault.rows()).map(keyIdOf), [keyId(NEW)]);
      await between.stop();
      assert.deepEqual(await vault.token(await start({ secret: NEW }), jane), fresh);
    });

    test('one process after the other: those before and those after go together', async (t) => {
      const world = await startWorld(t, { database });
      const { start, callback, signIn } = world;
      const vault = vaultOf(world);
      // First every process learns to open what `NEW` seals, then it comes first.
      const processes = [await start({ secret: [OLD, NEW] }), await start({ secret: [NEW, OLD] })];
      for (const [here, there] of [processes, [processes[1], processes[0]]]) {
        const client = here.browser();
        const target = callback(await client.authorize(), 'jane');
        const other = there.browser(client);
        assert.equal((await other.getJson(target)).status, 302);
        const token = await vault.token(there, other);
        assert.deepEqual(await vault.token(here, other), token);
        assert.deepEqual(await vault.token(there, other), token);
        await signIn(here, 'jane');
        assert.ok(await works(world, await vault.token(there, other)));
      }
    });
  });
}

// Whatever has no database to outlive a restart: the flow is in the cookie.
test('[8] a sign-in outlives a restart as long as the secret that sealed it does', async (t) => {
  const { browser, open, client } = await startApp(t, {
    database: memory, kavach: { secret: OLD }, bitbucket: { autoApprove: true },
  });
  const start = await client.authorize();
  for (const [secret, passes] of [[[NEW, OLD], true], [NEW, false], [FOREIGN, false]]) {
    const restarted = browser(undefined, await open({ kavach: { secret } }));
    restarted.cookies = new Map(client.cookies);
    const back = await fetch(`${start}&stand_in_user=jane`, { redirect: 'manual' });
    const answer = await restarted.getJson(back.headers.get('location'));
    if (!passes) await assertError(answer, 400, 'state_invalid');
    assert.equal((await restarted.session()) !== null, passes);
  }
});

test('a secret that would be worth nothing is refused before anything is opened', async (t) => {
  const { open } = await startApp(t, { database: memory });
  const bad = ['', 'short', [], [''], [NEW, 'short'], [NEW, undefined], undefined, 7, {}];
  for (const secret of bad) {
    const error = await rejects(open({ kavach: { secret } }), 'config_invalid');
    assert.match(error.message, /^`secret/);
    assert.ok(!error.message.includes(NEW));
  }
});

/** The vault, seen from outside: what it gives, and what lies in the database. */
function vaultOf({ query }) {
  const who = async (process, client) => {
    const answer = await process.browser(client).getJson('/auth/session');
    return answer.status === 200 ? answer.json() : null;
  };
  const token = async (process, client) => {
    const { user } = await who(process, client);
    return process.call('auth.getAccessToken', user.id, 'bitbucket');
  };
  const rows = async () => {
    const found = await query('SELECT tokens FROM kavach_oauth_accounts ORDER BY created_at, id');
    return found.map(({ tokens }) => tokens);
  };
  return { who, token, rows };
}

/** Which secret sealed a value, as src/crypto.rs writes it: version (1), key id (4). */
function keyIdOf(sealed) {
  return Buffer.from(sealed, 'base64url').subarray(1, 5).toString('hex');
}

function keyId(secret) {
  return Buffer.from(hkdfSync('sha256', secret, '', 'kavachos v1 key id', 4)).toString('hex');
}

async function codeOf(promise) {
  const error = await promise.then(() => assert.fail('it opened'), (error) => error);
  assert.ok(!JSON.stringify([error.message, error.cause]).includes(CONSUMER.secret));
  return { code: error.code, status: error.status };
}

async function works({ bitbucket }, { accessToken }) {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(bitbucket.endpoints.userInfoUrl, { headers })).ok;
}
