import { PYTHON_ESCAPES } from '../../core/python-escapes.ts';
import { Complaint } from '../errors.ts';
import { MAX_VALUES } from '../limits.ts';
import type { Budget } from '../machine.ts';
import { checkLength } from '../measure.ts';
import { guardRegex } from './regex-guard.ts';
import { compilePattern, type RegexOptions } from './regex-pattern.ts';

/** The first match of a pattern in a text. */
export function firstMatch(
  subject: string,
  pattern: string,
  options: RegexOptions,
  budget: Budget,
): RegExpExecArray | undefined {
  const regex = compilePattern(pattern, subject, options);
  return guardRegex(pattern, subject, budget, () => {
    let match = regex.exec(subject);
    while (match && isInsideCharacter(subject, match.index)) {
      regex.lastIndex = match.index + 1;
      match = regex.exec(subject);
    }
    return match ?? undefined;
  });
}

/** JavaScript finds what is empty also between the two halves of a character such as an emoji. */
function isInsideCharacter(subject: string, at: number): boolean {
  return (subject.codePointAt(at - 1) ?? 0) > 0xffff;
}

/** All matches of a pattern in a text, from left to right, or the first `maximum` of them. */
export function allMatches(
  subject: string,
  pattern: string,
  options: RegexOptions & { readonly maximum?: number },
  budget: Budget,
): readonly RegExpExecArray[] {
  const regex = compilePattern(pattern, subject, options);
  const maximum = options.maximum ?? Number.POSITIVE_INFINITY;
  return guardRegex(pattern, subject, budget, () => {
    const matches: RegExpExecArray[] = [];
    for (const match of subject.matchAll(regex)) {
      if (isInsideCharacter(subject, match.index)) continue;
      if (matches.length >= MAX_VALUES) throw new Complaint(`there are more than ${MAX_VALUES} matches`);
      matches.push(match);
      if (matches.length >= maximum) break;
    }
    return matches;
  });
}

/** The text with each match, or the first `maximum` of them, replaced. The replacement is Python's: `\1`, `\g<1>`, `\g<name>`. */
export function replaceMatches(
  subject: string,
  pattern: string,
  replacement: string,
  options: RegexOptions & { readonly maximum?: number },
  budget: Budget,
): string {
  const matches = allMatches(subject, pattern, options, budget);
  const parts = parseReplacement(replacement);
  const pieces: string[] = [];
  let length = subject.length;
  let from = 0;
  for (const match of matches) {
    const text = parts.map((part) => (typeof part === 'string' ? part : (groupOf(match, part.group) ?? ''))).join('');
    length += text.length - match[0].length;
    checkLength(length);
    pieces.push(subject.slice(from, match.index), text);
    from = match.index + match[0].length;
  }
  return [...pieces, subject.slice(from)].join('');
}

/** The text of a group by number or name; undefined when it took no part in the match. */
export function groupOf(match: RegExpExecArray, group: string): string | undefined {
  const byNumber = /^\d+$/.test(group);
  const known = byNumber ? Number(group) < match.length : Object.hasOwn(match.groups ?? {}, group);
  if (!known) throw new Complaint(`the regular expression has no group '${group}'`);
  return byNumber ? match[Number(group)] : match.groups?.[group];
}

/** `\1` or `\g<name>`, where a filter takes the name of a group; undefined for anything else. */
export function parseGroup(reference: string): string | undefined {
  const [, number, name] = /^\\(?:(\d{1,2})|g<(\w+)>)$/.exec(reference) ?? [];
  return number ?? name;
}

/**
 * The parts of Python's replacement: texts and references to groups.
 * @throws {Complaint} for an escape that Python refuses, and for `\0`, which is a NUL character there
 */
function parseReplacement(replacement: string): readonly (string | { readonly group: string })[] {
  return replacement.split(/(\\[1-9]\d?|\\g<\w+>|\\[\s\S]|\\$)/).map((part) => {
    if (!part.startsWith('\\')) return part;
    const group = parseGroup(part);
    if (group !== undefined && part !== '\\0') return { group };
    const letter = part.charAt(1);
    const character = PYTHON_ESCAPES[letter];
    if (character !== undefined) return character;
    if (letter !== '' && !/[A-Za-z0-9]/.test(letter)) return part;
    const ofLetter = letter === '' ? '' : ' and the letter';
    throw new Complaint(
      `'${part}' has no meaning in a replacement`,
      letter === '0' ? String.raw`write \g<0> for the whole match` : `write \\\\${letter} for a backslash${ofLetter}`,
    );
  });
}
