import { describe, expect, test } from 'vitest';
import { InputError, Problems } from '../../src/core/diagnostic.ts';
import { SourceFile } from '../../src/core/source.ts';

const FILE = new SourceFile('site.yml', 'hosts: all\n');
const PLACE = FILE.range(0, 5);

describe('problems', () => {
  test('are kept in their order, with what is known of them', () => {
    const problems = new Problems();
    problems.error('unknown key', PLACE, 'did you mean hosts?');
    problems.warning('this is old');
    expect(problems.all).toEqual([
      { severity: 'error', message: 'unknown key', range: PLACE, hint: 'did you mean hosts?' },
      { severity: 'warning', message: 'this is old' },
    ]);
  });

  test('that have been told of a place are not told of it again', () => {
    const problems = new Problems();
    problems.error('twice', PLACE);
    problems.error('twice', FILE.range(0, 9), 'another hint');
    problems.warning('twice', PLACE);
    expect(problems.all).toHaveLength(1);
  });

  test('are told again of another place, another file, or no place', () => {
    const problems = new Problems();
    problems.error('twice', PLACE);
    problems.error('twice', FILE.range(1, 5));
    problems.error('twice', new SourceFile('site.yml', FILE.text).range(0, 5));
    problems.error('twice');
    problems.error('twice');
    expect(problems.all).toHaveLength(5);
  });

  test('are thrown together, warnings too, when there is an error among them', () => {
    const problems = new Problems();
    problems.warning('first');
    problems.throwIfErrors();
    expect(problems.hasErrors).toBe(false);
    problems.error('second');
    expect(problems.hasErrors).toBe(true);
    const thrown = thrownBy(() => problems.throwIfErrors());
    expect(thrown).toBeInstanceOf(InputError);
    expect(thrown).toMatchObject({ name: 'InputError', message: 'first; second', diagnostics: problems.all });
  });
});

test('an input error can be made of one message', () => {
  const error = InputError.of('no such host', PLACE, 'name another');
  expect(error.diagnostics).toEqual([
    { severity: 'error', message: 'no such host', range: PLACE, hint: 'name another' },
  ]);
});

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
