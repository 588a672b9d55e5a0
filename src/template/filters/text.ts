import { quoteWord } from '../../core/shell.ts';
import { Complaint } from '../errors.ts';
import { checkLength, joinTexts } from '../measure.ts';
import { flag, integer, printable, text } from '../shape.ts';
import { type Filter, filter, optional, required, withDefault } from '../signature.ts';
import { displayText } from '../values/value.ts';

export const TEXT_FILTERS: readonly Filter[] = [
  filter('lower', text, {}, (value) => value.toLowerCase()),
  filter('upper', text, {}, (value) => value.toUpperCase()),
  filter('capitalize', text, {}, capitalize),
  filter('title', text, {}, (value) => value.replace(/[^-\s({[<]+/g, capitalize)),
  filter('trim', text, { chars: optional(text) }, (value, { chars }) => trim(value, chars)),
  filter(
    'replace',
    text,
    { old: required(text), new: required(text), count: optional(integer) },
    (value, { old, new: replacement, count }) => replace(value, old, replacement, count),
  ),
  filter('split', text, { sep: optional(text), maxsplit: withDefault(integer, -1) }, (value, { sep, maxsplit }) =>
    split(value, sep, maxsplit),
  ),
  filter(
    'indent',
    text,
    { width: withDefault(integer, 4), first: withDefault(flag, false), blank: withDefault(flag, false) },
    (value, { width, first, blank }) => indent(value, width, first, blank),
  ),
  filter(
    'truncate',
    text,
    {
      length: withDefault(integer, 255),
      killwords: withDefault(flag, false),
      end: withDefault(text, '...'),
      leeway: withDefault(integer, 5),
    },
    truncate,
  ),
  filter('quote', printable, {}, (value) => quote(displayText(value))),
  filter('basename', text, {}, (path) => path.slice(path.lastIndexOf('/') + 1)),
  filter('dirname', text, {}, dirname),
];

function capitalize(word: string): string {
  const [first = ''] = word;
  return first.toUpperCase() + word.slice(first.length).toLowerCase();
}

function trim(value: string, characters: string | undefined): string {
  if (characters === undefined) return value.trim();
  let start = 0;
  let end = value.length;
  while (start < end && characters.includes(value.charAt(start))) start += 1;
  while (end > start && characters.includes(value.charAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function replace(value: string, old: string, replacement: string, count: number | undefined): string {
  if (old === '') throw new Complaint("filter 'replace': the text to replace is empty");
  const pieces = value.split(old);
  if (count === undefined || count < 0 || count >= pieces.length) return joinTexts(pieces, replacement);
  return joinTexts([joinTexts(pieces.slice(0, count + 1), replacement), ...pieces.slice(count + 1)], old);
}

/** Python's `str.split`: without a separator at runs of blanks, of which those behind the last split stay. */
function split(value: string, separator: string | undefined, maximum: number): readonly string[] {
  if (separator === '') throw new Complaint("filter 'split': the separator is empty");
  const pieces = separator === undefined ? value.trim().split(/\s+/) : value.split(separator);
  if (separator === undefined && pieces[0] === '') return [];
  if (maximum < 0 || pieces.length <= maximum) return pieces;
  const head = pieces.slice(0, maximum);
  if (separator !== undefined) return [...head, pieces.slice(maximum).join(separator)];
  let rest = value.trimStart();
  for (const piece of head) rest = rest.slice(piece.length).trimStart();
  return [...head, rest];
}

/** What Python takes for the end of a line, as far as it occurs in practice; the filter makes all of them `\n`. */
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

function indent(value: string, width: number, first: boolean, blank: boolean): string {
  const lines = value.split(LINE_BREAK);
  checkLength(value.length + Math.max(0, width) * lines.length);
  const margin = ' '.repeat(Math.max(0, width));
  return lines.map((line, index) => ((index === 0 ? first : blank || line !== '') ? margin + line : line)).join('\n');
}

interface Truncation {
  readonly length: number;
  /** Whether to cut within a word. */
  readonly killwords: boolean;
  readonly end: string;
  /** A text that is longer by no more than this stays whole. */
  readonly leeway: number;
}

function truncate(value: string, { length, killwords, end, leeway }: Truncation): string {
  const characters = [...value];
  const kept = length - [...end].length;
  if (kept < 0) throw new Complaint("filter 'truncate': the length is less than that of the end");
  if (leeway < 0) throw new Complaint("filter 'truncate': the leeway is negative");
  if (characters.length <= length + leeway) return value;
  const head = characters.slice(0, kept).join('');
  const blank = killwords ? -1 : head.lastIndexOf(' ');
  return (blank < 0 ? head : head.slice(0, blank)) + end;
}

/** Quotes a word for a POSIX shell, as Python's `shlex.quote` writes it. */
function quote(word: string): string {
  if (word.includes('\0')) throw new Complaint("filter 'quote': a shell word cannot contain a NUL character");
  return quoteWord(word).replaceAll(`'\\''`, `'"'"'`);
}

/** Python's `os.path.dirname`: everything before the last slash, without trailing slashes unless it is the root. */
function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return head.replace(/(?<=[^/])\/+$/, '');
}
