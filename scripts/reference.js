// Writes docs/reference.md from the doc comments of the types. `--check` only compares.

import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { declarationsIn, reexportsIn } from './declarations.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGE = join(root, 'docs/reference.md');
/** Every entry point, with what it is for. */
export const ENTRIES = {
  kavachos: ['index', 'The library.'],
  'kavachos/auth': ['auth', 'Sign-in, and whom to sign in with.'],
  'kavachos/node': ['node', 'For Node\'s own requests and responses.'],
  'kavachos/client': ['client', 'For pages: see [The browser\'s side](client.md).'],
  'kavachos/react': ['react', 'For React: see [The browser\'s side](client.md#react).'],
  'kavachos/testing': ['testing', 'For tests: see [Test your application](testing.md).'],
};
const HEAD = `# Reference

Every function, option and type, as the types describe them. It is made from them, by \`node scripts/reference.js\`. All times are in seconds unless a name says otherwise.
`;

/** The whole page. */
export function reference() {
  const sections = Object.entries(ENTRIES).map(([name, [file, purpose]]) => {
    const modules = [file, ...reexportsIn(read(`${file}.d.ts`))].map(moduleOf);
    return { name, purpose, modules };
  });
  const names = sections.flatMap(({ modules }) =>
    modules.flatMap(({ declarations }) => declarations.map(({ name }) => name)),
  );
  const write = writer(new Map(names.map((name) => [name, anchorOf(name)])));
  const index = sections.map(({ name }) => `- [\`${name}\`](#${name.replace('/', '')})`);
  return [
    HEAD,
    `${index.join('\n')}\n`,
    ...sections.flatMap(({ name, purpose, modules }) => [
      `## ${name}\n\n${purpose}\n`,
      ...modules.flatMap((module) => write.module(module)),
    ]),
  ].join('\n');
}

function moduleOf(file) {
  return { file, declarations: declarationsIn(read(`${file}.d.ts`)) };
}

/** Factories differ in little but their names, and each provider has a page: they share a heading. */
const isFactory = (name) => name.endsWith('Provider') && /^[a-z]/.test(name);

function anchorOf(name) {
  return isFactory(name) ? 'provider-factories' : name.toLowerCase();
}

/** Writes Markdown in which names are links, to their anchors. */
function writer(anchors) {
  const link = (text) =>
    text
      .replaceAll(/\{@link\s+(?:import\('[^']+'\)\.)?([^}|\s]+)(?:\s*\|\s*([^}]+?))?\s*\}/g, linked)
      .replaceAll(/\s*\n(?!\n)\s*/g, ' ')
      .replaceAll(/<(\w+)>/g, '&lt;$1&gt;');

  function linked(_, target, label = target) {
    if (/^https?:/.test(target)) return label === target ? target : `[${label}](${target})`;
    const [name] = target.split('.');
    return anchors.has(name) ? `[${label}](#${anchors.get(name)})` : `\`${label}\``;
  }

  function paragraphs(text) {
    return text.split(/\n\s*\n/).map((part) => escapeOutsideCode(part, link));
  }

  function parameter(text) {
    const [name, ...said] = text.split(/\s+/);
    return `\`${name}\`: ${escapeOutsideCode(said.join(' '), link)}`;
  }

  function body({ text, params, examples, throws }) {
    return [
      ...paragraphs(text),
      params.map((param) => `- ${parameter(param)}`).join('\n'),
      throws && escapeOutsideCode(thrown(throws), link),
      ...examples.map((example) => `\`\`\`ts\n${example}\n\`\`\``),
    ].filter(Boolean);
  }

  function member({ doc, signature }) {
    const { text, params, throws } = doc;
    const said = [
      ...paragraphs(text),
      ...params.map(parameter),
      throws && escapeOutsideCode(thrown(throws), link),
    ];
    const examples = doc.examples.map((example) => {
      return `\n\n${indented(`\`\`\`ts\n${example}\n\`\`\``)}`;
    });
    const line = said.filter(Boolean).join(' ');
    return `- \`${brief(signature)}\`${line && `\\\n  ${line}`}${examples.join('')}`;
  }

  function declaration({ name, doc, signature, members, parts }) {
    const list = members ?? parts?.map((part) => ({ ...part, signature: part.name }));
    return [
      `### ${name}`,
      ...(parts || signature === `interface ${name}`
        ? []
        : [`\`\`\`typescript\n${signature}\n\`\`\``]),
      ...body(doc),
      list?.map(member).join('\n'),
    ].filter(Boolean).join('\n\n').concat('\n');
  }

  function factories(declarations) {
    const write = ({ name, doc, line }) => {
      const page = `providers/${name.replace(/^create|Provider$/g, '').toLowerCase()}.md`;
      const [first] = escapeOutsideCode(doc.text, link).split(/(?<=\.)\s/);
      const signature = line.replace(/^function |;$/g, '');
      return `- \`${signature}\`\\\n  ${first} [More](${page}).`;
    };
    return [
      '### Provider factories\n',
      'Each gives an [OAuthProvider](#oauthprovider) for `providers` of [oauth](#oauth).\n',
      `${declarations.map(write).join('\n')}\n`,
    ].join('\n');
  }

  function module({ declarations }) {
    const shared = declarations.filter(({ name }) => isFactory(name));
    const own = declarations.filter(({ name }) => !isFactory(name)).map(declaration);
    return shared.length > 0 ? [...own, factories(shared)] : own;
  }
  return { module };
}

/** Without what says nothing to a reader: that a member is optional is in its question mark. */
function brief(signature) {
  const plain = signature.replace(/^readonly /, '').replace(/\(this: void(, )?/, '(');
  return /^\w+\?:/.test(plain) ? plain.replace(/ \| undefined$/, '') : plain;
}

function thrown(text) {
  return `Throws ${text.replaceAll(/\{(\w+)\}\s*/g, (_, name) => `\`${name}\` `)}`;
}

/** What is code stays as it is. */
function escapeOutsideCode(text, change) {
  // A line break inside code is a blank.
  return text
    .split(/(`[^`]+`)/)
    .map((part, at) => (at % 2 === 1 ? part.replaceAll(/\s*\n\s*/g, ' ') : change(part)))
    .join('');
}

function indented(text) {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
}

function read(name) {
  return readFileSync(join(root, name), 'utf8');
}

if (process.argv[1] && pathToFileURL(realpathSync(process.argv[1])).href === import.meta.url) {
  if (!process.argv.includes('--check')) writeFileSync(PAGE, reference());
  else if (readFileSync(PAGE, 'utf8') !== reference()) {
    console.error('docs/reference.md is not up to date: node scripts/reference.js');
    process.exitCode = 1;
  }
}
