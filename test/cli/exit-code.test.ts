import { expect, test } from 'vitest';
import { detailedExitCode, EXIT } from '../../src/cli/exit-code.ts';
import { NO_RESULT, type RunResult } from '../../src/engine/run-state.ts';

test.each<[what: string, result: Partial<RunResult>, wasInterrupted: boolean, code: number]>([
  ['nothing to do', {}, false, 0],
  ['a host that could not be reached', { unreachable: ['m1'] }, false, 1],
  ['a refusal', { refused: ['m1'] }, false, 1],
  ['an interruption', { unreachable: ['m1'] }, true, EXIT.interrupted],
  ['a bug of kplay', { mistake: new Error('x') }, false, EXIT.bug],
])('plan --detailed-exitcode tells %s', (_what, result, wasInterrupted, code) => {
  expect(detailedExitCode({ ...NO_RESULT, ...result }, wasInterrupted)).toBe(code);
});
