import { expect, test } from 'vitest';
import { findingsIn } from '../../src/cli/output/check-findings.ts';
import type { RunResult } from '../../src/engine/run-result.ts';
import type { WorldDescription } from './support/described-world.ts';
import { begin, observed, planOf } from './support/planning.ts';

const PATH = '/home/ci/.kube/config';
const TASK = { step: 'certs.check', params: { kubeconfigs: [PATH, '/srv/absent'] } };

/** The plan of a look at kubeconfigs of which the session, of `ops`, may not read the first. */
function look(host: WorldDescription) {
  const planning = begin(host);
  const answers: typeof planning.answers = (ref) =>
    ref.name === 'given_kubeconfigs'
      ? [
          { path: PATH, state: 'not readable', user: 'ops' },
          { path: '/srv/absent', state: 'absent' },
        ]
      : planning.answers(ref);
  const plan = planOf(TASK, observed(TASK, { ...planning, answers }));
  if (plan.action !== 'none') throw new Error(`the plan is ${plan.action}`);
  return plan;
}

test.each<[what: string, host: WorldDescription]>([
  ['a master', {}],
  ['a machine without kubeadm', { role: 'none' }],
])('a kubeconfig that was named and may not be read is said to be so, on %s', (_what, host) => {
  const { result, warnings = [], reason } = look(host);
  expect(result).toMatchObject({ not_readable: { user: 'ops', paths: [PATH] }, kubeconfigs_absent: ['/srv/absent'] });
  expect(warnings).toContainEqual({
    message: `not readable as ops: ${PATH}`,
    remedy: expect.stringContaining('--become'),
  });
  expect(reason).toContain('not readable as ops');
  const registered = new Map([['m1', new Map([['checked', result ?? null]])]]);
  const findings = findingsIn({ registered } as unknown as RunResult, 'checked', [{ name: 'm1', groups: ['all'] }]);
  expect(findings.notReadable).toEqual([{ host: 'm1', user: 'ops', paths: [PATH] }]);
});
