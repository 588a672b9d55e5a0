import { forEachLimited } from '../../core/limited.ts';
import { UnreachableError } from '../../core/session.ts';
import type { World } from '../../core/world.ts';
import { reportUnobservableOrRethrow } from '../hosts/dropout.ts';
import { observeNeeds, type Question } from '../hosts/observe.ts';
import { peersOf } from '../hosts/peers.ts';
import { questionsOf } from '../plan/plan-task.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import { mayIgnoreUnreachable, tasksOf } from '../program/play-tasks.ts';
import type { HostRun } from './host-run.ts';
import type { RunTools } from './tools.ts';

/**
 * Observes a batch again that waited for other batches or for people: its state may be hours old. On the other hosts only the
 * facts that the strategy's gate needs are read again. A host that is lost here drops out.
 */
export async function refreshBatch(
  tools: RunTools,
  { input, plans }: PreparedPlay,
  hosts: readonly HostRun[],
  batch: readonly HostRun[],
): Promise<void> {
  const { strategy, become } = input.play;
  const tasks = tasksOf(input.play);
  const states = new Map(hosts.map(({ name, state }) => [name, state]));
  // Without a strategy there is nothing to ask the others, which may be thousands.
  const asked = strategy ? hosts : batch;
  await forEachLimited(
    asked.filter(({ isLost, isUnreachable }) => !isLost && !isUnreachable),
    tools.forks,
    async (host) => {
      const { info } = host.state;
      const peers = peersOf(states, host.name);
      const planned = batch.includes(host) ? plans.get(host.name) : undefined;
      const needs = (known: World): readonly Question[] => [
        ...(strategy?.needs(known, info, { now: input.now, peers }) ?? []).map((ref) => ({ ref, become })),
        ...tasks.flatMap((task) =>
          (planned?.get(task.ref.path)?.calls ?? []).flatMap(({ params }) =>
            questionsOf(task, params, known, info, peers),
          ),
        ),
      ];
      try {
        host.state = await observeNeeds(host.sessions, host.state, needs, tools);
      } catch (error) {
        if (error instanceof UnreachableError && mayIgnoreUnreachable(input.play))
          return host.becomeUnreachable(error.message);
        reportUnobservableOrRethrow(host.name, error, tools.emit);
        if (error instanceof UnreachableError) host.lose();
        host.leave('unreachable', 'the look before its batch');
      }
    },
  );
}
