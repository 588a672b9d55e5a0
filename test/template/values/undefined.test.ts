import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/core/json.ts';
import { Unknown, UnknownValueError } from '../../../src/core/world.ts';
import { evaluated, failure, rendered } from '../harness.ts';

const made = { rc: 0, stdout: '', stderr: '', start: '', stdout_lines: [] };
const variables = { made, user: { name: 'ann', tags: ['x'] }, host: 'm1', empty: '', zero: 0, nothing: null };

describe('what has no value', () => {
  test.each([
    ['hots', "'hots' is undefined @1 [did you mean 'host'?]"],
    ['1 + qwertz', "'qwertz' is undefined @5"],
    ['user.nmae', "'user.nmae' is undefined @1 [did you mean 'name'?]"],
    ['user.names', "'user.names' is undefined @1 [did you mean 'name'?]"],
    [
      'made.stat.exists',
      "'made.stat' is undefined @1 [the result of a command has rc, which test -e makes 0 where the file exists]",
    ],
    ['made.content', "'made.content' is undefined @1 [the result of a command has stdout, which is no base64]"],
    ['made.strat', "'made.strat' is undefined @1 [did you mean 'start'?]"],
    ["user['na me']", "'user['na me']' is undefined @1 [did you mean 'name'?]"],
    ['user.tags[3]', "'user.tags[3]' is undefined @1 [the list has 1 item]"],
    ['user.x.y.z', "'user.x' is undefined @1"],
    ['host.name', "'host.name' is undefined @1 ['host' is a string]"],
    ['(host ~ host).name', "a string has no 'name' @1"],
    ['[1, 2][9]', 'a list has no item 9 @1 [the list has 2 items]'],
    ['not missing', "'missing' is undefined @5"],
    ['missing and true', "'missing' is undefined @1"],
    ['missing | upper', "'missing' is undefined @1"],
    ['missing == 1', "'missing' is undefined @1"],
    ['missing is none', "'missing' is undefined @1"],
    ['[host, missing]', "'missing' is undefined @8"],
    ['host | default(missing)', 'm1'],
    ['missing | default(gone)', "'gone' is undefined @11"],
    ['host if empty', "the condition is false, and there is no 'else' @1 [add what it is then, such as else '']"],
    ['missing | mandatory', "'missing' is undefined @1"],
    ["missing | mandatory('set it in group_vars')", 'set it in group_vars @1'],
    ['[] | first', "filter 'first' finds nothing: the value is empty @6"],
    ['[] | max', "filter 'max' finds nothing: the list is empty @6"],
  ])('%s', (text, outcome) => {
    expect(evaluated(text, variables)).toEqual(outcome.includes('@') ? failure(outcome) : outcome);
  });

  test.each<[string, Json]>([
    ['missing | default(1)', 1],
    ['missing | default', ''],
    ['missing | d(none)', null],
    ['missing.deep.er[0] | default(1)', 1],
    ['user.name | default(1)', 'ann'],
    ['nothing | default(1)', null],
    ['empty | default(1)', ''],
    ['empty | default(1, true)', 1],
    ['zero | default(1, boolean=true)', 1],
    ['missing | default(gone) | default(1)', 1],
    ['[] | first | default(1)', 1],
    ['host if empty else 1', 1],
    ['(host if empty) | default(1)', 1],
    ['host | mandatory', 'm1'],
    ['host is defined', true],
    ['missing is defined', false],
    ['missing is not defined', true],
    ['missing is undefined', true],
    ['host is not undefined', true],
    ['user.x.y is defined', false],
    ['user.name is defined and user.name == host', false],
    ['missing is defined and missing > 3', false],
    ['nothing is defined', true],
    ['[] | first is defined', false],
  ])('%s is allowed', (text, value) => {
    expect(evaluated(text, variables)).toEqual(value);
  });
});

describe('what JavaScript would find', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'evaluated', 'length', '__defineGetter__'])(
    '%s is undefined everywhere',
    (name) => {
      for (const subject of ['', 'user.', 'user.tags.', 'host.', 'zero.']) {
        expect(evaluated(`${subject}${name} is defined`, variables)).toBe(false);
      }
      expect(evaluated(`user['${name}'] | default('no')`, variables)).toBe('no');
      expect(evaluated(`[user] | map(attribute='${name}', default='no')`, variables)).toEqual(['no']);
      expect(evaluated(`[user] | selectattr('${name}', 'defined')`, variables)).toEqual([]);
    },
  );

  test('a member that is really named so is found', () => {
    const odd = { m: JSON.parse('{"__proto__": 1, "constructor": 2}') as Json };
    expect(evaluated('m.__proto__ + m.constructor', odd)).toBe(3);
    expect(evaluated("m | combine({'x': 1}) | dict2items | map(attribute='key')", odd)).toEqual([
      '__proto__',
      'constructor',
      'x',
    ]);
    expect(evaluated("({'__proto__': {'polluted': 1}} | combine({})).polluted is defined")).toBe(false);
  });
});

describe('what only a run will tell', () => {
  const later = { ...variables, later: new Unknown('restart') };

  test.each([
    'later',
    'later.x',
    'later is defined',
    'later | default(1)',
    '[later]',
    'true and later',
    'later and false',
  ])('%s is not known yet', (text) => {
    expect(() => evaluated(text, later)).toThrow(new UnknownValueError('restart'));
    expect(() => rendered(`a {{ ${text} }}`, later)).toThrow(UnknownValueError);
  });

  test.each<[string, Json]>([
    ['false and later', false],
    ['host or later', 'm1'],
    ['1 if true else later', 1],
    ['later if false else 1', 1],
    ['host | default(later)', 'm1'],
    ['host is defined or later is changed', true],
  ])('%s does not need it', (text, value) => {
    expect(evaluated(text, later)).toEqual(value);
  });
});
