// What PostgreSQL's protocol says in clear: who a client is, and where one message ends.

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const START = 196_608;
const NOTIFICATION = 'A'.charCodeAt(0);
const KEY_DATA = 'K'.charCodeAt(0);
const HEADER = 5;

/**
 * Reads the beginning of what a client sends: `refuse` is called for every wish to encrypt, and
 * `start` with the parameters of the connection. Returns what goes on to the server.
 */
export function clientReader({ refuse, start }) {
  let held = Buffer.alloc(0);
  let hasStarted = false;
  return (bytes) => {
    if (hasStarted) return bytes;
    held = Buffer.concat([held, bytes]);
    while (held.length >= 8 && held.length >= held.readInt32BE(0)) {
      const code = held.readInt32BE(4);
      if (code !== SSL_REQUEST && code !== GSS_REQUEST) {
        hasStarted = true;
        if (code === START) start(parameters(held.subarray(8, held.readInt32BE(0))));
        return held;
      }
      held = held.subarray(held.readInt32BE(0));
      refuse();
    }
    return Buffer.alloc(0);
  };
}

/**
 * Takes notifications out of what a server sends: those for which `swallows` says so, asked with
 * whether the client's own connection raised it.
 */
export function notificationFilter(swallows) {
  let held = Buffer.alloc(0);
  let own;
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    const passed = [];
    while (held.length >= HEADER && held.length >= 1 + held.readInt32BE(1)) {
      const message = held.subarray(0, 1 + held.readInt32BE(1));
      held = held.subarray(message.length);
      if (message[0] === KEY_DATA) own = message.readInt32BE(HEADER);
      const isOwn = message[0] === NOTIFICATION && message.readInt32BE(HEADER) === own;
      if (message[0] !== NOTIFICATION || !swallows(isOwn)) passed.push(message);
    }
    return Buffer.concat(passed);
  };
}

function parameters(bytes) {
  const texts = bytes.toString('utf8').split('\0');
  const pairs = [];
  for (let i = 0; i + 1 < texts.length && texts[i] !== ''; i += 2) {
    pairs.push([texts[i], texts[i + 1]]);
  }
  return Object.fromEntries(pairs);
}
