import { expect, it } from 'vitest';
import type { FactRef } from '../../src/core/fact.ts';
import type { Look, ReadContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { proveEndpoints } from '../../src/steps/cluster/api-endpoints.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { answersOf } from './support/described-world.ts';

it('a shared address that does not answer, as the name of a master that is off, is told with where to look', async () => {
  const answers = answersOf({ endpoint: 'api.example.org:6443', served: { '10.0.0.1:6443': 'apiserver' } });
  let time = NOW.getTime();
  const context = {
    now: () => new Date(time),
    observe: async (refs: readonly FactRef[]) => refs.reduce((world, ref) => world.set(ref, answers(ref)), World.empty),
    waitFor: async (what: string, timeoutMs: number, look: () => Promise<Look<unknown>>) => {
      for (const end = time + timeoutMs; time <= end; time += 2_000) {
        const seen = await look();
        if (seen.done) return seen.value;
      }
      throw new Error(`${what} was not given up`);
    },
  } as unknown as ReadContext;
  const host = World.empty.set(kubernetesFiles, answers(kubernetesFiles)).get(kubernetesFiles);
  const { proven, gaps } = await proveEndpoints(context, host, 60_000);
  expect(proven).toHaveLength(1);
  expect(gaps).toEqual([
    {
      message: 'not proven: that controlPlaneEndpoint api.example.org:6443 works: connection refused',
      remedy: expect.stringContaining('getent ahosts api.example.org, curl -k https://api.example.org:6443/'),
    },
  ]);
});
