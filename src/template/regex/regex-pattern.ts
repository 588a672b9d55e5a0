import { isAscii } from '../../core/letters.ts';
import { Complaint } from '../errors.ts';
import { MAX_PATTERN } from '../limits.ts';

export interface RegexOptions {
  readonly ignoreCase?: boolean | undefined;
  readonly multiline?: boolean | undefined;
  /** Only at the beginning of the text, like Python's `re.match`. */
  readonly atStart?: boolean;
}

/** Escapes with the same meaning in Python and JavaScript, as long as all characters are ASCII. */
const SHARED_ESCAPES = /[dDwWsSbBnrtfv0-9xu]/;
/** Beyond ASCII: what Python's classes contain, for the inside of brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  w: String.raw`\p{L}\p{N}_`,
  d: String.raw`\p{Nd}`,
  s: String.raw`\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`,
};
/** The same for what is in none of them; JavaScript's `\S` is near enough. */
const NEGATED_CLASSES: Readonly<Record<string, string>> = {
  W: String.raw`\p{M}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{S}\p{Z}\p{C}\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f`,
  D: String.raw`\P{Nd}`,
};
/** Python's anchors for the beginning and the end of the text. */
const ANCHORS: Readonly<Record<string, string>> = { A: '(?<![\\s\\S])', Z: '(?![\\s\\S])' };

/**
 * Converts a regular expression from Python to JavaScript: `(?P<name>…)`, `(?P=name)`, `(?i)` at the beginning, `\A`, `\Z`,
 * `{,3}`, `{,}`, `\033`, `$` before a final newline, lines that end with `\n` alone, and, if it or the text that it is for has
 * characters beyond ASCII, letters and digits of all languages. There are no conditional groups.
 * @throws {Complaint} if it is invalid, or too long
 */
export function compilePattern(pattern: string, subject: string, options: RegexOptions): RegExp {
  if (pattern.length > MAX_PATTERN) {
    throw new Complaint(`a regular expression has at most ${MAX_PATTERN} characters, not ${pattern.length}`);
  }
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = new Set([options.atStart ? 'y' : 'g', ...(inline?.[1] ?? '')]);
  if (options.ignoreCase) flags.add('i');
  if (options.multiline) flags.add('m');
  if (!isAscii(pattern) || !isAscii(subject)) flags.add('u');
  const source = translate(pattern.slice(inline?.[0].length ?? 0), flags);
  const regex = regExpOf(source, flags, pattern);
  if (!flags.has('u')) checkReferences(source);
  return regex;
}

function regExpOf(source: string, flags: ReadonlySet<string>, pattern: string): RegExp {
  try {
    return new RegExp(source, [...flags].join(''));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /s, '').toLowerCase() : '';
    throw new Complaint(`'${pattern}' is not a regular expression: ${reason}`);
  }
}

/**
 * Without the flag u, JavaScript takes a reference to a group that is not there for a character.
 * @throws {Complaint} for such a reference
 */
function checkReferences(source: string): void {
  const named = [...source.matchAll(/\\([1-9]\d?|[\s\S])|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]/g)].map(([, number]) =>
    Number(number),
  );
  const greatest = Math.max(0, ...named.filter((number) => number > 0));
  if (greatest === 0) return;
  const groups = (new RegExp(`${source}|`).exec('')?.length ?? 1) - 1;
  if (greatest > groups) throw new Complaint(`the regular expression has no group '${greatest}'`);
}

/** The parts that differ: an escape, a class, a named group, a reference to one, a repetition, brackets, start and end, any character. */
const PARTS =
  /\\(?:0[0-7]{0,2}|[1-7][0-7]{2}|[\s\S])|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\(\?P?<(?![=!])|\(\?P=(\w+)\)|\{,\d*\}|\{(?:\d+,?\d*\})?|[}\]^$.]/g;

