import { expect, test } from 'vitest';
import { detailedExitCode, EXIT, hasChanges } from '../../src/cli/exit-code.ts';
import { NO_RESULT, type RunResult } from '../../src/engine/run-result.ts';
import { RECOVERY_PLAN } from '../report/support/cluster.ts';

test.each<[what: string, result: Partial<RunResult>, wasInterrupted: boolean, code: number]>([
  ['nothing to do', {}, false, 0],
  ['a host that could not be reached', { unreachable: ['m1'] }, false, 1],
  ['a refusal', { refused: ['m1'] }, false, 1],
  ['an interruption', { unreachable: ['m1'] }, true, EXIT.interrupted],
  ['a bug of kplay', { mistake: new Error('x') }, false, EXIT.bug],
])('plan --detailed-exitcode tells %s', (_what, result, wasInterrupted, code) => {
  expect(detailedExitCode({ ...NO_RESULT, ...result }, wasInterrupted)).toBe(code);
});

test('hosts that are refused are not to be changed, whatever tasks besides the refused one would do', () => {
  const isToRun = (hosts: typeof RECOVERY_PLAN.hosts) =>
    hasChanges({ ...NO_RESULT, plans: [{ ...RECOVERY_PLAN, hosts }] });
  const refusal = {
    path: 'x',
    action: 'refuse',
    code: 'service-missing',
    reason: 'the service chronyd does not exist',
    remedy: 'install it',
  } as const;
  const { hosts } = RECOVERY_PLAN;
  const refused = hosts.map((host) => ({ ...host, tasks: [...host.tasks, refusal] }));
  expect(isToRun(hosts)).toBe(true);
  expect(isToRun(refused)).toBe(false);
  expect(isToRun([...refused.slice(1), ...hosts.slice(0, 1)])).toBe(true);
  // Only if something fails: nobody is refused by it.
  expect(
    isToRun(hosts.map((host) => ({ ...host, tasks: [...host.tasks, { ...refusal, condition: 'only if' }] }))),
  ).toBe(true);
});
