// What stands on the command line.

import { parseArgs } from 'node:util';

/** The command was called wrongly; the message says how. */
export class Usage extends Error {}

/** What every command takes. */
export const COMMON = {
  json: { type: 'boolean', help: 'print JSON' },
  'env-file': { type: 'string', value: 'FILE', help: 'read variables from this file first' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
};

/** What the commands take that need to know the application. */
export const CONFIG = {
  config: {
    type: 'string',
    value: 'FILE',
    help: 'a module that exports your kavach, or the options of createKavach',
  },
};

/** `{ values, positionals }`, all known and as many as the command takes. */
export function read(command, args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      options: { ...command.options, ...COMMON },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Usage(error.message);
  }
  const { values, positionals } = parsed;
  const most = command.takes?.length ?? 0;
  if (positionals.length > most) throw new Usage(`${positionals[most]} is one argument too many.`);
  return { values, positionals };
}
