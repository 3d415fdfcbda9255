// The addon, by the names of its functions.

import { load } from './load.js';

export const {
  applyMigrations, createKavach, genericOidc, headersRead, oauth, pendingMigrations,
  providerOfArguments, providerOfOptions, schemaSql, watchTimings,
} = load();
