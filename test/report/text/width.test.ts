import { describe, expect, test } from 'vitest';
import {
  cut,
  cutMiddle,
  displayWidth,
  flow,
  hang,
  indentRest,
  padEnd,
  widest,
  wrap,
} from '../../../src/report/text/width.ts';
import { fc } from '../../support/random-cases.ts';

const RED = '\u001b[31m';
const OFF = '\u001b[39m';

describe('the width of a text', () => {
  test.each([
    ['', 0],
    ['kplay', 5],
    ['mästers', 7],
    ['a\u0308', 1],
    ['漢字', 4],
    ['한글', 4],
    ['カナ', 4],
    ['ｶﾅ', 2],
    ['ＡＢ', 4],
    ['👍', 2],
    ['✔ ✖ ↺ ◼ ⠋ → ·', 13],
    [`${RED}red${OFF}`, 3],
  ])('%j is %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test('of several is that of the widest', () => {
    expect(widest(['a', '漢字', 'abc'])).toBe(4);
    expect(widest([])).toBe(0);
  });
});

describe('cutting', () => {
  test.each([
    ['apiserver', 9, 'apiserver'],
    ['apiserver', 8, 'apiserv…'],
    ['apiserver', 1, '…'],
    ['apiserver', 0, ''],
    ['漢字漢字', 4, '漢…'],
    ['漢字漢字', 5, '漢字…'],
    [`${RED}apiserver${OFF}`, 5, `${RED}apis…${OFF}`],
  ])('%j to %i columns gives %j', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  test('takes another mark where the terminal needs it', () => {
    expect(cut('apiserver', 6, '...')).toBe('api...');
    expect(cut('apiserver', 2, '...')).toBe('');
  });

  test.each([
    ['staging-us-east-049', 19, 'staging-us-east-049'],
    ['staging-us-east-049', 12, 'stagin…t-049'],
    ['staging-us-east-049', 2, 's…'],
    ['漢字漢字', 6, '漢…字'],
  ])('the midst of %j to %i columns gives %j', (text, width, expected) => {
    expect(cutMiddle(text, width)).toBe(expected);
    expect(displayWidth(cutMiddle(text, width))).toBeLessThanOrEqual(width);
  });

  test.each([cut, cutMiddle])('never exceeds the width: %o', (shorten) => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
        expect(displayWidth(shorten(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('padding counts columns, not characters', () => {
  expect(padEnd('漢字', 6)).toBe('漢字  ');
  expect(padEnd(`${RED}a${OFF}`, 3)).toBe(`${RED}a${OFF}  `);
  expect(padEnd('abc', 2)).toBe('abc');
});

describe('wrapping', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 80, ['one two three']],
    ['/var/backups/kplay', 7, ['/var/ba', 'ckups/k', 'play']],
    ['see /var/backups', 7, ['see', '/var/ba', 'ckups']],
    ['漢字漢字', 3, ['漢', '字', '漢', '字']],
    ['漢字', 1, ['漢', '字']],
    ['', 10, ['']],
    ['  "a": 1,', 20, ['  "a": 1,']],
    ['    one two', 7, ['    one', 'two']],
    ['    three two', 7, ['three', 'two']],
    ['run: 20261124T151244Z-3f9c, lost', 9, ['run:', '20261124T151244Z-3f9c,', 'lost']],
  ])('%j at %i', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  test('loses nothing but spaces, and no line is too wide', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test('a word that is broken loses nothing, its colours and their end included', () => {
  expect(wrap(`${RED}kubelet.regenerate${OFF} task`, 10)).toEqual([`${RED}kubelet.re`, `generate${OFF}`, 'task']);
});

test('a text whose further lines are indented has its words whole, or broken once', () => {
  expect(indentRest('add kubelet.regenerate to it', '  ', 12)).toEqual([
    'add',
    '  kubelet.re',
    '  generate',
    '  to it',
  ]);
});

test('a text with a prefix that leaves no room goes on below it', () => {
  expect(hang('14:47:17Z warning: ', "m1: kubelet's certificate", 20)).toEqual([
    '14:47:17Z warning:',
    "  m1: kubelet's",
    '  certificate',
  ]);
  const prefix = '            What to do: ';
  expect(hang(prefix, 'add a kubelet.regenerate task', 40)).toEqual([
    '            What to do: add a',
    '              kubelet.regenerate task',
  ]);
  expect(hang(prefix, 'leave it as it is, it is good', 48)).toEqual([
    `${prefix}leave it as it is, it is`,
    `${' '.repeat(24)}good`,
  ]);
  expect(hang('    What to do: ', 'leave it', 16)).toEqual(['    What to do:', '      leave it']);
});

test('a hanging text keeps clear of its prefix', () => {
  expect(hang('State: ', 'one two three', 19)).toEqual(['State: one two', '       three']);
});

test('clauses stand side by side as long as they fit', () => {
  expect(flow(['apiserver', 'ends 2027', '', 'renew'], 24)).toEqual(['apiserver   ends 2027', 'renew']);
  expect(flow(['apiserver  ', 'a long clause that wraps'], 14)).toEqual(['apiserver', 'a long clause', 'that wraps']);
});

test('a word or a line as long as a host may send is wrapped in a moment', () => {
  expect(wrap('a'.repeat(1_000_000), 20)).toHaveLength(50_000);
  expect(wrap('a '.repeat(200_000), Number.POSITIVE_INFINITY)).toHaveLength(1);
});
