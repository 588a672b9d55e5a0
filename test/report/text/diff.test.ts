import { describe, expect, test } from 'vitest';
import { formatDiff } from '../../../src/report/text/diff.ts';
import { createStyle } from '../../../src/report/text/style.ts';
import { COLORED, PLAIN, withTags } from '../support/options.ts';

const lines = (count: number, prefix = 'line') =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}\n`).join('');
const diff = (before: string, after: string) =>
  formatDiff('/etc/x', { before, after, differsInHidden: false }, createStyle(PLAIN));

describe('a diff', () => {
  test('shows what changes with three lines around it', () => {
    expect(diff(lines(10), lines(10).replace('line 5', 'line five'))).toBe(
      [
        '--- /etc/x',
        '+++ /etc/x',
        '@@ -3,7 +3,7 @@',
        ' line 2',
        ' line 3',
        ' line 4',
        '-line 5',
        '+line five',
        ' line 6',
        ' line 7',
        ' line 8',
      ].join('\n'),
    );
  });

  test('is coloured', () => {
    expect(
      withTags(formatDiff('/etc/x', { before: 'a\n', after: 'b\n', differsInHidden: false }, createStyle(COLORED))),
    ).toBe('<bold>--- /etc/x</>\n<bold>+++ /etc/x</>\n<cyan>@@ -1,1 +1,1 @@</>\n<red>-a</>\n<green>+b</>');
  });

  test('is empty when nothing changes', () => {
    expect(diff('a\n', 'a\n')).toBe('');
  });

  test('says when a final newline is missing', () => {
    expect(diff('a', 'a\n')).toContain('\\ No newline at end of file');
  });

  test('is given up when the texts have little in common', () => {
    expect(diff(lines(5_000, 'old'), lines(5_000, 'new'))).toBe('/etc/x: files differ');
  });

  test('hides secrets, and says when nothing else differs', () => {
    expect(diff('user: a\npassword: one\n', 'user: b\npassword: one\n')).toContain(' password: ***');
    expect(diff('password: one\n', 'password: two\n')).toBe('/etc/x: only hidden values differ');
  });

  test('writes control characters out', () => {
    expect(diff('a\n', '\u001b[2J\r\n')).toContain('+\\x1b[2J\\r');
  });
});
