import { Complaint } from '../errors.ts';
import { MAX_PATTERN } from '../limits.ts';

export interface RegexOptions {
  readonly ignoreCase?: boolean | undefined;
  readonly multiline?: boolean | undefined;
  /** Only at the beginning of the text, like Python's `re.match`. */
  readonly atStart?: boolean;
}

/** Escapes with the same meaning in Python and JavaScript. */
const SHARED_ESCAPES = /[dDwWsSbBnrtfv0-9xu]/;
/** Python's anchors for the beginning and the end of the text. */
const ANCHORS: Readonly<Record<string, string>> = { A: '(?<![\\s\\S])', Z: '(?![\\s\\S])' };

/**
 * Converts a regular expression from Python to JavaScript: `(?P<name>…)`, `(?P=name)`, `(?i)` at the beginning, `\A`, `\Z`,
 * `{,3}`, `$` before a final newline, and lines that end with `\n` alone. Remaining differences: `\w`, `\d` and `\b` are
 * ASCII only, and there are no conditional groups.
 * @throws {Complaint} if it is invalid, or too long
 */
export function compilePattern(pattern: string, options: RegexOptions): RegExp {
  if (pattern.length > MAX_PATTERN) {
    throw new Complaint(`a regular expression has at most ${MAX_PATTERN} characters, not ${pattern.length}`);
  }
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = new Set([options.atStart ? 'y' : 'g', ...(inline?.[1] ?? '')]);
  if (options.ignoreCase) flags.add('i');
  if (options.multiline) flags.add('m');
  const source = translate(pattern.slice(inline?.[0].length ?? 0), flags);
  try {
    return new RegExp(source, [...flags].join(''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, '').toLowerCase() : '';
    throw new Complaint(`'${pattern}' is not a regular expression: ${reason}`);
  }
}

/** The parts that differ: an escape, a class, a named group, a reference to one, `{,3}`, start and end, any character. */
const PARTS = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\(\?P<|\(\?P=(\w+)\)|\{,(?=\d+\})|\^|\$|\./g;

function translate(pattern: string, flags: ReadonlySet<string>): string {
  return pattern.replace(PARTS, (part, group: string | undefined) => {
    if (group !== undefined) return `\\k<${group}>`;
    switch (part.charAt(0)) {
      case '\\':
        return translateEscape(part.slice(1));
      case '[':
        return part.replace(/^(\[\^?)\]/, '$1\\]');
      case '(':
        return '(?<';
      case '{':
        return '{0,';
      case '^':
        return flags.has('m') ? '(?<![^\\n])' : '^';
      case '$':
        return flags.has('m') ? '(?![^\\n])' : '(?=\\n?$)';
      default:
        return flags.has('s') ? '.' : '[^\\n]';
    }
  });
}

function translateEscape(character: string): string {
  const anchor = ANCHORS[character];
  if (anchor) return anchor;
  if (/[A-Za-z0-9]/.test(character) && !SHARED_ESCAPES.test(character)) {
    throw new Complaint(`'\\${character}' means nothing in a regular expression`);
  }
  return `\\${character}`;
}
