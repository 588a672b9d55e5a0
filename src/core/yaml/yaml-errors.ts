import type { YAMLParseError } from 'yaml';

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
export function withoutLevels(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  const tooDeep = errors.find(({ code }) => code === TOO_DEEP);
  return tooDeep ? [tooDeep] : errors;
}

/** The message of an error or warning of the parser, without the position. */
export function describe(code: string, message: string): string {
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
