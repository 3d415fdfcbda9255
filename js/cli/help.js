// Help that shows what to type.

import { COMMANDS } from './commands.js';
import { COMMON } from './usage.js';

export function overview() {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: npx kavachos <command> [options]',
    '',
    ...lines,
    '',
    'npx kavachos <command> --help shows more of one.',
    '',
    ENVIRONMENT,
  ].join('\n');
}

export function helpOf({ name, summary, takes = [], options = {}, more = [] }) {
  const given = takes.map((one) => ` ${one}`).join('');
  const all = Object.entries({ ...options, ...COMMON }).map(([flag, { value, help }]) => {
    return [`--${flag}${value ? ` ${value}` : ''}`, help];
  });
  const width = Math.max(...all.map(([flag]) => flag.length));
  return [
    `Usage: npx kavachos ${name}${given} [options]`,
    '',
    `${summary[0].toUpperCase()}${summary.slice(1)}.`,
    ...more.flatMap((line) => ['', line]),
    '',
    ...all.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    ...('config' in options ? ['', ENVIRONMENT] : []),
  ].join('\n');
}

const ENVIRONMENT = [
  'Without --config the environment says where things are: DATABASE_URL, KAVACH_SECRET, BASE_URL, and',
  'BITBUCKET_CLIENT_ID and BITBUCKET_CLIENT_SECRET, or those of other providers.',
].join('\n');
