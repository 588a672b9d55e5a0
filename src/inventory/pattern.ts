import type { Problems } from '../core/diagnostic.ts';
import type { Located, SourceRange } from '../core/source.ts';
import { parseAddress } from './address.ts';

/** One part of a host pattern: which hosts it names, and how they change the selection so far. */
export interface PatternPart {
  readonly effect: 'add' | 'intersect' | 'exclude';
  /** A name, a glob, or a regular expression after `~`. */
  readonly expression: string;
  /** Which of the hosts that the expression names; absent: all. */
  readonly subscript?: Subscript;
  /** It is a line of a file, which is not split. */
  readonly isLine?: true;
  readonly range: SourceRange;
}

/** Positions of hosts, from 0; both ends are included. */
export interface Subscript {
  /** Negative: counted from the end; then `last` is the same. */
  readonly first: number;
  /** Absent: to the end. */
  readonly last?: number;
}

const SUBSCRIPT = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]$/;
const BRACKETED_IPV6 = /^\[([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)\]$/;

/**
 * The parts of a pattern such as `masters:&prod:!m1`, separated by commas, or else by colons or white space; Ansible's rules.
 * Reports unbalanced brackets and patterns that name nothing at all.
 * @param selectors words whose colon does not separate parts: `cluster:prod`
 */
export function parsePattern(
  pattern: Located<string>,
  problems: Problems,
  selectors: readonly string[] = [],
): readonly PatternPart[] {
  if (pattern.value.includes('{{')) {
    const hint = 'use a group, or all, and select hosts with --limit';
    problems.error('the pattern of hosts cannot be a template', pattern.range, hint);
    return [];
  }
  const parts = split(pattern, selectors).map((part) => parsePart(part, problems));
  if (parts.length === 0) problems.error('the pattern names no hosts', pattern.range, 'write all, a group or a host');
  return parts.filter((part) => part !== undefined);
}

function split(pattern: Located<string>, selectors: readonly string[]): readonly Located<string>[] {
  const { value } = pattern;
  if (value.includes(',')) return pieces(pattern, /[^,]+/g);
  // A colon may also be part of an IPv6 address, a port or a range.
  if (parseAddress(value.trim())) return pieces(pattern, /[\s\S]+/g);
  const prefix = selectors.length > 0 ? `(?:[&!]?(?:${selectors.join('|')}):)?` : '';
  return pieces(pattern, new RegExp(`${prefix}(?:[^\\s:[\\]]|\\[[^\\]]*\\]|[[\\]])+`, 'g'));
}

function pieces(pattern: Located<string>, piece: RegExp): readonly Located<string>[] {
  return [...pattern.value.matchAll(piece)].flatMap((match) => {
    const value = match[0].trim();
    const from = match.index + match[0].indexOf(value);
    return value === '' ? [] : [{ value, range: rangeWithin(pattern, from, from + value.length) }];
  });
}

/** The range of a part of a text, or of the whole text if the file does not contain it literally (escapes, a block). */
function rangeWithin({ value, range }: Located<string>, from: number, to: number): SourceRange {
  const at = range.file.text.slice(range.start, range.end).indexOf(value);
  return at < 0 ? range : range.file.range(range.start + at + from, range.start + at + to);
}

/** A part alone, in which no comma, colon or blank separates others. Undefined, after a report, if invalid. */
export function parsePart({ value, range }: Located<string>, problems: Problems): PatternPart | undefined {
  const effect = value.startsWith('!') ? 'exclude' : value.startsWith('&') ? 'intersect' : 'add';
  const text = effect === 'add' ? value : value.slice(1);
  if (text === '') {
    problems.error(`'${value}' names no hosts`, range, 'write a host, a group or a pattern after it');
    return undefined;
  }
  if (text.startsWith('~')) return { effect, expression: text, range };
  const address = BRACKETED_IPV6.exec(text)?.[1];
  if (address !== undefined) return { effect, expression: address, range };
  if (/[[\]]/.test(text.replace(/\[[^[\]]+\]/g, ''))) {
    problems.error(
      `a bracket in '${text}' is not closed or not opened`,
      range,
      'write group[0], group[0:2] or group[-1]',
    );
    return undefined;
  }
  const match = SUBSCRIPT.exec(text);
  if (!match) return { effect, expression: text, range };
  const [, expression = '', single, first, separator, last] = match;
  if (separator === '-') {
    const hint = `write ${expression}[${first}:${last}] for the hosts at these positions, or ${text}* for the names that match`;
    problems.error(`'${text}' is not a range of hosts`, range, hint);
    return undefined;
  }
  const subscript = single === undefined ? span(first, last) : { first: Number(single), last: Number(single) };
  return { effect, expression, subscript, range };
}

function span(first = '', last = ''): Subscript {
  return last === '' ? { first: Number(first) } : { first: Number(first), last: Number(last) };
}
