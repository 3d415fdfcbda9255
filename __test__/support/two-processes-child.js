// An application in a process of its own:
//
//     node two-processes-child.js <options as JSON>
//
// It serves HTTP on a loopback port and answers messages `{ id, method, args }`, where `method` is
// a path into the instance such as `users.disable`. `close` ends it.

import { createServer } from 'node:http';

import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { toNodeHandler } from '../../node.js';
import { BASE_URL, CONSUMER } from './app-config.js';

const { database, secret, endpoints } = JSON.parse(process.argv[2]);
const provider = bitbucketProvider(CONSUMER.key, CONSUMER.secret, endpoints);
const kavach = await createKavach({
  database,
  secret,
  baseUrl: BASE_URL,
  // All requests of a test come from one address.
  rateLimit: { enabled: false },
  // What others change is known at once only by asking; cache-processes.test.js is about the cache.
  auth: { session: { cache: { enabled: false } } },
  plugins: [oauth({ providers: [provider] })],
});
const server = createServer(toNodeHandler(kavach));

process.on('message', async ({ id, method, args }) => {
  try {
    const call = method.split('.').reduce((object, name) => object[name], kavach);
    const value = await call(...args);
    // Nobody else may keep the process.
    if (method === 'close') server.close().closeAllConnections();
    process.send({ id, value });
    if (method === 'close') process.disconnect();
  } catch (error) {
    const { code, status, message, cause } = error;
    process.send({ id, error: { code, status, message, cause: String(cause) } });
  }
});
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
