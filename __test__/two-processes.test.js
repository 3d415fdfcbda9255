// Two processes of an application on one database: whatever must happen once happens once, and what
// ends in one has ended in the other.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { BASE_URL } from './support/app-config.js';
import { assertError, setCookies } from './support/client.js';
import { databases } from './support/database-matrix.js';
import { announce, atOnce, startWorld } from './support/two-processes-app.js';

const ROUNDS = 50;

/** Two processes, the first of which has made the tables. */
async function two(t, options) {
  const world = await startWorld(t, options);
  const processes = [await world.start(), await world.start()];
  return { ...world, processes };
}

/** Accounts that nobody has seen: `email` gives the addresses of the account with this number. */
function strangers(count, email) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `stranger-${i}`,
      {
        display_name: `Stranger ${i}`,
        uuid: `{00000000-0000-4000-9000-${String(i).padStart(12, '0')}}`,
        emails: email(i),
      },
    ]),
  );
}

const confirmed = (email) => [{ email, is_primary: true, is_confirmed: true }];

/** Who a browser is, by the word of one process. */
async function whoIs(process, client) {
  const answer = await process.browser(client).getJson('/auth/session');
  return answer.status === 200 ? answer.json() : answer.status;
}

// Much of it is waiting.
describe('two processes', { concurrency: 3 }, () => {
  for (const database of databases().filter(({ canQuery }) => canQuery)) {
    describe(`on ${database.name}`, { skip: database.skip, concurrency: 1 }, () => {
      test('[5] of equal callbacks at once one signs in, with one code exchange', async (t) => {
        const { processes, bitbucket, callback, rows } = await two(t, { database });
        for (let round = 0; round < ROUNDS; round += 1) {
          const count = round === 0 ? 50 : 8;
          const browser = processes[round % 2].browser();
          const target = callback(await browser.authorize({ redirectTo: '/in' }), 'jane');
          bitbucket.reset();
          const answers = await atOnce(processes, count, (process) =>
            process.browser(browser).getJson(target),
          );

          const won = answers.filter(({ status }) => status === 302);
          assert.equal(won.length, 1, answers.map(({ status }) => status).join());
          assert.equal(won[0].headers.get('location'), `${BASE_URL}/in`);
          const [token, ...others] = answers.flatMap(sessionsSetBy);
          assert.ok(token);
          assert.deepEqual(others, []);
          for (const lost of answers.filter((answer) => answer !== won[0])) {
            await assertError(lost, 400, 'state_reused');
          }
          assert.equal(bitbucket.count('token'), 1);
          assert.equal(bitbucket.count('user'), 1);
          // The one session works in both, and there is no other new one.
          const header = { authorization: `Bearer ${token}` };
          for (const process of processes) {
            const { user } = await process.call('auth.getSession', header);
            assert.equal(user.email, 'jane@example.com');
            const sessions = await process.call('auth.session.list', user.id);
            assert.equal(sessions.length, round + 1);
          }
        }
        assert.deepEqual(await rows(), {
          users: 1, oauth_accounts: 1, sessions: ROUNDS, oauth_states: ROUNDS,
        });
      });

      for (const [kind, email] of [
        ['with a confirmed address', (i) => confirmed(`stranger-${i}@example.com`)],
        ['without an address', () => []],
      ]) {
        test(`[36] first sign-ins at once of an account ${kind} make one user`, async (t) => {
          const users = strangers(ROUNDS, email);
          const { processes, callback, rows } = await two(t, { database, bitbucket: { users } });
          let sessions = 0;
          for (let round = 0; round < ROUNDS; round += 1) {
            // Two as a rule, and now and then a crowd.
            const count = round % 10 === 0 ? 10 : 2;
            const browsers = processes.flatMap((process) =>
              Array.from({ length: count / 2 }, () => process.browser()),
            );
            const targets = await Promise.all(
              browsers.map(async (one) => callback(await one.authorize(), `stranger-${round}`)),
            );
            const answers = await Promise.all(browsers.map((one, i) => one.getJson(targets[i])));
            for (const answer of answers) {
              assert.equal(answer.status, 302, await answer.clone().text());
              assert.equal(answer.headers.get('location'), `${BASE_URL}/`);
            }
            sessions += count;
            const seen = await Promise.all(
              browsers.map((one, i) => whoIs(processes[i % 2], one)),
            );
            assert.equal(new Set(seen.map(({ user }) => user.id)).size, 1);
            assert.equal(new Set(seen.map(({ session }) => session.id)).size, count);
          }
          assert.deepEqual(await rows(), {
            users: ROUNDS, oauth_accounts: ROUNDS, sessions, oauth_states: sessions,
          });
        });
      }

      test('[36] first sign-ins at once with one address make one user', async (t) => {
        const users = strangers(2 * ROUNDS, (i) => confirmed(`pair-${i >> 1}@example.com`));
        const { processes, callback, rows } = await two(t, { database, bitbucket: { users } });
        for (let round = 0; round < ROUNDS; round += 1) {
          const browsers = processes.map((process) => process.browser());
          const answers = await Promise.all(
            browsers.map(async (one, i) =>
              one.getJson(callback(await one.authorize(), `stranger-${2 * round + i}`)),
            ),
          );
          for (const answer of answers) assert.equal(answer.status, 302, await answer.text());
          const seen = await Promise.all(browsers.map((one, i) => whoIs(processes[i], one)));
          assert.equal(seen[0].user.id, seen[1].user.id);
        }
        const both = 2 * ROUNDS;
        assert.deepEqual(await rows(), {
          users: ROUNDS, oauth_accounts: both, sessions: both, oauth_states: both,
        });
      });

      test('[38] what ends a session in one process ends it in the other at once', async (t) => {
        const { processes, signIn } = await two(t, { database });
        const revokeByHttp = async (here, { session }, client) => {
          const body = { id: session.id };
          const answer = await here.browser(client).post('/auth/sessions/revoke', body);
          assert.equal(answer.status, 200);
        };
        const signOut = async (here, _, client) => {
          assert.equal((await here.browser(client).post('/auth/sign-out')).status, 200);
        };
        const ends = [
          ['revoked', (here, { session }) => here.call('auth.session.revoke', session.id)],
          ['all revoked', (here, { user }) => here.call('auth.session.revokeAll', user.id)],
          ['revoked by HTTP', revokeByHttp],
          ['signed out', signOut],
          ['user deleted', (here, { user }) => here.call('users.delete', user.id)],
          ['user disabled', (here, { user }) => here.call('users.disable', user.id)],
        ];
        for (let round = 0; round < ROUNDS; round += 1) {
          const [here, there] = [processes[round % 2], processes[(round + 1) % 2]];
          const [name, end] = ends[round % ends.length];
          const client = await signIn(here, 'jane');
          const who = await whoIs(there, client);
          assert.equal(who.user.email, 'jane@example.com', name);

          await end(here, who, client);
          const { token } = client;
          const [answer, seen, validated, others] = await Promise.all([
            there.browser(client).getJson('/auth/session'),
            there.call('auth.getSession', { authorization: `Bearer ${token}` }),
            there.call('auth.session.validate', token),
            there.call('auth.session.list', who.user.id),
          ]);
          await assertError(answer, 401, 'unauthenticated');
          assert.deepEqual([seen, validated, others], [null, null, []], name);
          await assertError(
            await there.browser(client).post('/auth/oauth/link', { provider: 'bitbucket' }),
            401, 'unauthenticated',
          );
          if (name !== 'user disabled') continue;
          await assertError(await whileOut(there, signIn), 403, 'user_disabled');
          await here.call('users.enable', who.user.id);
          // What had ended stays so.
          assert.equal(await whoIs(there, client), 401);
        }
      });

      for (const [what, method, refusal] of [
        ['kept out', 'users.disable', 'user_disabled'],
        ['deleted', 'users.delete', 'user_not_found'],
      ]) {
        test(`[38] a session made while its user is ${what} never comes alive`, async (t) => {
          const { processes, callback, signIn } = await two(t, { database });
          const [here, there] = processes;
          for (let round = 0; round < ROUNDS; round += 1) {
            const { user } = await whoIs(here, await signIn(here, 'jane'));
            const browsers = Array.from({ length: 4 }, () => there.browser());
            const targets = await Promise.all(
              browsers.map(async (one) => callback(await one.authorize(), 'jane')),
            );
            const created = Array.from({ length: 8 }, () =>
              there.call('auth.session.create', user.id).catch((error) => error),
            );
            const walks = browsers.map((one, i) => one.getJson(targets[i]));
            await sleep(round % 6);
            assert.equal(await here.call(method, user.id), true);

            for (const answer of await Promise.all(walks)) {
              // After a deletion it makes a new user.
              const isIn = what === 'deleted' || answer.status === 302;
              if (isIn) assert.equal(answer.status, 302, await answer.text());
              else await assertError(answer, 403, refusal);
            }
            const results = await Promise.all(created);
            for (const { code } of results.filter((result) => result instanceof Error)) {
              assert.equal(code, refusal);
            }
            await here.call('users.enable', user.id);
            assert.deepEqual(await here.call('auth.session.list', user.id), [], `round ${round}`);
            for (const { token } of results.filter(({ token }) => token)) {
              assert.equal(await here.call('auth.session.validate', token), null);
            }
            for (const one of browsers) {
              // Whoever came after a deletion is somebody new.
              const who = await whoIs(here, one);
              assert.ok(who === 401 || (who.user.id !== user.id && what === 'deleted'));
            }
          }
        });
      }

      test('[38] whatever asks when a session ends gets no answer from before', async (t) => {
        const { processes, signIn } = await two(t, { database });
        const [here, there] = processes;
        for (let round = 0; round < ROUNDS; round += 1) {
          const client = await signIn(here, 'jane');
          const { session } = await whoIs(here, client);
          const asked = [];
          let hasEnded = false;
          const storm = (async () => {
            for (let last = false; !last; ) {
              last = hasEnded;
              const after = hasEnded;
              const found = await there.call('auth.session.validate', client.token);
              asked.push([after, found]);
            }
          })();
          assert.equal(await here.call('auth.session.revoke', session.id), true);
          hasEnded = true;
          await storm;
          const late = asked.filter(([after]) => after);
          assert.ok(late.length > 0);
          for (const [, found] of late) assert.equal(found, null);
        }
      });

      test('tokens that are due are refreshed once, whoever asks', async (t) => {
        const { processes, bitbucket, signIn } = await two(t, {
          database, bitbucket: { variant: 'announced', refreshGrace: 0 },
        });
        const browser = processes[0].browser();
        for (let round = 0; round < ROUNDS; round += 1) {
          announce(bitbucket, 0);
          await signIn(processes[round % 2], 'jane', browser);
          const { user } = await whoIs(processes[0], browser);
          announce(bitbucket, 7200);
          bitbucket.reset();
          const count = round === 0 ? 50 : 8;
          const tokens = await atOnce(processes, count, (process) =>
            process.call('auth.getAccessToken', user.id, 'bitbucket'),
          );
          assert.equal(bitbucket.count('token'), 1, `round ${round}`);
          const [{ accessToken }] = tokens;
          assert.ok(tokens.every((one) => one.accessToken === accessToken));
          const headers = { authorization: `Bearer ${accessToken}` };
          const profile = await fetch(bitbucket.endpoints.userInfoUrl, { headers });
          assert.equal(profile.status, 200);
        }
      });
    });
  }
});

/** The answer to a sign-in of somebody who is kept out. */
async function whileOut(process, signIn) {
  const client = process.browser();
  let answer;
  const { getJson } = client;
  client.getJson = async (...args) => {
    answer = await getJson.apply(client, args);
    return answer.clone();
  };
  await assert.rejects(signIn(process, 'jane', client));
  return answer;
}

function sessionsSetBy(answer) {
  return setCookies(answer)
    .filter(({ name, value }) => name.endsWith('kavach_session') && value !== '')
    .map(({ value }) => value);
}
