import { Complaint } from '../errors.ts';
import { anything, flag, integer, oneOf, text } from '../shape.ts';
import { optional, required, type Test, test, withDefault } from '../signature.ts';
import { compare, equals } from '../values/value.ts';
import { compareVersions } from '../values/version.ts';

const other = { other: required(anything) };

const equal = (order: number) => order === 0;
const different = (order: number) => order !== 0;
const before = (order: number) => order < 0;
const notAfter = (order: number) => order <= 0;
const after = (order: number) => order > 0;
const notBefore = (order: number) => order >= 0;

/** The operators of `version`, in all their spellings, as predicates on an ordering. */
const OPERATORS = {
  ...{ '==': equal, '=': equal, eq: equal, '!=': different, '<>': different, ne: different },
  ...{ '<': before, lt: before, '<=': notAfter, le: notAfter },
  ...{ '>': after, gt: after, '>=': notBefore, ge: notBefore },
} as const;

const operator = oneOf(...(Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]));

export const COMPARISON_TESTS: readonly Test[] = [
  test(['eq', 'equalto', '=='], anything, other, (value, args) => equals(value, args.other)),
  test(['ne', '!='], anything, other, (value, args) => !equals(value, args.other)),
  test(['lt', 'lessthan', '<'], anything, other, (value, args) => before(compare(value, args.other))),
  test(['le', '<='], anything, other, (value, args) => notAfter(compare(value, args.other))),
  test(['gt', 'greaterthan', '>'], anything, other, (value, args) => after(compare(value, args.other))),
  test(['ge', '>='], anything, other, (value, args) => notBefore(compare(value, args.other))),
  test(
    ['version', 'version_compare'],
    text,
    {
      version: required(text),
      operator: withDefault(operator, 'eq'),
      strict: optional(flag),
      version_type: optional(oneOf('loose', 'strict', 'semver', 'semantic')),
    },
    (value, { version, operator: wanted, strict, version_type: type }) => {
      if (strict !== undefined && type !== undefined) {
        throw new Complaint("test 'version' takes either 'strict' or 'version_type', not both");
      }
      return OPERATORS[wanted](compareVersions(value, version, type ?? (strict ? 'strict' : 'loose')));
    },
  ),
  test('odd', integer, {}, (value) => value % 2 !== 0),
  test('even', integer, {}, (value) => value % 2 === 0),
  test('divisibleby', integer, { num: required(integer) }, (value, { num }) => num !== 0 && value % num === 0),
];
