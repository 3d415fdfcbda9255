// What the library throws, and how a failure that crossed from Rust becomes it.

import { observe } from './diagnostics.js';

/** The one error class. `code` is stable; `message` is for people and may change. */
export class KavachError extends Error {
  constructor(code, message, { status = 500, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
  }

  static {
    Object.defineProperty(this.prototype, 'name', {
      value: 'KavachError',
      configurable: true,
      writable: true,
    });
  }
}

/** An argument of the wrong kind; the message says what to pass instead. */
export function argumentInvalid(message) {
  return new KavachError('argument_invalid', message, { status: 400 });
}

/** Calls the native side, which gives a carrier; gives its value or throws. */
export function carried(call) {
  return open(crossingNow(call));
}

/** The same for a promise of a carrier. */
export async function carriedLater(call) {
  return open(await crossing(call));
}

/** Calls the native side, which promises an outcome as JSON text; gives its value in `shape`. */
export async function outcome(call, shape = (value) => value) {
  observe();
  return shape(open(JSON.parse(await crossing(call))));
}

/** Awaits a native call. */
export async function crossing(call) {
  try {
    return await call();
  } catch (error) {
    throw fromForeign(error);
  }
}

/** Makes a native call that does not wait. */
export function crossingNow(call) {
  try {
    return call();
  } catch (error) {
    throw fromForeign(error);
  }
}

function open({ value, failure }) {
  if (!failure) return value;
  const { code, message, status, cause } = failure;
  throw new KavachError(code, message, { status, cause: reason(cause) });
}

// An `Error`, since loggers follow `cause` through those only; its stack would lead nowhere.
function reason(text) {
  if (text === undefined || text === null) return undefined;
  const error = new Error(text);
  error.stack = `Error: ${text}`;
  return error;
}

// The message of a failed conversion quotes the value, which may be a secret: it is not passed on.
const CONVERSION = /^(InvalidArg|\w+Expected)$/;

// What a native call throws by itself is no refusal of ours but a slip: it gets our class.
function fromForeign(error) {
  if (error instanceof KavachError) return error;
  return CONVERSION.test(error?.code)
    ? argumentInvalid('An argument is missing or of the wrong kind.')
    : new KavachError('internal', 'Something went wrong inside the library.', { cause: error });
}
