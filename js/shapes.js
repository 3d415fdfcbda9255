// Plain values from Rust, their times turned from ISO 8601 into `Date`. By shape, never by
// guessing: what the application or a provider put into `metadata` and `raw` stays as it is.

export function user(value) {
  return { ...value, createdAt: new Date(value.createdAt), updatedAt: new Date(value.updatedAt) };
}

export function session(value) {
  return { ...value, createdAt: new Date(value.createdAt), expiresAt: new Date(value.expiresAt) };
}

export function connection(value) {
  return { ...value, createdAt: new Date(value.createdAt), updatedAt: new Date(value.updatedAt) };
}

/** What happened. What is not known about it is left out. */
export function event({ at, ...rest }) {
  const known = Object.entries(rest).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(known), at: new Date(at) };
}

/** `{ user, session }`. */
export function signedIn(value) {
  return { ...value, user: user(value.user), session: session(value.session) };
}

/** A user as frameworks expect one: what is not known is not there. */
export function resolved({ id, email, name, image }) {
  return {
    id,
    ...(email !== null && { email }),
    ...(name !== null && { name }),
    ...(image !== null && { image }),
  };
}

/** `{ session, token }`. */
export function issued(value) {
  return { ...value, session: session(value.session) };
}

/** Anything with an `expiresAt` that may be unknown: tokens, access tokens. */
export function expiring(value) {
  return { ...value, expiresAt: value.expiresAt === null ? null : new Date(value.expiresAt) };
}

export const nullable = (shape) => (value) => (value === null ? null : shape(value));

export const list = (shape) => (values) => values.map((value) => shape(value));
