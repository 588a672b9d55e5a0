import { clusterSink } from '../../core/events/cluster-sink.ts';
import type { EventSink } from '../../core/events/event.ts';
import { type ClusterTiming, windowOf } from '../../engine/clusters/cluster-timing.ts';
import type { CompiledPlay } from '../../engine/program/compiled.ts';
import { WindowGate } from '../../engine/run/window-gate.ts';
import { NO_RESULT, UNTOUCHED } from '../../engine/run-result.ts';
import type { ClusterRun } from './fleet-engine.ts';
import { hostsByCluster } from './hosts-by-cluster.ts';

/** The clusters outside their windows, in a run that leaves those as they are: it neither waits for windows nor overrides them. */
export class ShutClusters {
  readonly #play: CompiledPlay;
  readonly #hostsOf: ReadonlyMap<string, CompiledPlay['hosts']>;
  readonly #timing: ClusterTiming;
  readonly #emit: EventSink;

  constructor(play: CompiledPlay, timing: ClusterTiming, emit: EventSink) {
    this.#play = play;
    this.#hostsOf = hostsByCluster(play);
    this.#timing = timing;
    this.#emit = emit;
  }

  /** How to leave the cluster as it is, which reports it and contacts no host; undefined if it may be changed now. */
  find(name: string): (() => ClusterRun) | undefined {
    const part = { ...this.#play, hosts: this.#hostsOf.get(name) ?? [] };
    const window = windowOf(part, this.#timing, 1)?.window;
    if (window?.state !== 'shut') return undefined;
    return () => {
      const cluster = { kind: 'declared', name } as const;
      const hosts = part.hosts.map(({ host }) => host.name);
      const timing = { ...this.#timing, ask: () => window };
      const counts = new WindowGate(part, timing, clusterSink(this.#emit, cluster)).check(() => hosts, 1);
      const refused = counts === 'refused' ? 1 : 0;
      const recaps = hosts.map((host) => ({ ...UNTOUCHED, host, cluster, refused }));
      return { result: { ...NO_RESULT, hosts: recaps, [counts]: hosts }, shut: hosts };
    };
  }
}
