// Every command: one entry each. `run` gives `{ text, json, ok? }`.

import { randomBytes } from 'node:crypto';

import { applyMigrations, pendingMigrations, schemaSql } from '../native.js';
import { outcome } from '../errors.js';
import { applicationOf, databaseOf, withKavach } from './application.js';
import { doctor } from './doctor.js';
import { sessions, users } from './people.js';
import { CONFIG, Usage } from './usage.js';

export const COMMANDS = [
  {
    name: 'secret',
    summary: 'makes a secret for KAVACH_SECRET',
    run() {
      const secret = randomBytes(32).toString('base64');
      return { text: secret, json: { secret } };
    },
  },
  {
    name: 'migrate',
    summary: 'brings the tables up to date',
    options: {
      'dry-run': { type: 'boolean', help: 'only print the SQL that would run' },
      ...CONFIG,
    },
    more: ['createKavach does the same at start, unless skipMigrations is set.'],
    run: migrate,
  },
  {
    name: 'schema',
    summary: 'prints the tables as SQL, for those who run migrations themselves',
    options: { dialect: { type: 'string', value: 'NAME', help: 'sqlite, postgres or mysql' } },
    more: ['What it prints records its migrations too, so that skipMigrations finds none missing.'],
    async run({ dialect }) {
      if (dialect === undefined) throw new Usage('Say which: --dialect sqlite, postgres or mysql.');
      if (!DIALECTS.includes(dialect)) throw new Usage(`There is no dialect ${dialect}.`);
      const sql = await outcome(() => schemaSql(dialect));
      return { text: sql.trimEnd(), json: { dialect, sql } };
    },
  },
  {
    name: 'doctor',
    summary: 'checks a deployment: secret, database, URLs, clock, providers',
    options: {
      offline: { type: 'boolean', help: 'call no provider' },
      ...CONFIG,
    },
    more: ['It changes nothing, and ends with 1 when something is wrong.'],
    run: doctor,
  },
  sessions,
  users,
  {
    name: 'prune',
    summary: 'deletes what has expired',
    options: CONFIG,
    more: ['Sign-ins do the same now and then; nobody has to call this.'],
    async run(values, _, { progress }) {
      const start = Date.now();
      const seconds = () => Math.round((Date.now() - start) / 1000);
      const timer = setInterval(() => progress(`deleting, ${seconds()} s …`), 5000);
      try {
        await withKavach(await applicationOf(values), (kavach) => kavach.prune());
      } finally {
        clearInterval(timer);
      }
      return { text: 'What had expired is deleted.', json: { pruned: true } };
    },
  },
];

const DIALECTS = ['sqlite', 'postgres', 'mysql'];

async function migrate(values) {
  const database = databaseOf(await applicationOf(values));
  if (values['dry-run']) {
    const missing = await outcome(() => pendingMigrations(database));
    const sql = missing.map(({ name, sql: text }) => `-- ${name}\n\n${text.trim()}\n`).join('\n');
    return { text: sql || UP_TO_DATE, json: { pending: missing } };
  }
  const { applied, refused } = await outcome(() => applyMigrations(database));
  const lines = [
    ...applied.map((name) => `applied ${name}`),
    ...refused.map((name) => `${name} was refused by the server; all but the session cache works`),
  ];
  return { text: lines.join('\n') || UP_TO_DATE, json: { applied, refused } };
}

const UP_TO_DATE = 'The tables are up to date.';
