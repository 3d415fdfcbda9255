export { oauth } from './js/plugin.js';
export * from './js/providers.js';
