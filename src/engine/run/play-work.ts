import type { ClusterRef } from '../../core/cluster.ts';
import { clusterSink } from '../../core/events/cluster-sink.ts';
import type { WriteSession } from '../../core/session.ts';
import type { Delegates } from '../hosts/delegates.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import type { PreparedPlay } from '../plan/play-preparation.ts';
import type { ApplyRequest } from '../run-request.ts';
import type { RunState } from '../run-state.ts';
import type { PlayExecution } from './execution.ts';
import type { PlayHooks } from './play-hooks.ts';

/** What carrying out a play needs on each of its clusters. */
export interface PlayWork {
  readonly request: ApplyRequest;
  readonly run: RunState;
  readonly sessions: PlaySessions;
  readonly hooks: PlayHooks;
}

/** The sessions of a play: to its hosts, and to hosts that its tasks are delegated to. */
interface PlaySessions {
  readonly connected: ReadonlyMap<string, HostSessions<WriteSession>>;
  readonly delegates: Delegates<WriteSession>;
  readonly reopen: PlayExecution['reopen'];
}

/** The work on one cluster, whose events name the cluster. @param forks its share of the run's forks */
export function inCluster({ request, ...work }: PlayWork, cluster: ClusterRef | undefined, forks: number): PlayWork {
  const { tools } = request;
  return { ...work, request: { ...request, tools: { ...tools, emit: clusterSink(tools.emit, cluster), forks } } };
}

/** The hosts of a part that have not dropped out of the run. */
export function activeHosts(run: RunState, { states }: PreparedPlay): readonly string[] {
  return [...states.keys()].filter((name) => !run.hasDropped(name));
}
