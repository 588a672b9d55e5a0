import { describe, expect, test } from 'vitest';
import { operatorCommands } from '../../src/cli/fleet/run-control.ts';

describe('how operators go on with a run that has ended', () => {
  test.each([
    [
      'run',
      { canResume: true, isSaved: false },
      { later: 'kplay resume R --state /s', again: 'kplay resume R --state /s' },
    ],
    ['certs install', { canResume: false, isSaved: false }, { again: 'the same command' }],
    ['apply', { canResume: false, isSaved: true }, { again: 'a new plan' }],
  ])('of kplay %s', (_command, run, says) => {
    const { approve, ...others } = operatorCommands('R', run, { state: '/s' });
    expect(approve('rest')).toBe('kplay approve R rest --state /s');
    expect(others).toEqual({ resume: 'kplay resume R --state /s', ...says });
  });
});
