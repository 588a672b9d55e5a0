import type { PlayPlan } from '../../core/events/plan.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import { isToBeAltered, isToBeConfirmed } from '../../core/plan-totals.ts';
import { approvalFor, NO_SIGNALS, type SignalState } from '../../core/signal.ts';
import { type RunResult, UNTOUCHED } from '../../engine/run-result.ts';
import { aboutHosts, hostsAmong } from './about-hosts.ts';
import type { RolloutRequest } from './rollout-request.ts';
import { type Candidate, failureLimit, type PlannedWave, planWaves, withRecordedWaves } from './waves.ts';

type WavesRequest = Pick<
  RolloutRequest,
  | 'play'
  | 'rollout'
  | 'candidates'
  | 'recorded'
  | 'total'
  | 'hostsOf'
  | 'emit'
  | 'isOfOlderVersion'
  | 'asksForIdleWaves'
  | 'looksAreWork'
>;

/**
 * Reports the waves as they are known after the first look. Waves left empty by `--limit` are omitted; clusters in no wave are
 * refused.
 * @param approvals those that were given already
 * @returns the waves, and the look with those refusals
 */
export function announceWaves(
  request: WavesRequest,
  look: RunResult,
  approvals: SignalState['approvals'] = NO_SIGNALS.approvals,
): { readonly waves: readonly PlannedWave[]; readonly look: RunResult } {
  const { play, rollout, candidates, recorded, total, hostsOf, emit } = request;
  const known = withRecordedWaves(rollout, candidates, recorded).map((candidate) =>
    withFacts(candidate, planOf(look, hostsOf.get(candidate.name) ?? [])),
  );
  const planned = planWaves(rollout, known, total).filter(({ clusters }) => clusters.length > 0);
  // If nothing has to be done at all, nothing is at risk.
  const isAtRisk = isToBeConfirmed(look.plans) && !request.isOfOlderVersion;
  const waves = isAtRisk && !rollout.maxFailed ? withStops(planned) : planned;
  const maxFailed = failureLimit(rollout.maxFailed?.value, candidates.length);
  const checks = rollout.checks.map(({ name: { value } }) => value);
  emit({
    type: 'rollout-planned',
    play,
    waves: waves.map((wave) => ({
      ...shownWave(wave),
      ...(wave.approval && approvalFor(wave, approvals) && { isApproved: true as const }),
      ...(wave.approval && isIdleWave(wave, look, request) && { isIdle: true as const }),
    })),
    ...finiteLimit(maxFailed),
    ...(checks.length > 0 && { checks }),
  });
  return { waves, look: withRefused(request, look, outsideWaves(waves, hostsOf)) };
}

/**
 * Failures in a wave that does not say how many of its clusters may fail stop the rollout before the next wave, unless
 * somebody approves that one, knowing what has failed.
 */
function withStops(waves: readonly PlannedWave[]): readonly PlannedWave[] {
  return waves.map((wave, index) => {
    const next = waves[index + 1];
    if (!next || Number.isFinite(wave.maxFailed)) return wave;
    return { ...wave, onFailure: next.approval ? 'ask' : 'stop' };
  });
}

/** Clusters that are in no wave. */
export function outsideWaves(waves: readonly PlannedWave[], hostsOf: RolloutRequest['hostsOf']): readonly string[] {
  const reached = new Set(waves.flatMap(({ clusters }) => clusters));
  return [...hostsOf.keys()].filter((name) => !reached.has(name));
}

/** Clusters that are never started must not look finished. */
function withRefused({ play, hostsOf, emit }: WavesRequest, look: RunResult, clusters: readonly string[]): RunResult {
  if (clusters.length === 0) return look;
  const recaps = new Map(look.hosts.map((recap) => [recap.host, recap]));
  const refused = new Set(look.refused);
  for (const name of clusters) {
    const cluster = { kind: 'declared', name } as const;
    const hosts = hostsOf.get(name) ?? [];
    const remedy = 'add a last wave without a selection: it takes all remaining clusters';
    const reason = 'no wave of the rollout has this cluster';
    emit({ type: 'play-refused', play, cluster, hosts, code: 'no-wave', reason, remedy });
    for (const host of hosts) {
      refused.add(host);
      if (!recaps.has(host)) recaps.set(host, { ...UNTOUCHED, host, cluster, refused: 1 });
    }
  }
  return { ...look, hosts: [...recaps.values()], refused: [...refused] };
}

/** Whether nothing is to be changed in it, or could be: then it needs no approval. */
export function isIdleWave(
  { clusters }: PlannedWave,
  look: RunResult,
  request: Pick<RolloutRequest, 'hostsOf' | 'asksForIdleWaves' | 'looksAreWork'>,
): boolean {
  return !request.asksForIdleWaves && clusters.every((name) => isIdle(name, look, request));
}

/** Whether nothing is to be changed on the hosts of this cluster, or could be. */
export function isIdle(
  cluster: string,
  look: RunResult,
  request: Pick<RolloutRequest, 'hostsOf' | 'looksAreWork'>,
): boolean {
  const hosts = request.hostsOf.get(cluster) ?? [];
  const plan = planOf(look, hosts);
  if (!plan || !isWork([plan], request)) return true;
  const lost = new Set([look.refused, look.failed, look.unreachable].flatMap((list) => hostsAmong(list, hosts)));
  return hosts.every((host) => lost.has(host));
}

/** Whether there is anything to approve, to soak for and to tell hooks of. */
export function isWork(plans: readonly PlayPlan[], { looksAreWork }: Pick<RolloutRequest, 'looksAreWork'>): boolean {
  return looksAreWork ? isToBeConfirmed(plans) : isToBeAltered(plans);
}

function shownWave({ name, clusters, maxFailed, onFailure, soak, approval }: PlannedWave): WavePlan {
  return {
    name,
    clusters,
    ...finiteLimit(maxFailed),
    ...(onFailure === 'stop' && { stopsOnFailure: true as const }),
    ...(soak !== undefined && { soakMs: soak }),
    ...(approval && { approval }),
  };
}

function finiteLimit(maxFailed: number): { readonly maxFailed?: number } {
  return Number.isFinite(maxFailed) ? { maxFailed } : {};
}

/** The plan for these hosts, if one could be made. */
export function planOf({ plans }: RunResult, members: readonly string[]): PlayPlan | undefined {
  const [first] = aboutHosts(plans, ({ hosts }) => hosts.map(({ host }) => host), members);
  return first;
}

function withFacts(candidate: Candidate, plan: PlayPlan | undefined): Candidate {
  const { expires, kubernetes, topology } = plan?.facts ?? {};
  return {
    ...candidate,
    ...(expires && { expires: Date.parse(expires.ends) }),
    traits: [kubernetes, topology].filter((trait) => trait !== undefined),
  };
}
