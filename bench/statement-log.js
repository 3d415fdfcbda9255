// Reads PostgreSQL's own log: the statements of the one database whose statements are logged.

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `undefined` when the log is not on this machine.
 *
 * @param {(sql: string) => Promise<object[]>} query as a superuser
 */
export async function logOf(query) {
  const [{ directory, file }] = await query(
    "SELECT current_setting('data_directory') AS directory, pg_current_logfile() AS file",
  );
  // Without a collector the log is where the starter of the server put it: see scripts/guard.js.
  const path = file ? resolve(directory, file) : join(dirname(directory), 'log');
  return existsSync(path) ? new StatementLog(path) : undefined;
}

/** Statements by kind: those that work, those that begin or end transactions, and the channel's. */
class StatementLog {
  #path;

  constructor(path) {
    this.#path = path;
  }

  /** How many statements are sent while `action` runs: `{ work, transaction, channel }`. */
  async during(action) {
    const counts = { work: 0, transaction: 0, channel: 0 };
    for (const statement of await this.heard(action)) counts[kindOf(statement)] += 1;
    return counts;
  }

  /** The statements that are sent while `action` runs. */
  async heard(action) {
    const from = this.#read((file) => fstatSync(file).size);
    await action();
    // A server process writes a statement down before it answers, but not everything is waited for.
    await sleep(SETTLE);
    const text = this.#read((file) => {
      const bytes = Buffer.alloc(fstatSync(file).size - from);
      readSync(file, bytes, 0, bytes.length, from);
      return bytes.toString();
    });
    return statements(text);
  }

  #read(use) {
    const file = openSync(this.#path, 'r');
    try {
      return use(file);
    } finally {
      closeSync(file);
    }
  }
}

/** Several may come in one message of the simple protocol: each counts. */
function statements(text) {
  return text
    .replace(/\n\t/g, ' ')
    .split('\n')
    .flatMap((line) => /LOG: {2}(?:statement|execute .*?): (.*)/.exec(line)?.[1] ?? [])
    .flatMap((said) => said.split(/;\s*/).filter(Boolean));
}

function kindOf(statement) {
  if (/^(begin|start|commit|end|rollback|savepoint|release)\b/i.test(statement)) {
    return 'transaction';
  }
  const tells = /^(listen|unlisten|notify)\b|\bpg_notify\b/i.test(statement);
  return tells ? 'channel' : 'work';
}

const SETTLE = 30;
