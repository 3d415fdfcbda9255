/** Columns as wide as what is in them. */
export function table(head, rows) {
  if (rows.length === 0) return `${head[0]}: none`;
  const all = [head, ...rows.map((row) => row.map(plain))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  return all
    .map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd())
    .join('\n');
}

// Strangers choose their user agents: nothing of theirs may steer a terminal.
export function plain(text) {
  return String(text).replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
