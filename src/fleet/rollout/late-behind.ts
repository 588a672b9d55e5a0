import type { ClusterWindow } from '../../core/cluster.ts';
import { formatDuration } from '../../core/duration.ts';
import type { LateCertificate } from '../../core/events/window.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { ClusterProgress } from './decide.ts';
import { planOf } from './known-waves.ts';
import type { RolloutRequest } from './rollout-request.ts';

/**
 * Reports the clusters that do not start because earlier ones are outside their windows, and whose first certificate expires before
 * that changes: a timer with `--window skip` would pass over them silently.
 * @param clusters all of them, in their final state. @param now milliseconds since the epoch
 * @returns one certificate per such cluster; none if no cluster was left because of its windows
 */
export function findLateBehind(
  clusters: readonly ClusterProgress[],
  look: RunResult,
  { play, emit, hostsOf }: Pick<RolloutRequest, 'play' | 'emit' | 'hostsOf'>,
  now: number,
): readonly LateCertificate[] {
  const planFor = (name: string) => planOf(look, hostsOf.get(name) ?? []);
  const opensAt = ({ state, opens }: ClusterWindow): number => {
    // It has shut since, and when it opens again is not known.
    if (state === 'open') return now;
    return opens === undefined ? Number.POSITIVE_INFINITY : Date.parse(opens);
  };
  const [last] = clusters
    .filter(({ state }) => state === 'left')
    .flatMap(({ name }) => {
      const window = planFor(name)?.window;
      return window ? [{ name, window, opens: opensAt(window) }] : [];
    })
    .toSorted((a, b) => (a.opens < b.opens ? 1 : -1));
  if (!last) return [];
  const known = new Set(look.late.map(({ host }) => host));
  const where = last.window.state === 'open' ? 'outside its windows' : last.window.reason;
  return clusters.flatMap(({ name, state }): readonly LateCertificate[] => {
    const first = state === 'waiting' ? planFor(name)?.facts?.expires : undefined;
    if (!first || known.has(first.host)) return [];
    const ends = Date.parse(first.ends);
    if (ends >= last.opens) return [];
    const when = ends > now ? `expires in ${formatDuration(ends - now)}` : `expired ${formatDuration(now - ends)} ago`;
    emit({
      type: 'window-late',
      play,
      cluster: { kind: 'declared', name },
      certificates: [first],
      window: { ...last.window, state: 'shut', reason: where },
      behind: last.name,
      reason: `${first.name} of ${first.host} ${when}, before cluster ${name} may be changed: cluster ${last.name}, which comes first, is ${where}`,
      remedy: `give cluster ${last.name} an earlier window, or renew now: kplay run … -l cluster:${name} -e renew_before=all --window override --reason TEXT`,
    });
    return [first];
  });
}
