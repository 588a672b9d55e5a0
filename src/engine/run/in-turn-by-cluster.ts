import { forEachLimited } from '../../core/limited.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import type { RunState } from '../run-state.ts';
import { ClusterTurns, type PlayEnd } from './cluster-turns.ts';
import { activeHosts, inCluster, type PlayWork } from './play-work.ts';
import { workOnCluster } from './work-on-cluster.ts';

/**
 * Carries out a play on its clusters, `sideBySide` of them at a time; their hosts share `forks`. Clusters are independent: a
 * refusal or failure in one does not affect the others. Once the play has stopped in one cluster, or the run is aborted,
 * running clusters are finished and no other is started.
 */
export async function inTurnByCluster(work: PlayWork, parts: readonly PreparedPlay[]): Promise<PlayEnd> {
  const { request, run } = work;
  const { emit, clock, forks } = request.tools;
  const started = clock().getTime();
  const [play = ''] = parts.map(({ shown }) => shown.play);
  const clusters = parts.flatMap(({ cluster }) => cluster ?? []);
  const sideBySide = Math.min(request.sideBySide, parts.length, forks);
  if (clusters.length > 0) emit({ type: 'rollout-started', play, sideBySide, clusters });
  const share = Math.floor(forks / sideBySide);
  const turns = new ClusterTurns(request);
  await forEachLimited(parts, sideBySide, async (part) => {
    if (!(await turns.mayStart(part))) return run.leaveUntouched(activeHosts(run, part));
    turns.ended(part, await workOnCluster(inCluster(work, part.cluster, share), part));
  });
  if (turns.halted) {
    run.abort();
    emit({ type: 'rollout-stopped', play, ...turns.halted, clusters: notStarted(parts, turns, run) });
  }
  emit({ type: 'play-finished', play, elapsedMs: clock().getTime() - started });
  return turns.end;
}

/** The names of the clusters that were not started because the rollout was halted, or because of their window. */
function notStarted(parts: readonly PreparedPlay[], turns: ClusterTurns, run: RunState): readonly string[] {
  const left = new Set(run.left);
  return parts
    .filter((part) => turns.heldBack.has(part) || isLeftForLater(part, run, left))
    .flatMap(({ cluster }) => (cluster && cluster.kind !== 'none' ? [cluster.name] : []));
}

/** Whether none of a cluster was started, and some of its hosts are left for a later window. */
function isLeftForLater({ states }: PreparedPlay, run: RunState, left: ReadonlySet<string>): boolean {
  const hosts = [...states.keys()];
  return hosts.every((name) => run.hasDropped(name)) && hosts.some((name) => left.has(name));
}
