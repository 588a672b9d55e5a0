import { expect, test } from 'vitest';
import { withoutHidden } from '../../../src/report/secrets/hidden-text.ts';

test.each([
  ['a value of short pieces', "mode cannot be 'p(4;w,o{r'", ['"p(4;w,o{r"'], 'mode: ***', "mode cannot be '***'"],
  ['an entry of a list', "item cannot be 'a(b;c'", ['- "a(b;c"'], '***', "item cannot be '***'"],
  ['one in a flow list', "item cannot be 'a(b;c'", ['[x, a(b;c, "d"]'], 'loop: ***', "item cannot be '***'"],
  ['behind a name', "mode cannot be 'a(b;c'", ['mode: a(b;c'], '***', "mode cannot be '***'"],
  ['with quotes in it', `it is 'a"b;c', not 'd'e;f'`, ['"a\\"b;c"', "'d''e;f'"], '***', "it is '***', not '***'"],
  ['of which one holds another', "it is 'ab(c.ab(cd'", ['ab(c', 'ab(c.ab(cd'], '***', "it is '***'"],
  ['cut short', "it is 'a(b;c,d…', too long", ['"a(b;c,d{e;f"'], '***', "it is '***…', too long"],
  ['a name in it', "there is no filter 'nofilter'", ["{{ 'x' | nofilter }}"], '***', "there is no filter '***'"],
  ['a part of a word in it', "'hunter' is undefined: x", ['{{ hunter-two }}'], '***', "'***' is undefined: x"],
  ['what is visible too', 'copy has no parameter mode', ['mode'], 'mode: ***', 'copy has no parameter mode'],
  ['before a sign', 'hunter2: unknown', ['hunter2'], 'x: ***', '***: unknown'],
])('a message quotes no hidden text: %s', (_, message, hidden, visible, shown) => {
  expect(withoutHidden(message, hidden, visible)).toBe(shown);
});

test('of any length', () => {
  const secret = '9'.repeat(400_000);
  expect(withoutHidden(`${secret} is too large a number`, [`pin: ${secret}`], 'pin: ***')).toBe(
    '*** is too large a number',
  );
});
