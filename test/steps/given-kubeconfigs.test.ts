import { expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { begin, observed, planOf, type Task } from './support/planning.ts';

it('a copy of admin.conf that was left behind and is not for clients is not shown as good', () => {
  const task: Task = { step: 'certs.check', params: { users: ['root'] } };
  const plan = planOf(task, observed(task, begin({ homes: { root: { ends: '300d', usages: ['serverAuth'] } } })));
  const { certificates } = ('result' in plan ? plan.result : {}) as { certificates: readonly Json[] };
  expect(certificates).toContainEqual(
    expect.objectContaining({ name: '/root/.kube/config', condition: 'usage missing', due: true }),
  );
});
