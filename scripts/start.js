// `npm start`: install and build what is missing, then serve the demo.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensureBuilt } from './build.js';
import { root } from './environment.js';

ensureBuilt();

// In this process, so that signals and the exit code are the demo's own; it may look at argv to
// know that it is the program and not an import.
const demo = join(root, 'examples', 'demo', 'server.js');
process.argv[1] = demo;
await import(pathToFileURL(demo).href);
