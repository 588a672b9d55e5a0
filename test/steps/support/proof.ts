import type { FactRef } from '../../../src/core/fact.ts';
import type { Look, ReadContext } from '../../../src/core/step.ts';
import { World } from '../../../src/core/world.ts';
import { clusterVerify } from '../../../src/steps/cluster/cluster-verify.ts';
import { NOW } from '../../kubeadm/support/keys.ts';
import { answersOf, type WorldDescription } from './described-world.ts';

/** What a host that is well answers about things that no description tells. */
const WELL: Readonly<Record<string, unknown>> = {
  client_answer: { state: 'accepted' },
  leases: { state: 'cannot ask', reason: 'nobody asks here' },
  permission: { state: 'permitted' },
  kubelet_lease: { state: 'renewed', renewTime: NOW.toISOString() },
};

/** The proof of a described host, which is looked at once. @param told other answers, by the names of the facts */
export async function proofOf(description: WorldDescription, told: Readonly<Record<string, unknown>> = {}) {
  const answers = answersOf(description);
  const context: ReadContext = {
    host: 'master-1',
    runId: '20261124T120000Z-0001',
    order: 'planned',
    signal: new AbortController().signal,
    now: () => NOW,
    report: () => undefined,
    observe: async (refs: readonly FactRef[]) =>
      refs.reduce((world, ref) => world.set(ref, told[ref.name] ?? WELL[ref.name] ?? answers(ref)), World.empty),
    waitFor: async <T>(what: string, _timeoutMs: number, look: () => Promise<Look<T>>): Promise<T> => {
      const seen = await look();
      if (seen.done) return seen.value;
      throw new Error(`${what}: ${seen.state}`);
    },
  };
  return clusterVerify.check?.(context, { timeout: '5m' });
}
