import type { ClusterWindow } from '../../core/cluster.ts';
import { count } from '../../core/count.ts';
import type { RolloutStoppedEvent } from '../../core/events/rollout.ts';
import type { SignalSource } from '../../core/signal.ts';
import { type OperatorCommands, whyAborted, whyInterrupted } from '../signal-listener.ts';
import type { ClusterProgress, Decision } from './decide.ts';
import type { PlannedWave } from './waves.ts';

type StopDecision =
  | Extract<Decision, { kind: 'stopped' | 'held' | 'aborted' }>
  /** `why`: in a clause, unless by a signal to the process. */
  | { readonly kind: 'interrupted'; readonly why?: string };

/** What the reason depends on besides the clusters. */
interface StopContext extends Pick<OperatorCommands, 'again'> {
  /** Who aborted the rollout, if anyone did. */
  readonly aborted: SignalSource | undefined;
  /** The window of a cluster when all were observed. */
  readonly windowOf: (cluster: string) => ClusterWindow | undefined;
}

/**
 * The event that says why a rollout starts nothing more, and which clusters are left.
 * @param clusters all of them, in their current state
 */
export function stopEvent(
  decision: StopDecision,
  play: string,
  waves: readonly PlannedWave[],
  clusters: readonly ClusterProgress[],
  context: StopContext,
): RolloutStoppedEvent {
  const why = explain(decision, waves, clusters, context);
  const notStarted = clusters.filter(({ state }) => state === 'waiting').map(({ name }) => name);
  return { type: 'rollout-stopped', play, ...why, clusters: notStarted };
}

function explain(
  decision: StopDecision,
  waves: readonly PlannedWave[],
  clusters: readonly ClusterProgress[],
  { aborted, again, windowOf }: StopContext,
): Explanation {
  switch (decision.kind) {
    case 'interrupted':
      return whyInterrupted({ again }, decision.why);
    case 'aborted':
      return whyAborted(aborted ?? { by: 'somebody' }, { again });
    case 'held':
      return whyHeld(waves[decision.wave], clusters, {
        again,
        windowOf,
        tooEarly: decision.isApprovedTooEarly && waves[decision.wave + 1]?.name,
      });
    case 'stopped':
      return whyStopped(decision, decision.wave === undefined ? undefined : waves[decision.wave], again);
  }
}

type Explanation = Pick<RolloutStoppedEvent, 'reason' | 'remedy'>;

function whyStopped(
  { failed, maxFailed }: Extract<Decision, { kind: 'stopped' }>,
  wave: PlannedWave | undefined,
  again: string,
): Explanation {
  const where = wave ? ` of wave ${wave.name}` : '';
  return {
    reason: `${count(failed, 'cluster')}${where} failed, and only ${maxFailed} may (max_failed)`,
    remedy: `find out why they failed; ${again} continues with the others`,
  };
}

/** @param tooEarly the next wave, if it was approved before anybody was told about the failures */
function whyHeld(
  wave: PlannedWave | undefined,
  clusters: readonly ClusterProgress[],
  { again, windowOf, tooEarly }: Omit<StopContext, 'aborted'> & { readonly tooEarly: string | undefined },
): Explanation {
  const own = new Set(wave?.clusters);
  const inState = (wanted: ClusterProgress['state']): readonly string[] =>
    clusters.filter(({ name, state }) => state === wanted && own.has(name)).map(({ name }) => name);
  const left = inState('left');
  if (left.length === 0) {
    const failed = `${count(inState('failed').length, 'cluster')} of wave ${wave?.name} failed`;
    if (tooEarly !== undefined)
      return {
        reason: `${failed}, and wave ${tooEarly} was approved before anybody was told`,
        remedy: `find out why; ${again} continues, and asks for the approval of wave ${tooEarly} if one fails again`,
      };
    return {
      reason: `${failed}, and nothing says how many may (max_failed)`,
      remedy: `find out why; ${again} continues. If later waves are to start all the same, give wave ${wave?.name} a max_failed`,
    };
  }
  // The failures themselves were reported when they happened.
  const causes =
    left.length === 1
      ? `cluster ${left[0]} is held back by its windows`
      : `${left.length} of its clusters are held back by their windows`;
  const never = left.filter((name) => {
    const window = windowOf(name);
    return window?.state === 'shut' && window.opens === undefined;
  });
  return {
    reason: `wave ${wave?.name} is not done: ${causes}`,
    remedy:
      never.length > 0
        ? `give ${never.join(', ')} a later window: there is no further one; or use --window override --reason TEXT`
        : 'run it again when they are open, or use --window wait',
  };
}
