// Verification of id_tokens alone, the library beside `jose`. Both do the same: parse, find the key
// by its id among three that are imported already, check the signature, iss, aud, exp, iat, nonce
// and at_hash, and give the claims.

import assert from 'node:assert/strict';

import { Child } from './child.js';
import { ALGORITHMS, makeGrants } from './id-token-grants.js';
import { Verifier } from './id-token-rust.js';

/** Verified in turn, so that no answer can be one from memory. */
const GRANTS = 32;

/**
 * @param {{ repetitions: number, milliseconds: number, warmup: number }} options
 * @param {string | undefined} program what `prepareVerifier` gave
 */
export async function verifications({ repetitions, milliseconds, warmup }, program) {
  const missing = [];
  const rust = program && new Verifier(program);
  if (!rust) missing.push({ name: 'id_token in Rust', reason: 'only a full run builds it' });
  const jose = new Child(new URL('id-token-jose.js', import.meta.url), 'jose');
  try {
    const version = await jose.call('open').catch((error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      missing.push({ name: 'jose', reason: error.message.split('\n')[0] });
    });
    const byJose = (job) => jose.call('run', job);
    const contestants = [
      // On one thread, and it never waits: more at a time are not faster.
      ...(rust ? [{ name: 'kavachos', concurrency: 1, run: (job) => rust.run(job) }] : []),
      ...(version ? [1, 32] : []).map((concurrency) => {
        return { name: `jose-${concurrency}`, concurrency, run: byJose };
      }),
    ];
    const rows = ALGORITHMS.map((algorithm) => {
      const { bad, ...job } = makeGrants(algorithm, GRANTS);
      return { algorithm, job, bad, samples: {} };
    });
    console.error('checking id_token');
    for (const row of rows) for (const one of contestants) await check(one, row);
    for (const row of rows) for (const one of contestants) await take(one, row, warmup);
    for (let i = 1; i <= repetitions; i += 1) {
      console.error(`id_token: repetition ${i} of ${repetitions}`);
      for (const row of shuffled(rows)) {
        for (const one of shuffled(contestants)) {
          (row.samples[one.name] ??= []).push(await take(one, row, milliseconds));
        }
      }
    }
    const measured = rows.map(({ algorithm, samples }) => ({ algorithm, samples }));
    return { missing, version, rows: measured };
  } finally {
    await Promise.all([jose.stop(), rust?.stop()]);
  }
}

/** A job is an issuer and its grants, verified one after the other for a time. */
async function take({ name, concurrency, run }, { algorithm, job }, milliseconds) {
  const { refused, ...sample } = await run({ ...job, concurrency, milliseconds });
  assert.equal(refused, undefined, `${name} takes a good ${algorithm}`);
  return sample;
}

/** Takes what is good, and refuses each bad one. */
async function check(contestant, { algorithm, job, bad }) {
  await take(contestant, { algorithm, job }, 0);
  for (const [what, grant] of Object.entries(bad)) {
    const { name, concurrency, run } = contestant;
    const { refused } = await run({ ...job, grants: [grant], concurrency, milliseconds: 0 });
    assert.ok(refused, `${name} refuses an id_token by ${algorithm} with ${what}`);
  }
}

function shuffled(list) {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}
