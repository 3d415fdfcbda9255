#!/usr/bin/env node
import { parseArgs } from 'node:util';

import { startBitbucket } from './server.js';

const USAGE = `Usage: node main.js --callback URL [options]

  --callback URL   the consumer's one callback URL
  --port N         default 4010
  --host NAME      default 127.0.0.1
  --key ID         the consumer's key, default stand-in-key
  --secret TEXT    the consumer's secret, default stand-in-secret
  --scopes LIST    ticked on the consumer, default "account email"
  --variant NAME   current (default) or announced
  --auto-approve   let &stand_in_user=jane on the authorize URL skip the pages`;

try {
  const bitbucket = await startBitbucket(readOptions());
  process.once('SIGINT', () => bitbucket.close());
  process.once('SIGTERM', () => bitbucket.close());
  console.log(`Bitbucket stand-in: ${bitbucket.url}`);
  for (const [name, url] of Object.entries(bitbucket.endpoints)) console.log(`  ${name}: ${url}`);
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      callback: { type: 'string' },
      port: { type: 'string', default: '4010' },
      host: { type: 'string', default: '127.0.0.1' },
      key: { type: 'string', default: 'stand-in-key' },
      secret: { type: 'string', default: 'stand-in-secret' },
      scopes: { type: 'string', default: 'account email' },
      variant: { type: 'string', default: 'current' },
      'auto-approve': { type: 'boolean', default: false },
    },
  });
  if (!values.callback) throw new TypeError('--callback is missing');
  return {
    port: Number(values.port),
    host: values.host,
    consumer: {
      key: values.key,
      secret: values.secret,
      callbackUrl: values.callback,
      scopes: values.scopes.split(/[ ,]+/).filter(Boolean),
    },
    variant: values.variant,
    autoApprove: values['auto-approve'],
  };
}
