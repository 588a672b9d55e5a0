import { type Document, isNode, visit, type YAMLParseError } from 'yaml';
import type { Problems } from '../diagnostic.ts';
import type { SourceFile } from '../source.ts';
import type { Dialect } from './yaml-dialect.ts';

/** The code of the parser when nesting has exhausted its stack. */
const TOO_DEEP = 'RESOURCE_EXHAUSTION';

/**
 * What `parse` returns, whose errors have no stack. Making a stack takes most of the time of a text that is all mistakes, as
 * a host may send one, and nobody reads it: a mistake is told by its position.
 */
export function withoutStacks<T>(parse: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parse();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The errors of a document; of one that is nested too deeply the first: each level that could not be read is an error of its own. */
function withoutLevels(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  const tooDeep = errors.find(({ code }) => code === TOO_DEEP);
  return tooDeep ? [tooDeep] : errors;
}

/** The message of an error or warning of the parser, without the position. */
function describe(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab indents this line: YAML takes spaces only';
    case TOO_DEEP:
      return 'it is nested too deeply';
    default: {
      const plainMessage = message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '');
      if (plainMessage.startsWith('Unresolved tag: ')) {
        return plainMessage.replace(
          /^Unresolved tag: (tag:yaml\.org,2002:)?/,
          (_, own) => `unknown tag ${own ? '!!' : ''}`,
        );
      }
      // The quoted part may end like a sentence.
      const quoted = plainMessage.replace(/: (\S+)$/, ": '$1'");
      return quoted === plainMessage ? plainMessage.replace(/\.$/, '') : quoted;
    }
  }
}

/** Also of a text without any document, such as a few lines that begin with %. */
export function reportErrors(
  document: Pick<Document, 'errors' | 'warnings'> & Partial<Pick<Document, 'contents'>>,
  source: SourceFile,
  problems: Problems,
): void {
  for (const { code, message, pos } of [...withoutLevels(document.errors), ...document.warnings]) {
    const opening = UNCLOSED.find(([unclosed]) => unclosed.test(message))?.[1];
    const at = opening === undefined ? undefined : openingBefore(pos[0], opening, document.contents, source);
    if (opening === undefined || at === undefined) problems.error(describe(code, message), source.range(...pos));
    else problems.error(`this ${opening} is not closed`, source.range(at, at + 1));
  }
}

/** Messages of the parser about what is not closed, which it finds out at the end. */
const UNCLOSED: readonly (readonly [message: RegExp, opening: string])[] = [
  [/^Missing closing "quote/, '"'],
  [/^Missing closing 'quote/, "'"],
  [/^Flow map .*end with a }/, '{'],
  [/^Flow sequence .*end with a ]/, '['],
];

/** Where the innermost value begins that ends at `end` and begins with `opening`. */
function openingBefore(
  end: number,
  opening: string,
  contents: Document['contents'] | undefined,
  { text }: SourceFile,
): number | undefined {
  let found: number | undefined;
  visit(contents ?? null, (_key, node) => {
    if (!isNode(node) || !node.range) return;
    const [start, valueEnd] = node.range;
    if (valueEnd === end && text[start] === opening) found = start;
  });
  return found;
}

/** Under another version, words and numbers would mean something else; PyYAML reads on as 1.1. */
export function checkVersion({ directives }: Document, source: SourceFile, problems: Problems, dialect: Dialect): void {
  const version = directives?.yaml;
  if (dialect !== 'ansible' || !version?.explicit || version.version === '1.1') return;
  const { index = 0, 0: line = '%' } = /^%YAML.*/m.exec(source.text) ?? {};
  problems.error(
    `YAML ${version.version} is not supported: this file is read as 1.1, as by Ansible`,
    source.range(index, index + line.length),
    'remove the line',
  );
}
