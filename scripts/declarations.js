// Reads the hand-written declaration files as far as they are written: statements begin at the
// margin, members two blanks further in, and each has its doc comment right above it.

/**
 * The exported declarations of a `.d.ts` file, in order: `{ name, kind, doc, signature }`, of those
 * with a body `members` too, of a function the signature on one `line`, and of a union with a
 * comment on each member `parts`.
 */
export function declarationsIn(text) {
  const listed = [...text.matchAll(/^export type \{ (.*) \};$/gm)].flatMap(([, names]) =>
    names.split(', '),
  );
  return statements(text.split('\n')).flatMap(({ doc, code }) => {
    const [start, exported, kind, name] = DECLARATION.exec(code) ?? [];
    if (!exported && !listed.includes(name)) return [];
    const plain = `${kind} ${name}${code.slice(start.length)}`;
    return [{ name, kind, doc: parseDoc(doc), ...described(kind, plain) }];
  });
}

const DECLARATION = /^(export )?(?:declare )?(function|interface|class|type) (\w+)/;

function described(kind, code) {
  if (kind === 'function') return { signature: code, line: withoutComments(code) };
  if (kind === 'type') return { signature: code, parts: partsOf(code) };
  const [head, body] = split(code);
  return { signature: withoutComments(head), members: membersIn(body.split('\n')) };
}

/** At the bracket that opens the body: the first at which a line ends. */
function split(code) {
  const [head] = code.split(/ \{(?:\n|\}$)/, 1);
  return [head, code.slice(head.length + 3).replace(/\}$/, '')];
}

/** The names of modules whose exports are passed on: `export * from './providers.js'`. */
export function reexportsIn(text) {
  return [...text.matchAll(/^export \* from '\.\/([\w-]+)\.js';$/gm)].map(([, name]) => name);
}

/** `{ text, examples, throws, params }` of a doc comment. */
export function parseDoc(comment) {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.trim().replace(/^\* ?/, ''));
  const [text, ...tags] = lines.join('\n').split(/^(?=@\w+)/m);
  const of = (tag) =>
    tags
      .filter((part) => part.startsWith(`@${tag}`))
      .map((part) => part.slice(tag.length + 1).trim());
  return {
    text: text.trim(),
    params: of('param'),
    examples: of('example').map((example) => example.replace(/^```ts\n|\n```$/g, '')),
    throws: of('throws').join(' '),
  };
}

/** The members of a union that has a comment on each. */
function partsOf(code) {
  if (!/^ {2}\/\*\*/m.test(code)) return undefined;
  return [...code.matchAll(/\/\*\* ([^]*?) \*\/\s*\|\s*('[^']+')/g)].map(([, said, name]) => {
    return { name, doc: parseDoc(`/** ${said} */`) };
  });
}

function membersIn(lines) {
  return statements(lines.map((line) => line.replace(/^ {2}/, '')))
    .filter(({ code }) => !/^(#|private )/.test(code))
    .map(({ doc, code }) => ({
      doc: parseDoc(doc),
      signature: withoutComments(code).replace(/;$/, ''),
    }));
}

/**
 * `{ doc, code }` of what begins at the margin and ends where all brackets are closed: a body with
 * its last bracket, anything else with a semicolon.
 */
function statements(lines) {
  const found = [];
  let doc = [];
  let code = [];
  let inDoc = false;
  for (const line of lines) {
    if (code.length === 0 && (inDoc || line.startsWith('/**'))) {
      if (!inDoc) doc = [];
      doc.push(line);
      inDoc = !line.endsWith('*/');
    } else if (code.length > 0 || !/^\s*(\/\/.*)?$/.test(line)) {
      code.push(line);
      if (isClosed(code.join('\n'))) {
        found.push({ doc: doc.join('\n'), code: code.join('\n') });
        [doc, code] = [[], []];
      }
    }
  }
  if (code.length > 0) throw new Error(`a declaration does not end: ${code[0]}`);
  return found;
}

function isClosed(code) {
  const plain = withoutComments(code).replaceAll(/'[^'\n]*'/g, "''").replaceAll('=>', '');
  const count = (pattern) => plain.match(pattern)?.length ?? 0;
  const end = /^(export )?(declare )?(interface|class) /.test(plain) ? '}' : ';';
  return count(/[([{<]/g) === count(/[)\]}>]/g) && plain.endsWith(end);
}

/** On one line. */
function withoutComments(code) {
  const plain = code
    .replaceAll(/\/\*\*[^]*?(\*\/\s*|$)/g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .trimEnd();
  const joined = plain.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/([([{<]) (?=\S)/g, '$1');
  const tight = joined.replaceAll(/,? (?=[)\]>])/g, '').replaceAll('= | ', '= ');
  return tight.replaceAll(/\{(?=\S)/g, '{ ').replaceAll('{ }', '{}');
}
