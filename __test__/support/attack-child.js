// A second process of the application under attack:
//
//     fork('attack-child.js', [<options as JSON>])
//
// It sends `{ port }`, answers every message with its memory, and ends when its parent lets go.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { bitbucketProvider, oauth } from '../../auth.js';
import { createKavach } from '../../index.js';
import { toNodeHandler } from '../../node.js';

const { consumer, endpoints, ...options } = JSON.parse(process.argv[2]);
const provider = bitbucketProvider(consumer.key, consumer.secret, endpoints);
const kavach = await createKavach({
  ...options,
  rateLimit: { enabled: false },
  plugins: [oauth({ providers: [provider] })],
});
const server = createServer(toNodeHandler(kavach)).listen(0, '127.0.0.1');
await once(server, 'listening');

// The system's own record of the most would start with what the parent had when it forked.
let peak = 0;
const look = () => {
  const rss = process.memoryUsage.rss();
  peak = Math.max(peak, rss);
  return rss;
};
setInterval(look, 5).unref();
process.on('message', () => process.send({ rss: look(), peak }));
process.on('disconnect', async () => {
  server.close();
  server.closeAllConnections();
  await kavach.close();
});
process.send({ port: server.address().port });
