import { describe, expect, test } from 'vitest';
import { splitShellWords } from '../../src/inventory/shell-words.ts';

function words(line: string): readonly string[] | string {
  const split = splitShellWords(line);
  return 'problem' in split ? `${split.problem} at ${split.at}` : split.words.map(({ text }) => text);
}

describe('words of a line', () => {
  test.each([
    ['a b\tc', ['a', 'b', 'c']],
    ["a='b c'", ['a=b c']],
    ['a="b c"', ['a=b c']],
    [`a=b' 'c" "d`, ['a=b c d']],
    [String.raw`a=b\ c`, ['a=b c']],
    [String.raw`a="\"\\\n"`, [String.raw`a="\\n`]],
    [String.raw`a='\n'`, [String.raw`a=\n`]],
    ["'' a=''", ['', 'a=']],
    ['a # b', ['a']],
    ['a b#c d', ['a', 'b']],
    ["a='b#c'", ['a=b#c']],
    ['', []],
    ['# a', []],
  ])('%j', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  test.each([
    ["a='b", 'quote at 2'],
    ['a "b', 'quote at 2'],
    ['a\\', 'escape at 1'],
  ])('%j is refused, and where', (line, expected) => {
    expect(words(line)).toBe(expected);
  });

  test('a word knows where its characters stand', () => {
    const line = `m1 a='b c'"d"`;
    const split = splitShellWords(line);
    const [, word] = 'words' in split ? split.words : [];
    expect(word?.offsets.map((offset) => line.charAt(offset)).join('')).toBe('a=b cd');
    expect(line.slice(word?.start, word?.end)).toBe(`a='b c'"d"`);
  });

  test('a comment that cuts a word off is reported', () => {
    expect(splitShellWords('a b#c')).toMatchObject({ truncatedAt: 3 });
    expect(splitShellWords('a b #c')).not.toHaveProperty('truncatedAt');
  });
});
