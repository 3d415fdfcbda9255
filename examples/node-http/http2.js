import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';

import { app } from './app.js';
import { kavach } from './kavach.js';

const { BASE_URL, PORT = 3000, TLS_PORT = 3443, TLS_KEY, TLS_CERT } = process.env;

// Browsers speak HTTP/2 over TLS only; `allowHTTP1` serves everybody else on the same port.
const server = createSecureServer(
  { key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERT), allowHTTP1: true },
  app,
).listen(Number(TLS_PORT), () => console.log(`Listening on port ${TLS_PORT}`));

// Whoever comes without TLS is sent to where it is.
const plain = createServer((req, res) => {
  res.writeHead(308, { location: `${BASE_URL}${req.url}` }).end();
}).listen(Number(PORT));

process.once('SIGTERM', () => {
  plain.close();
  server.close(() => kavach.close());
});
