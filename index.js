export { createKavach } from './js/kavach.js';
export { KavachError } from './js/errors.js';
