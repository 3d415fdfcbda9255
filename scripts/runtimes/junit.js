// Reads JUnit reports as Node, Bun and Deno write them.

import { readFileSync } from 'node:fs';

/**
 * Counts tests: `{ passed, failed, skipped, excepted, failures, unused }`, all zero when there is
 * no report. `unused` are the exceptions that no failure needs; see `runTestFile`.
 */
export function readReport(path, exceptions) {
  const counts = { passed: 0, failed: 0, skipped: 0, excepted: 0, failures: [] };
  const used = new Set();
  for (const { name, outcome } of tests(textOf(path))) {
    // Deno puts the names of the suites before it.
    const own = name.split(' > ').at(-1);
    const exception = exceptions.find(({ test }) => test.test(own));
    if (outcome === 'failed' && exception) {
      counts.excepted += 1;
      used.add(exception);
    } else {
      counts[outcome] += 1;
      if (outcome === 'failed') counts.failures.push(name);
    }
  }
  return { ...counts, unused: exceptions.filter((exception) => !used.has(exception)) };
}

function tests(text) {
  const cases = text.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g);
  const all = [...cases].map(([, attributes, content = '']) => ({
    name: unescaped(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''),
    outcome: outcomeOf(content),
  }));
  // Deno lists a suite beside its tests, whose names begin with that of the suite.
  const names = all.map(({ name }) => name);
  return all.filter(({ name }) => !names.some((other) => other.startsWith(`${name} > `)));
}

function outcomeOf(content) {
  if (/<skipped\b/.test(content)) return 'skipped';
  return /<(failure|error)\b/.test(content) ? 'failed' : 'passed';
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function unescaped(text) {
  const signs = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => signs[name]);
}
