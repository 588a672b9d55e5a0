import { firstMatch } from '../regex/regex.ts';
import { flag, oneOf, text } from '../shape.ts';
import { required, type Test, test, withDefault } from '../signature.ts';

const options = {
  pattern: required(text),
  ignorecase: withDefault(flag, false),
  multiline: withDefault(flag, false),
};

export const TEXT_TESTS: readonly Test[] = [
  test('startswith', text, { prefix: required(text) }, (value, { prefix }) => value.startsWith(prefix)),
  test('endswith', text, { suffix: required(text) }, (value, { suffix }) => value.endsWith(suffix)),
  test('match', text, options, (value, { pattern, ignorecase: ignoreCase, multiline }, { budget }) => {
    return firstMatch(value, pattern, { ignoreCase, multiline, atStart: true }, budget) !== undefined;
  }),
  test('search', text, options, (value, { pattern, ignorecase: ignoreCase, multiline }, { budget }) => {
    return firstMatch(value, pattern, { ignoreCase, multiline }, budget) !== undefined;
  }),
  test(
    'regex',
    text,
    { ...options, match_type: withDefault(oneOf('search', 'match'), 'search') },
    (value, { pattern, ignorecase: ignoreCase, multiline, match_type: type }, { budget }) =>
      firstMatch(value, pattern, { ignoreCase, multiline, atStart: type === 'match' }, budget) !== undefined,
  ),
];
