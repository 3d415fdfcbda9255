// Tells what another copy of this package made: its objects look like ours and are not.

import { KavachError } from './errors.js';
import { isObject } from './headers.js';
import { VERSION } from './load.js';

// The same symbols in every copy; the values are versions.
export const PLUGIN = Symbol.for('kavachos.plugin');
export const PROVIDER = Symbol.for('kavachos.provider');

/** Refuses what bears a mark and is not ours: it would be taken for something of the application's. */
export function refuseForeign(value, mark, path) {
  const version = isObject(value) ? value[mark] : undefined;
  if (typeof version !== 'string') return;
  throw new KavachError(
    'config_invalid',
    `\`${path}\` was made by another copy of kavachos, of version ${version}; this one is ` +
      `${VERSION}. Install one copy only: \`npm ls kavachos\` shows where they are.`,
  );
}
