// Diagrams of the documentation, as far as they can be judged without drawing them.

/** Why a Mermaid diagram would not be drawn as it is meant; `undefined` when nothing is wrong. */
export function faultOf(text) {
  const [head, ...rest] = text.split('\n').filter((line) => line.trim() !== '');
  const lines = rest.map((line) => line.trim());
  if (!KINDS.test(head)) return `it begins with ${head}`;
  return head === 'sequenceDiagram' ? sequenceFault(lines) : balanceFault(lines);
}

const KINDS = /^(sequenceDiagram|stateDiagram-v2|flowchart (TD|LR)|erDiagram)$/;

/** Everybody who sends or gets a message is declared, so that nobody appears by a typo. */
function sequenceFault(lines) {
  const declared = new Set();
  for (const line of lines) {
    const [, who] = /^(?:participant|actor) (\w+)(?: as .+)?$/.exec(line) ?? [];
    const [, from, to] = /^(\w+)--?>>(\w+): \S/.exec(line) ?? [];
    const [, noted] = /^Note (?:over|left of|right of) (\w+(?:,\w+)?): \S/.exec(line) ?? [];
    if (who) declared.add(who);
    const named = noted ? noted.split(',') : [from, to].filter(Boolean);
    const isOther = line === 'autonumber' || /^(alt|else|opt|loop|par|and|end)\b/.test(line);
    if (!who && named.length === 0 && !isOther) return `it says: ${line}`;
    // A semicolon ends a statement of Mermaid's, unless it ends an entity.
    if (/;/.test(line.replaceAll(/#\w+;/g, ''))) return `a semicolon ends the line: ${line}`;
    const stranger = named.find((name) => !declared.has(name));
    if (stranger) return `nobody is called ${stranger}: ${line}`;
  }
  return undefined;
}

/** Brackets are closed on their line, quotes as well. */
function balanceFault(lines) {
  for (const line of lines) {
    const plain = line.replaceAll(/"[^"]*"/g, '');
    if (plain.includes('"')) return `a quote is open: ${line}`;
    for (const [open, close] of ['()', '[]', '{}']) {
      const count = (character) => plain.split(character).length;
      if (count(open) !== count(close)) return `a bracket is open: ${line}`;
    }
  }
  return undefined;
}
