// What stands between an application and its database server, and can do harm: hold packets back,
// drop connections and, in front of PostgreSQL, keep notifications, as transaction poolers do.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { clientReader, notificationFilter } from './cache-postgres.js';

/** The `application_name` of the connection on which the library listens. */
export const LISTENER = 'kavachos cache';

/**
 * Listens in front of the server that `options`, a `database` option of createKavach, names.
 *
 * - `swallows`: takes notifications away; it is asked with whether the client raised it by itself
 *
 * Links are chosen by a function that is given `{ application }`: by default all of them.
 */
export async function startProxy({ provider, url }, { swallows } = {}) {
  const target = new URL(url);
  const links = new Set();
  const traps = new Map();
  const isPostgres = provider === 'postgres';
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const link = { client, upstream, application: undefined, up: valve(), down: valve() };
    links.add(link);
    const read = isPostgres && clientReader({
      refuse: () => client.write('N'),
      start: ({ application_name: name }) => (link.application = name),
    });
    const filter = isPostgres && swallows && notificationFilter(swallows);
    client.on('data', (bytes) => {
      for (const [needle, spring] of traps) if (bytes.includes(needle)) spring(link);
      link.up.pass(upstream, read ? read(bytes) : bytes);
    });
    upstream.on('data', (bytes) => link.down.pass(client, filter ? filter(bytes) : bytes));
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        links.delete(link);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const chosen = (choose) => [...links].filter(choose);
  const own = new URL(url);
  own.host = `127.0.0.1:${server.address().port}`;
  return {
    options: { provider, url: own.href },
    /** How many links there are. */
    count: (choose = () => true) => chosen(choose).length,
    /** Ends links, without a word. */
    drop: (choose = () => true) => {
      for (const { client, upstream } of chosen(choose)) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
    },
    /** Holds back what goes `up` to the server or `down` to the client; returns what lets it go. */
    stall: (directions = ['up', 'down'], choose = () => true) => {
      const closed = chosen(choose).flatMap((link) => directions.map((name) => link[name].shut()));
      return () => closed.forEach((open) => open());
    },
    /**
     * Waits for bytes to go to the server and holds back what it answers: `held` resolves when
     * there is an answer, `release` lets it go.
     */
    holdAnswerTo: (needle) => {
      let release;
      const held = new Promise((resolve) => {
        traps.set(needle, ({ down }) => {
          traps.delete(needle);
          release = down.shut(resolve);
        });
      });
      return { held, release: () => release() };
    },
    close: () => {
      server.close();
      for (const { client } of links) client.destroy();
    },
  };
}

export const isListener = ({ application }) => application === LISTENER;
export const isNoListener = ({ application }) => application !== LISTENER;

/** Lets bytes pass, in order, unless it is shut; shut twice it needs to be opened twice. */
function valve() {
  const held = [];
  let shut = 0;
  let tell = () => {};
  return {
    pass: (socket, bytes) => {
      if (bytes.length === 0 || socket.destroyed) return;
      if (shut === 0) {
        socket.write(bytes);
        return;
      }
      held.push(() => socket.write(bytes));
      tell();
    },
    /** `onHeld` is called when there is something to hold; returns what opens it. */
    shut: (onHeld = () => {}) => {
      shut += 1;
      tell = onHeld;
      return () => {
        shut -= 1;
        if (shut === 0) for (const write of held.splice(0)) write();
      };
    },
  };
}
