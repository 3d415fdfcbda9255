// What lifecycle.test.js runs in processes and threads of their own:
//
//     node app-child.js <task> <options as JSON>
//
// It prints one line of JSON and ends when nothing is left to do: it never calls `process.exit`.

import { startBitbucket, approve } from '../../testing/server.js';
import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';
import { Client } from './client.js';

const TASKS = { open, 'sign-in': signIn, memory };
const [task, json] = process.argv.slice(2);
console.log(JSON.stringify(await TASKS[task](JSON.parse(json))));

async function open({ database }) {
  const kavach = await createKavach({ database, secret: SECRET, baseUrl: BASE_URL });
  await kavach.users.findByEmail('a@b.c');
  await kavach.close();
  return { opened: true };
}

async function signIn({ database, close, logger }) {
  const { kavach, bitbucket, client } = await start(database, logger ? { logger: () => {} } : {});
  await client.get(await approve(await client.authorize(), { user: 'jane' }));
  const { user } = await client.session();
  await bitbucket.close();
  if (close) await kavach.close();
  return { email: user.email };
}

async function memory({ rounds }) {
  const { kavach, bitbucket, client } = await start({ provider: 'sqlite', url: ':memory:' });
  const grant = { consumer: CONSUMER.key, user: 'jane', scopes: ['account', 'email'] };
  const many = async (count) => {
    for (let i = 0; i < count; i += 1) {
      const { searchParams } = new URL(await client.authorize());
      const code = bitbucket.grants.issueCode(grant, CONSUMER.callbackUrl);
      const query = new URLSearchParams({ code, state: searchParams.get('state') });
      await client.get(`/auth/oauth/callback/bitbucket?${query}`);
      await client.session();
    }
    bitbucket.reset();
    globalThis.gc();
    return process.memoryUsage().rss;
  };
  await many(rounds);
  const before = await many(50);
  const after = await many(rounds);
  await bitbucket.close();
  await kavach.close();
  return { before, after };
}

async function start(database, options) {
  const bitbucket = await startBitbucket({ consumer: CONSUMER });
  const provider = bitbucketProvider(CONSUMER.key, CONSUMER.secret, bitbucket.endpoints);
  const plugins = [oauth({ providers: [provider] })];
  const kavach = await createKavach({
    database, secret: SECRET, baseUrl: BASE_URL, plugins, ...options,
  });
  const client = new Client(kavach.handler, { base: `${BASE_URL}/api/kavach` });
  return { kavach, bitbucket, client };
}
