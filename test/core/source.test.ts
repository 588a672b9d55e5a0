import { describe, expect, test } from 'vitest';
import { formatPosition, SourceFile } from '../../src/core/source.ts';
import { fc } from '../support/random-cases.ts';

const FILE = new SourceFile('site.yml', 'one\n\nthrée\r\nlast');

describe('positions', () => {
  test.each([
    [0, 1, 1],
    [2, 1, 3],
    [3, 1, 4],
    [4, 2, 1],
    [5, 3, 1],
    [8, 3, 4],
    [12, 4, 1],
    [16, 4, 5],
    [99, 4, 5],
    [-1, 1, 1],
  ])('offset %i is line %i, column %i', (offset, line, column) => {
    expect(FILE.position(offset)).toEqual({ line, column });
  });

  test('of an empty text is its beginning', () => {
    expect(new SourceFile('x', '').position(0)).toEqual({ line: 1, column: 1 });
  });

  test('are told with the path as the user wrote it', () => {
    expect(formatPosition(FILE.range(5, 7))).toBe('site.yml:3:1');
  });

  test('are where counting line breaks one by one finds them', () => {
    const text = fc
      .array(fc.constantFrom('a', 'ö', '😀', '\n', '\r\n'), { maxLength: 40 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.nat(60), (content, offset) => {
        const at = Math.min(offset, content.length);
        const before = content.slice(0, at).split('\n');
        expect(new SourceFile('x', content).position(offset)).toEqual({
          line: before.length,
          column: (before.at(-1) ?? '').length + 1,
        });
      }),
    );
  });
});

describe('lines', () => {
  test.each([
    [1, 'one'],
    [2, ''],
    [3, 'thrée'],
    [4, 'last'],
    [0, ''],
    [5, ''],
  ])('line %i is %j', (line, text) => {
    expect(FILE.line(line)).toBe(text);
  });
});
