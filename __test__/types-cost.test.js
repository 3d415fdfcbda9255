// What the types cost: an application that imports them compiles as fast as one that does not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { packageBin, root } from '../scripts/environment.js';

const RUNS = 3;
const MOST_SECONDS = 1;

const APPLICATION = `
import { createServer } from 'node:http';
import { createKavach } from 'kavachos';
import { bitbucketProvider, genericOIDC, githubProvider, oauth } from 'kavachos/auth';
import { toNodeHandler } from 'kavachos/node';

const credentials = { clientId: 'id', clientSecret: 'secret' };
const kavach = await createKavach({
  database: { provider: 'postgres', url: process.env['DATABASE_URL']! },
  secret: process.env['KAVACH_SECRET']!,
  baseUrl: 'https://your-app.com',
  plugins: [
    oauth({
      providers: [
        bitbucketProvider('key', 'secret', ['repository']),
        githubProvider('id', 'secret', { optionalScopes: ['repo'] }),
        { id: 'google', ...credentials, hd: 'acme.com' },
        genericOIDC({ id: 'sso', issuer: 'https://id.acme.com', ...credentials }),
        {
          id: 'acme',
          ...credentials,
          authorizationUrl: 'https://id.acme.com/authorize',
          tokenUrl: 'https://id.acme.com/token',
          userInfoUrl: 'https://id.acme.com/me',
          getUserProfile: ({ uid }: Record<string, unknown>) => ({ id: String(uid) }),
        },
      ],
    }),
  ],
});

createServer(async (req, res) => {
  if (req.url?.startsWith('/api/kavach/')) return toNodeHandler(kavach)(req, res);
  const signedIn = await kavach.auth.getSession(req);
  if (!signedIn) return res.writeHead(401).end();
  const { accessToken } = await kavach.auth.getAccessToken(signedIn.user.id, 'bitbucket');
  const answer = await fetch('https://api.bitbucket.org/2.0/user/workspaces', {
    headers: { authorization: \`Bearer \${accessToken}\` },
  });
  return res.end(await answer.text());
}).listen(3000);
`;

/** What stands in for the library where it is not imported. */
const NOTHING = `
type Anything = (...args: never[]) => ReturnType<typeof JSON.parse>;
export declare const createKavach: Anything & ((options: unknown) => ReturnType<Anything>);
export declare const oauth: typeof createKavach;
export declare const genericOIDC: typeof createKavach;
export declare const toNodeHandler: typeof createKavach;
export declare const bitbucketProvider: (...args: unknown[]) => ReturnType<Anything>;
export declare const githubProvider: typeof bitbucketProvider;
`;

const OPTIONS = {
  target: 'es2022',
  lib: ['es2022'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

// Inside the checkout, where the package finds itself by its name. Git and the linter ignore it.
const parent = join(root, 'target');
mkdirSync(parent, { recursive: true });
const directory = mkdtempSync(join(parent, 'types-cost-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test(`an application compiles less than ${MOST_SECONDS} s longer with the types`, (t) => {
  const imported = project('with', APPLICATION);
  const nothing = APPLICATION.replaceAll(/'kavachos(\/\w+)?'/g, "'./nothing.js'");
  const absent = project('without', nothing);
  writeFileSync(join(absent, 'nothing.d.ts'), NOTHING);

  // By turns, so that a machine that is busy for a while is as busy for both.
  const runs = Array.from({ length: RUNS }, () => [compile(imported), compile(absent)]);
  const [withTypes, without] = [0, 1].map((side) => medians(runs.map((pair) => pair[side])));
  const extra = (name) => withTypes[name] - without[name];
  assert.ok(extra('Files') >= 5, 'the types were read');
  for (const name of ['Check time', 'Total time']) {
    t.diagnostic(`${name}: ${extra(name).toFixed(3)} s more`);
    assert.ok(extra(name) < MOST_SECONDS, `${name}: ${extra(name)} s more`);
  }
});

function project(name, application) {
  const path = join(directory, name);
  mkdirSync(path);
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS }));
  writeFileSync(join(path, 'app.ts'), application);
  return path;
}

/** What the compiler tells about a run: counts, and times in seconds. */
function compile(path) {
  const args = [packageBin('typescript', 'tsc'), '-p', path, '--extendedDiagnostics'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  const lines = stdout.matchAll(/^([A-Z][\w ]*):\s+([\d.]+)[sK]?$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]));
}

function medians(runs) {
  const median = (name) => runs.map((run) => run[name]).sort((a, b) => a - b)[(RUNS - 1) / 2];
  return Object.fromEntries(Object.keys(runs[0]).map((name) => [name, median(name)]));
}
