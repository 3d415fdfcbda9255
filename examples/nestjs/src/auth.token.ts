/** What `Kavach` is injected by. */
export const KAVACH = Symbol('kavach');
