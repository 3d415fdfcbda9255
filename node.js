export { toNodeHandler } from './js/node-handler.js';
