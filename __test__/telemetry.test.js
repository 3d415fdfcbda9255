// The recipe of docs/observability.md, run against the real OpenTelemetry SDK.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { transformSync } from 'esbuild';

import { root } from '../scripts/environment.js';
import { startApp } from './support/app.js';

test('the recipe turns timings into spans and counters into metrics', async (t) => {
  const spans = new InMemorySpanExporter();
  const tracers = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  tracers.register();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const meters = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(meters);
  t.after(() => Promise.all([tracers.shutdown(), meters.shutdown()]));

  const { observe } = await recipe(t);
  const { kavach, client } = await startApp(t);
  observe(kavach);
  await client.signIn('jane');
  const state = new URL(await client.authorize()).searchParams.get('state');
  await client.get(`/auth/oauth/callback/bitbucket?error=access_denied&state=${state}`);
  await sleep(200);

  const found = spans.getFinishedSpans();
  const names = new Set(found.map(({ name }) => name));
  assert.deepEqual(
    [...names].toSorted(),
    ['kavachos database', 'kavachos provider-call', 'kavachos sign-in'],
  );
  const [good, refused] = found.filter(({ name }) => name === 'kavachos sign-in');
  assert.equal(good.attributes.provider, 'bitbucket');
  assert.ok(good.duration[0] > 0 || good.duration[1] > 0);
  assert.equal(refused.attributes.code, 'access_denied');
  assert.notEqual(refused.status.code, good.status.code);

  await reader.forceFlush();
  const all = exporter.getMetrics().at(-1).scopeMetrics.flatMap((scope) => scope.metrics);
  const pointsOf = (name) => all.find(({ descriptor }) => descriptor.name === name).dataPoints;
  const valueOf = (name) => pointsOf(name)[0].value;
  assert.equal(valueOf('kavachos.signIns'), 1);
  assert.equal(valueOf('kavachos.signInsRefused'), 1);
  const timed = pointsOf('kavachos.duration').map(({ attributes }) => attributes.channel);
  assert.deepEqual(timed.toSorted(), ['database', 'provider-call', 'sign-in']);
});

/** In the checkout, so that it finds the packages. */
async function recipe(t) {
  const page = readFileSync(join(root, 'docs', 'observability.md'), 'utf8');
  const [, code] = page.match(/```ts telemetry\.ts\n([^]*?)```/);
  const directory = mkdtempSync(join(root, 'node_modules', '.cache', 'recipe-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'telemetry.mjs');
  writeFileSync(file, transformSync(code, { loader: 'ts' }).code);
  return import(pathToFileURL(file).href);
}
