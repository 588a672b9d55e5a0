import { expect, test } from 'vitest';
import { hangCommand, hangQuoted } from '../../../src/report/text/hang-command.ts';

const ID = '20261124T151244Z-3f9c';

test.each<[string, width: number, lines: readonly string[]]>([
  [`its progress: kplay show ${ID} --state state`, 80, [`> its progress: kplay show ${ID} --state state`]],
  [`its progress: kplay show ${ID} --state state`, 50, ['> its progress:', `  kplay show ${ID} --state state`]],
  // A terminal breaks it, and gives it back whole.
  [`kplay show ${ID} --state state`, 30, [`> kplay show ${ID} --state state`]],
  [
    `its progress: kplay show ${ID}; if it has ended there: kplay resume ${ID} --has-ended`,
    60,
    [`> its progress: kplay show ${ID}; if it has`, '  ended there:', `  kplay resume ${ID} --has-ended`],
  ],
  [
    'remove it by hand, where nobody is at work any more: kplay unlock -l m1',
    60,
    ['> remove it by hand, where nobody is at work any more:', '  kplay unlock -l m1'],
  ],
  // What is said about kplay is wrapped like anything else.
  ['leave it: kplay renews nothing on such a host', 24, ['> leave it: kplay renews', '  nothing on such a host']],
])('a command at the end of a text stays whole: %s at %i', (text, width, lines) => {
  expect(hangCommand('> ', text, width)).toEqual(lines);
});

test.each([
  [
    'commands that fit are not broken',
    'try `one two` and `three four`; or not',
    ['> try one two and', '  three four; or not'],
  ],
  [
    'a wider one stands on a line of its own',
    'try `one two three four five`, and look',
    ['> try', '  one two three four five', '  and look'],
  ],
  ['also at the beginning', '`one two three four five` helps', ['> one two three four five', '  helps']],
])('of a text with commands in backticks, %s', (_, text, lines) => {
  expect(hangQuoted('> ', text, 20)).toEqual(lines);
});