function translate(pattern: string, flags: ReadonlySet<string>): string {
  const isUnicode = flags.has('u');
  return pattern.replace(PARTS, (part, group: string | undefined) => {
    if (group !== undefined) return `\\k<${group}>`;
    switch (part.charAt(0)) {
      case '\\':
        if (/^\\(?:0|\d{3})/.test(part)) return octalEscape(part.slice(1));
        return isUnicode ? unicodeEscape(part.slice(1)) : asciiEscape(part.slice(1));
      case '[':
        return isUnicode ? unicodeClass(part) : part.replace(/^(\[\^?)\]/, '$1\\]');
      case '(':
        if (part === '(?P<') return '(?<';
        throw new Complaint("'(?<' names no group in a regular expression of Python", 'write (?P<name>…)');
      default:
        return lineCharacter(part, flags) ?? bracket(part, isUnicode);
    }
  });
}

/** The start and the end of a line, and any character of it. */
function lineCharacter(part: string, flags: ReadonlySet<string>): string | undefined {
  switch (part) {
    case '^':
      return flags.has('m') ? '(?<![^\\n])' : '^';
    case '$':
      return flags.has('m') ? '(?![^\\n])' : '(?=\\n?$)';
    case '.':
      return flags.has('s') ? '.' : '[^\\n]';
    default:
      return undefined;
  }
}

/** A repetition, or a bracket that belongs to no pair, which has to be escaped with the flag u. */
function bracket(part: string, isUnicode: boolean): string {
  return isUnicode && part.length === 1 ? `\\${part}` : part.replace('{,', '{0,');
}

/**
 * A character by its octal number, which JavaScript does not know with the flag u.
 * @throws {Complaint} for a number of more than a byte, as Python
 */
function octalEscape(digits: string): string {
  const code = Number.parseInt(digits, 8);
  if (code > 0xff) throw new Complaint(`'\\${digits}' is more than \\377, the greatest octal number of a character`);
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

function asciiEscape(character: string): string {
  return ANCHORS[character] ?? `\\${known(character)}`;
}

function unicodeEscape(character: string): string {
  const [word, isNegated] = [CLASSES[character.toLowerCase()], /[A-Z]/.test(character)];
  if (word !== undefined) return `[${isNegated ? '^' : ''}${word}]`;
  if (character.toLowerCase() !== 'b') return ANCHORS[character] ?? literalEscape(character, /[\^$\\.*+?()[\]{}|/]/);
  const [before, after] = [`(?<=[${CLASSES['w']}])`, `(?=[${CLASSES['w']}])`];
  const [notBefore, notAfter] = [`(?<![${CLASSES['w']}])`, `(?![${CLASSES['w']}])`];
  return isNegated ? `(?:${before}${after}|${notBefore}${notAfter})` : `(?:${before}${notAfter}|${notBefore}${after})`;
}

/** Brackets with everything inside of them. */
function unicodeClass(part: string): string {
  const [, open = '', inside = '', close = ''] = /^(\[\^?)(\]?(?:\\[\s\S]|[^\]\\])*)(\]?)$/.exec(part) ?? [];
  const translated = inside.replace(/\\([0-7]{1,3}|[\s\S])|[\]]/g, (piece, character: string | undefined) => {
    if (character === undefined) return `\\${piece}`;
    if (/^[0-7]/.test(character)) return octalEscape(character);
    const word = CLASSES[character.toLowerCase()];
    if (word === undefined) return literalEscape(character, /[\^$\\.*+?()[\]{}|/-]/);
    return /[A-Z]/.test(character) ? (NEGATED_CLASSES[character] ?? `\\${character}`) : word;
  });
  return open + translated + close;
}

function literalEscape(character: string, special: RegExp): string {
  return /[A-Za-z0-9]/.test(character) || special.test(character) ? `\\${known(character)}` : character;
}

/** @throws {Complaint} for a letter that is no escape in both languages */
function known(character: string): string {
  if (/[A-Za-z0-9]/.test(character) && !SHARED_ESCAPES.test(character)) {
    throw new Complaint(`'\\${character}' means nothing in a regular expression`);
  }
  return character;
}
