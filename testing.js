export { startBitbucketStandIn } from './testing/stand-in.js';
