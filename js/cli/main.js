// `npx kavachos`: finds the command, runs it, and says what went wrong.

import { KavachError } from '../errors.js';
import { COMMANDS } from './commands.js';
import { helpOf, overview } from './help.js';
import { Usage, read } from './usage.js';

/** Exit codes: 0 done, 1 failed or found something wrong, 2 called wrongly. */
const [DONE, FAILED, MISUSED] = [0, 1, 2];

/** @param {string[]} args @returns {Promise<number>} the exit code */
export async function main(args, { stdout = process.stdout, stderr = process.stderr } = {}) {
  const out = (text) => stdout.write(`${text}\n`);
  const err = (text) => stderr.write(`${text}\n`);
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    out(overview());
    return DONE;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) {
    err(`There is no command ${name}.\n\n${overview()}`);
    return MISUSED;
  }
  try {
    const { values, positionals } = read(command, rest);
    if (values.help) {
      out(helpOf(command));
      return DONE;
    }
    if (values['env-file']) process.loadEnvFile(values['env-file']);
    const { text, json, ok = true } = await command.run(values, positionals, { progress: err });
    out(values.json ? JSON.stringify(json, null, 2) : text);
    return ok ? DONE : FAILED;
  } catch (error) {
    if (error instanceof Usage) {
      err(`${error.message}\n\n${helpOf(command)}`);
      return MISUSED;
    }
    err(describe(error));
    return FAILED;
  }
}

// A stack says nothing to whoever types a command; a cause often does.
function describe(error) {
  const code = error instanceof KavachError ? `${error.code}: ` : '';
  const cause = error?.cause?.message ? `\n  because: ${error.cause.message}` : '';
  return `${code}${error?.message ?? error}${cause}`;
}
