// Started by cold-start.js. Nothing but the peer's file is imported, and that only when asked for:
// `bare` in place of the options shows what Node itself costs, `web` the same with its web objects,
// which it loads at their first use.

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
  const ready = performance.now();
  const headers = new Headers({ cookie });
  const asked = performance.now();
  const found = await opened.session(headers);
  const answered = performance.now();
  if (found?.email !== email) throw new Error('the first session is not the right one');
  const parts = {
    import: imported - started,
    open: ready - imported,
    web: asked - ready,
    session: answered - asked,
  };
  process.stdout.write(`${JSON.stringify(parts)}\n`);
  // So that the next process finds the file as this one did.
  await opened.close();
}
