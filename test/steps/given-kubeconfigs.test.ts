import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { begin, observed, planOf, type Task } from './support/planning.ts';

it('a copy of admin.conf that was left behind and is not for clients is not shown as good', () => {
  const task: Task = { step: 'certs.check', params: { users: ['root'] } };
  const plan = planOf(task, observed(task, begin({ homes: { root: { ends: '300d', usages: ['serverAuth'] } } })));
  const { certificates } = ('result' in plan ? plan.result : {}) as { certificates: readonly Json[] };
  expect(certificates).toContainEqual(
    expect.objectContaining({ name: '/root/.kube/config', condition: 'usage missing', due: true }),
  );
});

it.each([
  ['1.33.13', ['unsupported signature']],
  // It still accepts it, though its last releases are made with Go 1.19 (kubernetes#113983): there is nothing to tell.
  ['1.23.17', []],
])('a copy of admin.conf that was left behind and is signed with SHA-1, in a cluster of %s: %j', (version, told) => {
  const task: Task = { step: 'certs.check', params: { users: ['root'] } };
  const copy = { ends: '300d', organizations: ['system:masters'], signature: 'SHA-1' } as const;
  const world = begin({ version, homes: { root: copy } });
  const plan = planOf(task, observed(task, world));
  const { certificates } = ('result' in plan ? plan.result : {}) as { certificates: readonly JsonObject[] };
  const rows = certificates.filter(({ name }) => name === '/root/.kube/config');
  expect(rows.map(({ condition }) => condition)).toEqual(told);
});
