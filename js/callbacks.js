// The application's functions as Rust calls them: JSON text in, JSON text out. What they answer is
// for Rust to judge; here it only crosses.

import { types } from 'node:util';

import { isObject, isPlain } from './headers.js';

/** Options, with the functions among them ready to cross. Anything else stays as it is. */
export function crossable(options) {
  if (!isObject(options) || Array.isArray(options)) return options;
  const functions = OPTIONS.filter(
    (name) => Object.hasOwn(options, name) && typeof options[name] === 'function',
  );
  if (functions.length === 0) return options;
  return { ...options, ...membersOf(options, functions) };
}

/** A provider of the application's own, ready to cross; `undefined` for anything else. */
export function ownProvider(value) {
  if (!isObject(value) || typeof member(value, 'getUserInfo') !== 'function') return undefined;
  const members = membersOf(value, [...FACTS, ...METHODS]);
  // A class has private business of its own; in a plain object everything is meant for us.
  return isPlain(value) ? { ...value, ...members } : members;
}

const OPTIONS = ['mapProfile', 'getUserProfile'];
const FACTS = ['id', 'name', 'scopes'];
const METHODS = [
  ...['getAuthorizationUrl', 'exchangeCode', 'getUserInfo'],
  ...['refreshTokens', 'revokeToken', 'mapProfile'],
];
const GIVES_TOKENS = ['exchangeCode', 'refreshTokens'];
const MAX_REASON = 200;

function membersOf(owner, names) {
  const members = {};
  for (const name of names) {
    const value = member(owner, name);
    if (value === undefined) continue;
    members[name] = typeof value === 'function' ? crossing(owner, value, name) : value;
  }
  return members;
}

// It may be inherited, from a class say, but not from a prototype that somebody has polluted.
function member(owner, name) {
  const value = owner[name];
  return Object.hasOwn(owner, name) || value !== Object.prototype[name] ? value : undefined;
}

// Nobody would be there to catch it if the promise were rejected.
function crossing(owner, callback, name) {
  const shape = GIVES_TOKENS.includes(name) ? withMilliseconds : (result) => result;
  return async (argsJson) => {
    let args = [];
    let result;
    try {
      args = JSON.parse(argsJson);
      result = await Reflect.apply(callback, owner, args);
    } catch (error) {
      return JSON.stringify({ error: reason(error, args) });
    }
    return answer(result, shape);
  };
}

function answer(result, shape) {
  try {
    const text = JSON.stringify(shape(result) ?? null);
    if (text !== undefined) return `{"value":${text}}`;
  } catch {
    // A cycle, a BigInt, a `toJSON` or a getter that throws.
  }
  return JSON.stringify({ error: 'returned something that JSON cannot hold' });
}

// JSON would make text of a `Date`. One without a time stays text, for Rust to refuse.
function withMilliseconds(tokens) {
  if (!isObject(tokens) || !Object.hasOwn(tokens, 'expiresAt')) return tokens;
  const { expiresAt } = tokens;
  if (!types.isDate(expiresAt)) return tokens;
  const time = expiresAt.getTime();
  return { ...tokens, expiresAt: Number.isNaN(time) ? String(expiresAt) : time };
}

// Whatever was thrown, in words that Rust can read. The arguments may be secrets, so they go before
// the text is cut: half of one would not be known again.
function reason(thrown, args) {
  try {
    const text = typeof thrown === 'string' ? thrown : thrown.message;
    if (typeof text === 'string' && text !== '') {
      return withoutArguments(text, args).slice(0, MAX_REASON).toWellFormed();
    }
  } catch {
    // `null`, or a getter that throws.
  }
  return 'threw something that is no error';
}

function withoutArguments(text, args) {
  return args
    .filter((argument) => typeof argument === 'string' && argument !== '')
    .reduce((rest, argument) => rest.replaceAll(argument, '…'), text);
}
