// Few samples, no distribution assumed.

/** `{ median, min, max }`. @param {number[]} samples at least one */
export function summary(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Three digits that mean something, thousands apart. */
export function figure(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** `median (min–max)`, the last two only when there is more than one value. */
export function spread({ median, min, max }, text = figure) {
  return min === max ? text(median) : `${text(median)} (${text(min)}–${text(max)})`;
}
