// Where the addon of each platform may lie. Every place is written out, so that tools which follow
// `require` find it.

import { createRequire } from 'node:module';

// A bundle in CommonJS has the second only.
const require = createRequire(import.meta.url ?? __filename);

/**
 * By platform: the addon beside this file (in a checkout, or copied beside a bundle), the package
 * of the platform, and what that package says of itself.
 */
export const ADDONS = {
  'darwin-arm64': {
    beside: () => require('./kavachos.darwin-arm64.node'),
    packaged: () => require('kavachos-darwin-arm64'),
    manifest: () => require('kavachos-darwin-arm64/package.json'),
  },
  'darwin-x64': {
    beside: () => require('./kavachos.darwin-x64.node'),
    packaged: () => require('kavachos-darwin-x64'),
    manifest: () => require('kavachos-darwin-x64/package.json'),
  },
  'linux-arm64-gnu': {
    beside: () => require('./kavachos.linux-arm64-gnu.node'),
    packaged: () => require('kavachos-linux-arm64-gnu'),
    manifest: () => require('kavachos-linux-arm64-gnu/package.json'),
  },
  'linux-arm64-musl': {
    beside: () => require('./kavachos.linux-arm64-musl.node'),
    packaged: () => require('kavachos-linux-arm64-musl'),
    manifest: () => require('kavachos-linux-arm64-musl/package.json'),
  },
  'linux-x64-gnu': {
    beside: () => require('./kavachos.linux-x64-gnu.node'),
    packaged: () => require('kavachos-linux-x64-gnu'),
    manifest: () => require('kavachos-linux-x64-gnu/package.json'),
  },
  'linux-x64-musl': {
    beside: () => require('./kavachos.linux-x64-musl.node'),
    packaged: () => require('kavachos-linux-x64-musl'),
    manifest: () => require('kavachos-linux-x64-musl/package.json'),
  },
  'win32-arm64-msvc': {
    beside: () => require('./kavachos.win32-arm64-msvc.node'),
    packaged: () => require('kavachos-win32-arm64-msvc'),
    manifest: () => require('kavachos-win32-arm64-msvc/package.json'),
  },
  'win32-x64-msvc': {
    beside: () => require('./kavachos.win32-x64-msvc.node'),
    packaged: () => require('kavachos-win32-x64-msvc'),
    manifest: () => require('kavachos-win32-x64-msvc/package.json'),
  },
};

/** The addon of a platform that has no package, built from source. */
export function besideOf(platform) {
  return require(`./kavachos.${platform}.node`);
}
