export { oauth } from './js/plugin.js';
export { bitbucketProvider } from './js/provider.js';
