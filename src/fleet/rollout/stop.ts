import { count } from '../../core/count.ts';
import type { RolloutStoppedEvent } from '../../core/events/rollout.ts';
import type { Said } from '../../core/signal.ts';
import { type OperatorCommands, whyAborted } from '../signal-listener.ts';
import type { ClusterProgress, Decision } from './decide.ts';
import type { PlannedWave } from './waves.ts';

/**
 * Tells why a rollout begins nothing more, and what it has not begun.
 * @param clusters all of them, as they are. @param aborted who has aborted it, where somebody has. @param again what does the rest
 */
export function stopOf(
  decision: Extract<Decision, { kind: 'stopped' | 'held' | 'aborted' }>,
  play: string,
  waves: readonly PlannedWave[],
  clusters: readonly ClusterProgress[],
  { aborted, again }: { readonly aborted: Said | undefined } & Pick<OperatorCommands, 'again'>,
): RolloutStoppedEvent {
  const why = whyOf(decision, waves, clusters, { aborted, again });
  const untouched = clusters.filter(({ state }) => state === 'waiting').map(({ name }) => name);
  return { type: 'rollout-stopped', play, ...why, clusters: untouched };
}

function whyOf(
  decision: Parameters<typeof stopOf>[0],
  waves: readonly PlannedWave[],
  clusters: readonly ClusterProgress[],
  { aborted, again }: Parameters<typeof stopOf>[4],
): Why {
  switch (decision.kind) {
    case 'aborted':
      return whyAborted(aborted ?? { by: 'somebody' }, { again });
    case 'held':
      return whyHeld(waves[decision.wave], clusters);
    case 'stopped':
      return whyStopped(decision, decision.wave === undefined ? undefined : waves[decision.wave], again);
  }
}

type Why = Pick<RolloutStoppedEvent, 'reason' | 'remedy'>;

function whyStopped(
  { failed, maxFailed }: Extract<Decision, { kind: 'stopped' }>,
  wave: PlannedWave | undefined,
  again: string,
): Why {
  const where = wave ? ` of wave ${wave.name}` : '';
  return {
    reason: `${count(failed, 'cluster')}${where} failed, and only ${maxFailed} may (max_failed)`,
    remedy: `find out why they failed; ${again} continues with the others`,
  };
}

function whyHeld(wave: PlannedWave | undefined, clusters: readonly ClusterProgress[]): Why {
  const left = clusters
    .filter(({ name, state }) => state === 'left' && wave?.clusters.includes(name))
    .map(({ name }) => name);
  // Each was told when its turn came.
  const who =
    left.length === 1
      ? `cluster ${left[0]} is outside its windows`
      : `${left.length} of its clusters are outside their windows`;
  return {
    reason: `wave ${wave?.name} is not done: ${who}`,
    remedy: 'run it again when they are open, or use --window wait',
  };
}
