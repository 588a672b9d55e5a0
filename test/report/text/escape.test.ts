import { describe, expect, test } from 'vitest';
import { escapeControls } from '../../../src/report/text/escape.ts';

describe('text from elsewhere', () => {
  test.each([
    ['an escape sequence', '\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a title that is set', '\u001b]0;gotcha\u0007', '\\x1b]0;gotcha\\x07'],
    ['a bell', 'ding\u0007', 'ding\\x07'],
    ['a carriage return that would write over the line', 'bad\rgood', 'bad\\rgood'],
    ['line ends and tabs', 'a\nb\tc', 'a\\nb\\tc'],
    ['a NUL and a DEL', '\0\u007f', '\\x00\\x7f'],
    ['C1 controls, of which one begins a sequence', '\u009b2J\u0085', '\\x9b2J\\x85'],
    ['bidi overrides and isolates', 'a\u202eb\u2066c\u200f', 'a\\u202eb\\u2066c\\u200f'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['characters that cannot be seen', 'a\u200bb\ufeff\u{e0041}', 'a\\u200bb\\ufeff\\u{e0041}'],
    ['half a character', 'a\ud800b', 'a\\ud800b'],
    [
      'a command of a job’s log',
      'a ##[add-mask]b ###[c] ##vso[task.d]e',
      'a \\x23#[add-mask]b #\\x23#[c] \\x23#vso[task.d]e',
    ],
    ['one that begins a line', ' \u00a0::set-output name=a::b', ' \u00a0\\x3a:set-output name=a::b'],
  ])('has %s written out', (_, raw, printable) => {
    expect(escapeControls(raw)).toBe(printable);
  });

  test('is left alone otherwise', () => {
    for (const text of [
      'mästers 漢字 → “quoted” ✔ 👍 \\n é',
      '::1',
      '::ffff:10.0.0.1',
      'a ::error::b',
      '## [a]',
      '#[a]',
    ])
      expect(escapeControls(text)).toBe(text);
  });

  test('is escaped at once however much of it is blank', () => {
    const blank = ' '.repeat(400_000);
    expect(escapeControls(`${blank}::`)).toBe(`${blank}::`);
    expect(escapeControls(`${blank}::a::`)).toBe(`${blank}\\x3a:a::`);
  });
});
