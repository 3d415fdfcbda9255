// openapi.json says what the routes are. scripts/schemathesis.js asks a running instance for more.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../scripts/environment.js';
import { STATUSES } from '../scripts/openapi-operations.js';
import { openapi } from '../scripts/openapi.js';
import { startApp } from './support/app.js';

const shipped = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8'));

test('openapi.json is what the route table gives', async () => {
  assert.deepEqual(shipped, await openapi(), 'write it anew: npm run openapi');
});

test('openapi.json names every route and no other', async (t) => {
  const { kavach } = await startApp(t);
  const routes = kavach.plugins.getEndpoints().map(({ method, path }) => {
    return `${method.toLowerCase()} ${path.replace(':provider', '{provider}')}`;
  });
  const named = Object.entries(shipped.paths).flatMap(([path, item]) => {
    return Object.keys(item).map((method) => `${method} ${path}`);
  });
  assert.deepEqual(named.toSorted(), routes.toSorted());
});

test('openapi.json gives each error the status that it has', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  for (const [code, status] of Object.entries(STATUSES)) {
    assert.match(readme, new RegExp(`^\\| \`${code}\` \\| ${status} \\|`, 'm'), code);
  }
});

test('answers have the fields that openapi.json requires, and no others', async (t) => {
  const { client } = await startApp(t);
  await client.signIn('jane');
  for (const [path, item] of Object.entries(shipped.paths)) {
    const content = item.get?.responses[200]?.content['application/json'];
    if (!content) continue;
    const response = await client.getJson(path);
    assert.equal(response.status, 200, path);
    assertFits(await response.json(), content.schema, path);
  }
  const refusal = await client.post('/auth/sign-out', undefined, { origin: 'https://evil.example' });
  const { schema } = shipped.paths['/auth/sign-out'].post.responses[403].content['application/json'];
  assertFits(await refusal.json(), schema, 'a refusal');
});

/** As much of JSON Schema as the file uses for answers. */
function assertFits(value, schema, path) {
  if (schema.$ref) return assertFits(value, shipped.components.schemas[schema.$ref.split('/').at(-1)], path);
  if (schema.allOf) {
    const [base, more] = schema.allOf;
    const own = Object.keys(more.properties);
    assertFits(Object.fromEntries(own.map((name) => [name, value[name]])), more, path);
    const rest = Object.entries(value).filter(([name]) => !own.includes(name));
    return assertFits(Object.fromEntries(rest), base, path);
  }
  const types = [schema.type].flat();
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  assert.ok(types.includes(type), `${path}: ${type} is not ${types}`);
  if (type === 'array') value.forEach((item, i) => assertFits(item, schema.items, `${path}[${i}]`));
  if (type !== 'object' || !schema.properties) return undefined;
  assert.deepEqual(Object.keys(value).toSorted(), schema.required.toSorted(), path);
  for (const [name, own] of Object.entries(schema.properties)) {
    assertFits(value[name], own, `${path}.${name}`);
  }
  return undefined;
}
