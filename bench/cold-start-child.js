// Started by cold-start.js. Nothing but the peer's file is imported, and that only when asked for:
// `bare` in place of the options shows what Node itself costs, `web` the same with its web objects,
// which it loads at their first use. A peer is asked as by a server of `node:http`, with the fields
// of its request that any of them reads: who needs web objects makes them.

const [, , argument] = process.argv;
if (argument === 'bare' || argument === 'web') {
  const own = argument === 'web' ? [...new Headers()] : [];
  process.stdout.write(`${JSON.stringify(own)}\n`);
} else {
  const { peer, options, cookie, email } = JSON.parse(argument);
  const started = performance.now();
  const { open } = await import(peer);
  const imported = performance.now();
  const opened = await open(options);
  const find = await opened.ofNodeRequest();
  const ready = performance.now();
  const headers = { host: 'bench.example', cookie };
  const request = { method: 'GET', url: '/', headers, rawHeaders: Object.entries(headers).flat() };
  const found = await find(request);
  const answered = performance.now();
  if (found?.email !== email) throw new Error('the first session is not the right one');
  const parts = {
    import: imported - started,
    open: ready - imported,
    session: answered - ready,
  };
  process.stdout.write(`${JSON.stringify(parts)}\n`);
  // So that the next process finds the file as this one did.
  await opened.close();
}
