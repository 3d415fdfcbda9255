// A worker of node:cluster: see startCluster of runtime-cluster.js. It shares its port with the
// others, and each connection carries one request, so that they take turns.

import cluster from 'node:cluster';
import { createServer } from 'node:http';

import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { toNodeHandler } from '../../node.js';
import { BASE_URL, CONSUMER, SECRET } from './app-config.js';

const { database, endpoints } = JSON.parse(process.env.KAVACH_CLUSTER);
const kavach = await createKavach({
  database,
  secret: SECRET,
  baseUrl: BASE_URL,
  rateLimit: { enabled: false },
  plugins: [
    oauth({ providers: [bitbucketProvider(CONSUMER.key, CONSUMER.secret, endpoints)] }),
  ],
});
const answer = toNodeHandler(kavach);
const server = createServer((req, res) => {
  res.setHeader('connection', 'close');
  res.setHeader('x-worker', cluster.worker.id);
  answer(req, res);
});

process.on('message', async (message) => {
  if (message !== 'close') return;
  server.close();
  await kavach.close();
  process.disconnect();
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
