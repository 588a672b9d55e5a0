import { describe, expect, test } from 'vitest';
import { InputError, inReadingOrder, Problems } from '../../src/core/diagnostic.ts';
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
    problems.error('twice', new SourceFile('other.yml', FILE.text).range(0, 5));
    problems.error('twice', new SourceFile('site.yml', 'hosts: one\n').range(0, 5));
    problems.error('twice');
    problems.error('twice');
    expect(problems.all).toHaveLength(6);
  });

  test('of a file that is read again, as by each task that includes it, are told once', () => {
    const problems = new Problems();
    for (let times = 0; times < 3; times += 1) {
      const file = new SourceFile('tasks.yml', FILE.text);
      problems.error('twice', file.range(0, 5));
      problems.error('another', file.range(0, 5));
    }
    expect(problems.all.map(({ message }) => message)).toEqual(['twice', 'another']);
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

test('are read file by file from top to bottom, after those of no place', () => {
  const tasks = new SourceFile('tasks.yml', 'one\ntwo\n');
  const problems = new Problems();
  problems.error('fourth', tasks.range(4, 5));
  problems.warning('third', tasks.range(0, 1));
  problems.error('second', FILE.range(7, 9));
  problems.error('first', PLACE);
  // The same file, read again.
  problems.error('last', new SourceFile('tasks.yml', tasks.text).range(6, 7));
  problems.error('of no place');
  expect(inReadingOrder(problems.all).map(({ message }) => message)).toEqual([
    'of no place',
    'first',
    'second',
    'third',
    'fourth',
    'last',
  ]);
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
