// Servers of `node:http` that tell who calls, as an application would write them.

import { createServer } from 'node:http';

/** @param {(req: import('node:http').IncomingMessage) => Promise<object | null>} find */
export function sessionListener(find) {
  return async (req, res) => {
    try {
      answer(res, 200, JSON.stringify(await find(req)));
    } catch (error) {
      answer(res, 500, String(error));
    }
  };
}

/** The floor: nobody is looked up; a user at hand is written out, as an application does it. */
export function bareListener(user) {
  return (_, res) => answer(res, 200, JSON.stringify(user));
}

/** @returns {Promise<number>} the port, on the loopback interface */
export function listen(listener) {
  return new Promise((resolve, reject) => {
    const server = createServer(listener).on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
}

function answer(res, status, body) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  res.writeHead(status, headers);
  res.end(body);
}
