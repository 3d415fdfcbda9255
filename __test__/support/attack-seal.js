// Sealed values in the hands of somebody without the key.

/** What can be made of a flow cookie, and of a second one: nothing that should open. */
export function tampered(value, other) {
  const bytes = Buffer.from(value, 'base64url');
  const foreign = Buffer.from(other, 'base64url');
  const encode = (...parts) => Buffer.concat(parts).toString('base64url');
  const all = new Set([
    // Each byte with a bit flipped, each character another one, each length but the right one.
    ...[...bytes].map((byte, at) => {
      const flipped = Buffer.from([byte ^ (1 << at % 8)]);
      return encode(bytes.subarray(0, at), flipped, bytes.subarray(at + 1));
    }),
    ...[...value].flatMap((c, at) =>
      ['A', '-', '_', '+', '/', '=', '%', '"'].map((to) => {
        return value.slice(0, at) + to + value.slice(at + 1);
      }).filter((_, i) => i === at % 8 || at === value.length - 1),
    ),
    // The last character has bits that mean nothing: only one spelling counts.
    ...[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map(
      (c) => value.slice(0, -1) + c,
    ),
    ...Array.from({ length: 40 }, (_, i) => value.slice(0, Math.ceil((i * value.length) / 40))),
    value.slice(0, -1), value.slice(1), value + value, `${value}.${value}`, `${value}AAAA`,
    `${value}=`, `${value}==`, `"${value}"`, encodeURIComponent(`%${value}`),
    'A'.repeat(65_536), value.padEnd(65_536, 'A'), value.repeat(100),
    // Parts of two cookies, each good in itself.
    other, encode(bytes.subarray(0, 29), foreign.subarray(29)),
    encode(foreign.subarray(0, 29), bytes.subarray(29)),
    encode(bytes.subarray(0, -16), foreign.subarray(-16)),
    '', ' ', 'null', '{}', '0', '%00', '\u00e9', 'A'.repeat(38), encode(Buffer.alloc(45)),
  ]);
  all.delete(value);
  return all;
}
