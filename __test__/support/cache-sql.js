// Plain SQL on a database that the library has open, as an administrator would send it: a
// connection that is kept, so transactions work too. `?` stands for parameters in every dialect.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import mysql from 'mysql2/promise';
import pg from 'pg';

import { findProgram } from '../../scripts/environment.js';

// SQLite in WebAssembly knows neither the locks nor the shared memory of the real one.
const SQLITE = findProgram('sqlite3');

/** Why plain SQL cannot be sent to this database of the matrix; `false` when it can. */
export function withoutSql({ name, skip }) {
  if (skip) return skip;
  if (name === 'sqlite-memory') return 'an in-memory database is visible to its owner only';
  if (name === 'sqlite-file' && !SQLITE) return 'no sqlite3 program: apt-get install sqlite3';
  return false;
}

/** Connects to where `options`, the `database` option of createKavach, says. */
export function openSql({ provider, url }) {
  return { sqlite: openSqlite, postgres: openPostgres, mysql: openMysql }[provider](url);
}

async function openPostgres(connectionString) {
  const client = new pg.Client({ connectionString, application_name: 'plain SQL' });
  // A connection that is killed says so at the next statement as well.
  client.on('error', () => {});
  await client.connect();
  return {
    query: async (sql, params = []) => {
      let count = 0;
      return (await client.query(sql.replace(/\?/g, () => `$${++count}`), params)).rows;
    },
    close: () => client.end(),
  };
}

async function openMysql(url) {
  const connection = await mysql.createConnection(url);
  return {
    query: async (sql, params = []) => (await connection.query(sql, params))[0],
    close: () => connection.end(),
  };
}

/** The shell of SQLite: statements go in, rows come out as JSON, complaints as lines of text. */
async function openSqlite(file) {
  const shell = spawn('sh', ['-c', 'exec "$0" -batch -json "$1" 2>&1', SQLITE, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(shell, 'spawn');
  const mark = `done ${randomBytes(8).toString('hex')}\n`;
  const waiting = [];
  let said = '';
  shell.stdin.on('error', () => {});
  shell.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    for (let at; (at = said.indexOf(mark)) >= 0; said = said.slice(at + mark.length)) {
      waiting.shift()(said.slice(0, at).trim());
    }
  });
  const ended = once(shell, 'close');
  shell.on('close', () => {
    for (const settle of waiting) settle(`it ended. ${said}`);
  });

  const query = async (sql, params = []) => {
    let count = 0;
    const filled = sql.replace(/\?/g, () => literal(params[count++]));
    const answer = await new Promise((resolve) => {
      waiting.push(resolve);
      shell.stdin.write(`${filled};\n.print ${mark}`);
    });
    if (answer !== '' && !answer.startsWith('[')) throw new Error(`SQLite says: ${answer}`);
    return answer === '' ? [] : JSON.parse(answer);
  };
  await query('PRAGMA foreign_keys = ON');
  await query('PRAGMA busy_timeout = 8000');
  return {
    query,
    close: async () => {
      shell.stdin.end();
      await ended;
    },
  };
}

function literal(value) {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (Buffer.isBuffer(value)) return `X'${value.toString('hex')}'`;
  return `'${String(value).replaceAll("'", "''")}'`;
}
