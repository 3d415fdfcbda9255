// Tells `node:diagnostics_channel` what takes how long. Nothing is measured while nobody subscribes.

import { channel } from 'node:diagnostics_channel';

import { watchTimings } from './native.js';

const CHANNELS = {
  'sign-in': channel('kavachos:sign-in'),
  session: channel('kavachos:session'),
  'provider-call': channel('kavachos:provider-call'),
  database: channel('kavachos:database'),
};

/** Takes a timing of Rust's, as JSON text. */
export function publish(text) {
  const { kind, ...message } = JSON.parse(text);
  CHANNELS[kind]?.publish(message);
}

let isTold = false;

/** Lets Rust know whether anybody listens: to be called before it is given work. */
export function observe() {
  const isHeard =
    CHANNELS.database.hasSubscribers ||
    CHANNELS.session.hasSubscribers ||
    CHANNELS['provider-call'].hasSubscribers ||
    CHANNELS['sign-in'].hasSubscribers;
  if (isHeard !== isTold) watchTimings((isTold = isHeard));
}

/** Whether anybody listens to session checks. */
export const hearsSessions = () => CHANNELS.session.hasSubscribers;

/** A session check that this thread may answer by itself; gives what `recall` gives. */
export function timeRecall(recall) {
  const startedAt = Date.now();
  const start = performance.now();
  const found = recall();
  if (found) {
    const milliseconds = performance.now() - start;
    CHANNELS.session.publish({ startedAt, milliseconds, from: 'memory', found: true });
  }
  return found;
}
