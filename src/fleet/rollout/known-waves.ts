import type { PlayPlan } from '../../core/events/plan.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import { type RunResult, UNTOUCHED } from '../../engine/run-state.ts';
import type { RolloutRequest } from './rollout-request.ts';
import { allowedOf, asRecorded, type Candidate, type PlannedWave, planWaves } from './waves.ts';

type KnownRollout = Pick<RolloutRequest, 'play' | 'rollout' | 'candidates' | 'recorded' | 'total' | 'hostsOf' | 'emit'>;

/**
 * The waves as they are known when all clusters have been looked at; they are told. Those that `--limit` leaves nothing of are passed
 * over. A cluster that is in none is refused. @returns with them the look, which says so
 */
export function announceWaves(
  request: KnownRollout,
  look: RunResult,
): { readonly waves: readonly PlannedWave[]; readonly look: RunResult } {
  const { play, rollout, candidates, recorded, total, hostsOf, emit } = request;
  const known = asRecorded(rollout, candidates, recorded).map((candidate) =>
    withFacts(candidate, planOf(look, hostsOf.get(candidate.name) ?? [])),
  );
  const waves = planWaves(rollout, known, total).filter(({ clusters }) => clusters.length > 0);
  const maxFailed = allowedOf(rollout.maxFailed?.value, candidates.length);
  const checks = rollout.checks.map(({ name: { value } }) => value);
  emit({
    type: 'rollout-planned',
    play,
    waves: waves.map(shownWave),
    ...finite(maxFailed),
    ...(checks.length > 0 && { checks }),
  });
  return { waves, look: unreachedBy(waves, hostsOf).reduce((seen, name) => refuse(request, seen, name), look) };
}

/** Clusters that no wave has. */
export function unreachedBy(waves: readonly PlannedWave[], hostsOf: RolloutRequest['hostsOf']): readonly string[] {
  const reached = new Set(waves.flatMap(({ clusters }) => clusters));
  return [...hostsOf.keys()].filter((name) => !reached.has(name));
}

/** What is never begun must not look as if it were done. */
function refuse({ play, hostsOf, emit }: KnownRollout, look: RunResult, name: string): RunResult {
  const cluster = { kind: 'declared', name } as const;
  const hosts = hostsOf.get(name) ?? [];
  const remedy = 'add a last wave without a selection: it takes all remaining clusters';
  const reason = 'no wave of the rollout has this cluster';
  emit({ type: 'play-refused', play, cluster, hosts, code: 'no-wave', reason, remedy });
  const known = new Set(look.hosts.map(({ host }) => host));
  const recaps = hosts.filter((host) => !known.has(host)).map((host) => ({ ...UNTOUCHED, host, cluster, refused: 1 }));
  return { ...look, hosts: [...look.hosts, ...recaps], refused: [...new Set([...look.refused, ...hosts])] };
}

function shownWave({ name, clusters, maxFailed, soak, approval }: PlannedWave): WavePlan {
  return {
    name,
    clusters,
    ...finite(maxFailed),
    ...(soak !== undefined && { soakMs: soak }),
    ...(approval && { approval }),
  };
}

function finite(maxFailed: number): { readonly maxFailed?: number } {
  return Number.isFinite(maxFailed) ? { maxFailed } : {};
}

/** The plan that holds these hosts, where one could be made. */
export function planOf({ plans }: RunResult, members: readonly string[]): PlayPlan | undefined {
  return plans.find(({ hosts }) => hosts.some(({ host }) => members.includes(host)));
}

function withFacts(candidate: Candidate, plan: PlayPlan | undefined): Candidate {
  const { expires, kubernetes, topology } = plan?.facts ?? {};
  return {
    ...candidate,
    ...(expires && { expires: Date.parse(expires.ends) }),
    traits: [kubernetes, topology].filter((trait) => trait !== undefined),
  };
}
