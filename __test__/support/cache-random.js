// Chance that can be had again: the same seed gives the same numbers.

/** `KAVACH_SEED` chooses the seed; without it every run has one of its own. */
export function seeded(seed = Number(process.env.KAVACH_SEED ?? Date.now() % 1e9)) {
  let state = seed >>> 0;
  /** A number from 0 up to, not including, 1 (mulberry32). */
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low, high) => low + Math.floor(next() * (high - low + 1));
  const pick = (list) => list[Math.floor(next() * list.length)];
  /** One of `[weight, value]`. */
  const weighted = (choices) => {
    let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    return choices.find(([weight]) => (left -= weight) < 0)[1];
  };
  return { seed, next, between, pick, weighted };
}
