// `kavachos doctor`: looks at a deployment from where it runs, and changes nothing.

import { outcome } from '../errors.js';
import { createKavach, kavachHandle } from '../kavach.js';
import { pendingMigrations } from '../native.js';
import { applicationOf } from './application.js';
import { plain } from './table.js';

/**
 * A finding is `{ check, status: 'ok' | 'warning' | 'problem', detail }`; the detail of what is not
 * fine says what to do.
 */
export async function doctor(values) {
  const application = await applicationOf(values);
  const findings = [
    ...secretOf(application),
    ...(await databaseOf(application)),
    ...(await setupOf(application, values)),
  ];
  const problems = findings.filter(({ status }) => status === 'problem').length;
  const text = findings
    .map(({ check, status, detail }) => `${MARKS[status]} ${check}: ${plain(detail)}`)
    .concat('', problems === 0 ? 'Nothing is wrong.' : `${problems} to mend.`)
    .join('\n');
  return { text, json: { ok: problems === 0, findings }, ok: problems === 0 };
}

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' };

function secretOf({ kavach, options }) {
  if (kavach) return [];
  const check = 'secret';
  const all = [options.secret ?? []].flat();
  if (all.length === 0) {
    return [problem(check, 'none is set: put what `npx kavachos secret` prints into KAVACH_SECRET')];
  }
  return all.map((secret, i) => {
    const which = i === 0 ? check : `${check} ${i + 1}`;
    if (typeof secret !== 'string' || [...secret].length < 32) {
      return problem(which, 'shorter than 32 characters: use what `npx kavachos secret` prints');
    }
    // Random base64 of that length has far more; words and repeated letters have fewer.
    if (new Set(secret).size < 16) {
      return problem(which, 'it does not look random: use what `npx kavachos secret` prints');
    }
    return ok(which, `${[...secret].length} characters`);
  });
}

async function databaseOf({ kavach, options }) {
  const check = 'database';
  if (kavach) {
    const { database } = await kavach.health();
    return [
      database.ok
        ? ok(check, `${database.provider} answers within ${Math.ceil(database.milliseconds)} ms`)
        : problem(check, `${database.provider} does not answer: ${database.error}`),
    ];
  }
  if (!options.database) return [problem(check, 'none is set: put its URL into DATABASE_URL')];
  try {
    const missing = await outcome(() => pendingMigrations(options.database));
    const { provider } = options.database;
    const names = missing.map(({ name }) => name).join(', ');
    const required = missing.filter(({ optional }) => !optional).length;
    if (missing.length === 0) return [ok(check, `${provider} answers, its tables are up to date`)];
    return [
      required > 0
        ? warning(check, `${provider} answers, and misses ${names}: start the application, or run `
          + '`npx kavachos migrate`')
        : warning(check, `${provider} answers, and refused ${names}: all works, the session cache is off`),
    ];
  } catch (error) {
    return [problem(check, [error.message, error.cause?.message].filter(Boolean).join(' '))];
  }
}

async function setupOf({ kavach, options }, { offline }) {
  if (kavach) return judge(setup(kavach), offline);
  if (options.baseUrl === undefined) {
    return [problem('base URL', 'none is set: put the public origin of the application into BASE_URL')];
  }
  try {
    // The options are read whole; the database is looked at elsewhere.
    const own = await createKavach({
      secret: 'only to read the options, nothing is sealed',
      ...options,
      database: { provider: 'sqlite', url: ':memory:' },
    });
    try {
      return await judge(setup(own), offline);
    } finally {
      await own.close();
    }
  } catch (error) {
    return [problem('options', error.message)];
  }
}

const setup = (kavach) => JSON.parse(kavachHandle(kavach).setup());

async function judge({ baseUrl, providers }, offline) {
  const isPublic = baseUrl.startsWith('https:');
  const inProduction = process.env.NODE_ENV === 'production';
  const findings = [
    isPublic || !inProduction
      ? ok('base URL', `${baseUrl}${isPublic ? '' : ', for development'}`)
      : problem('base URL', `${baseUrl} in production: set it to the https origin that users see`),
  ];
  if (providers.length === 0) {
    findings.push(warning('providers', 'none is set up: add one to oauth(), or set its CLIENT_ID'));
  }
  for (const { name, callbackUrl } of providers) {
    findings.push(ok(name, `register exactly this callback URL there: ${callbackUrl}`));
  }
  if (offline) return findings;
  const answers = await Promise.all(providers.map(reach));
  return [...findings, ...answers.flat(), ...clock(answers.flat())].map(
    ({ check, status, detail }) => ({ check, status, detail }),
  );
}

async function reach({ name, endpoints }) {
  const origins = [...new Set(endpoints.map((url) => new URL(url).origin))];
  return Promise.all(origins.map(async (origin) => {
    const sent = Date.now();
    try {
      const response = await fetch(origin, { redirect: 'manual', signal: AbortSignal.timeout(5000) });
      await response.body?.cancel();
      const milliseconds = Date.now() - sent;
      return {
        ...ok(name, `${origin} answers within ${milliseconds} ms`),
        // Its clock was read somewhere between; half way is as good a guess as any.
        ahead: sent + milliseconds / 2 - Date.parse(response.headers.get('date') ?? ''),
      };
    } catch (error) {
      const reason = error.cause?.message ?? error.message;
      return problem(name, `${origin} cannot be reached from here: ${reason}`);
    }
  }));
}

// A provider's answers say what time it is there, to the second.
function clock(answers) {
  const differences = answers.map(({ ahead }) => ahead).filter(Number.isFinite);
  if (differences.length === 0) return [];
  const middle = differences.toSorted((a, b) => a - b)[differences.length >> 1] / 1000;
  const seconds = Math.round(Math.abs(middle));
  return [
    seconds <= MOST_SECONDS_OFF
      ? ok('clock', `at most ${seconds} s off`)
      : problem('clock', `${seconds} s ${middle > 0 ? 'ahead' : 'behind'}: id_tokens will be refused; `
        + 'synchronise it'),
  ];
}

const MOST_SECONDS_OFF = 30;

const ok = (check, detail) => ({ check, status: 'ok', detail });
const warning = (check, detail) => ({ check, status: 'warning', detail });
const problem = (check, detail) => ({ check, status: 'problem', detail });
