import { type ClusterRef, clusterText } from '../../core/cluster.ts';
import type { EventLine } from '../../core/events/line.ts';
import type { PlanTotals, PlayPlan } from '../../core/events/plan.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import type { ClusterContact } from '../../core/events/run.ts';
import type { TaskFinishedEvent, TaskOutcome } from '../../core/events/task.ts';
import { operatorText } from '../progress/note-of-event.ts';
import { UTC } from '../text/time.ts';
import { windowsDetail } from '../text/words.ts';
import type { Trouble } from './trouble.ts';
import { WindowTroubles } from './window-troubles.ts';

/** The end of a task on a host, after it is known whether a rescue has caught its failure. */
export type RecordedOutcome = TaskOutcome | 'rescued';

/** A task that has ended on a host. */
export interface RecordedTask extends Omit<TaskFinishedEvent, 'type' | 'outcome'> {
  readonly outcome: RecordedOutcome;
  /** When it ended, ISO 8601. */
  readonly time: string;
}

/** A step by which a host was restored after a failure, or could not be. */
export interface RecordedUndo {
  readonly host: string;
  readonly succeeded: boolean;
  /** It was carried out, and the connection was lost, or the run interrupted twice, before that was proven. */
  readonly unproven?: true;
  /** The steps of its restoration that came after this one; absent if there were none. */
  readonly remaining?: readonly string[];
  readonly message: string;
  readonly elapsedMs: number;
  readonly time: string;
}

/** One play of a run. */
export interface PlayRecord {
  readonly play: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Absent if the play did not reach its end. */
  readonly endedAt?: string;
  readonly hosts: readonly string[];
  /** One plan, or one for each cluster. */
  readonly plans: readonly { readonly plan: PlayPlan; readonly totals: PlanTotals }[];
  readonly tasks: readonly RecordedTask[];
  readonly troubles: readonly Trouble[];
  readonly undos: readonly RecordedUndo[];
}

/** Everything that reports need about a run. */
export interface RunRecord {
  readonly runId: string;
  readonly command: string;
  readonly source: string;
  readonly kplayVersion: string;
  /** Whether it could change hosts. */
  readonly writes: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Absent if the run did not reach its end. */
  readonly end?: {
    readonly endedAt: string;
    readonly elapsedMs: number;
    readonly exitCode: number;
    readonly next: readonly string[];
    readonly noUndo?: readonly string[];
    readonly contacts?: readonly ClusterContact[];
    readonly declined?: true;
  };
  readonly wasInterrupted: boolean;
  readonly hosts: readonly HostRecap[];
  readonly plays: readonly PlayRecord[];
  /** Problems before the first play. */
  readonly troubles: readonly Trouble[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** Collects a run's events for reports, which are written at its end. */
export class RunRecorder {
  #run: Mutable<RunRecord> | undefined;
  #play: Mutable<PlayRecord> | undefined;
  /** Hosts of the started clusters, by the text of the cluster. */
  readonly #hosts = new Map<string, readonly string[]>();
  readonly #windows = new WindowTroubles();

  /** Undefined before the first event. */
  get record(): RunRecord | undefined {
    return this.#run;
  }

  /** Records the next event of the run. */
  take(line: EventLine): void {
    if (line.type === 'run-started') {
      const { runId, command, source, kplayVersion, writes, time } = line;
      const nothing = { hosts: [], plays: [], troubles: [], wasInterrupted: false };
      this.#run = { runId, command, source, kplayVersion, writes, startedAt: time, ...nothing };
    } else if (this.#run) this.#take(line, this.#run);
  }

  #take(line: EventLine, run: Mutable<RunRecord>): void {
    switch (line.type) {
      case 'play-started':
        this.#play = {
          play: line.play,
          startedAt: line.time,
          hosts: [...line.hosts],
          plans: [],
          tasks: [],
          troubles: [],
          undos: [],
        };
        run.plays.push(this.#play);
        break;
      case 'cluster-started':
        this.#hosts.set(clusterText(line.cluster), line.hosts);
        break;
      case 'play-finished':
        if (this.#play) this.#play.endedAt = line.time;
        break;
      case 'play-planned':
        this.#play?.plans.push({ plan: line.plan, totals: line.totals });
        break;
      case 'task-finished': {
        const { type: _type, version: _version, sequence: _sequence, ...end } = line;
        this.#play?.tasks.push(end);
        break;
      }
      case 'task-rescued':
        this.#rescue(line.host, line.task.path);
        break;
      case 'undo-finished': {
        const {
          type: _type,
          version: _version,
          sequence: _sequence,
          details: _details,
          remedy: _remedy,
          cluster: _cluster,
          ...undo
        } = line;
        this.#play?.undos.push(undo);
        break;
      }
      case 'interrupted':
        run.wasInterrupted = true;
        break;
      case 'run-finished': {
        const { type: _type, version: _version, sequence: _sequence, hosts, time, ...end } = line;
        run.hosts = [...hosts];
        run.end = { endedAt: time, ...end };
        const settled = this.#windows.atEnd(run.writes ? hosts : []);
        run.troubles = run.troubles.map(settled);
        run.plays = run.plays.map((play) => ({ ...play, troubles: play.troubles.map(settled) }));
        break;
      }
      default: {
        const trouble = troubleOf(line, (cluster) => this.#hosts.get(clusterText(cluster)) ?? []);
        this.#windows.take(line, trouble);
        if (trouble) (this.#play ?? run).troubles.push(trouble);
      }
    }
  }

  #rescue(host: string, path: string): void {
    const tasks = this.#play?.tasks ?? [];
    const index = tasks.findLastIndex((end) => end.host === host && end.task.path === path);
    const end = tasks[index];
    if (end) tasks[index] = { ...end, outcome: 'rescued' };
  }
}

function troubleOf(line: EventLine, hostsOf: (cluster: ClusterRef) => readonly string[]): Trouble | undefined {
  switch (line.type) {
    case 'host-unreachable':
      return {
        kind: 'unreachable',
        hosts: [line.host],
        reason: line.reason,
        details: [],
        ...remedyOf(line),
        code: `unreachable-${line.cause}`,
      };
    case 'host-refused': {
      const { host, reason, details, remedy, code } = line;
      return { kind: 'refused', hosts: [host], reason, details, remedy, code };
    }
    case 'play-refused': {
      const of = line.cluster ? `${clusterText(line.cluster)}: ` : '';
      const { hosts, reason, details = [], remedy, code } = line;
      return { kind: 'refused', hosts, reason: `${of}${reason}`, details, remedy, code };
    }
    case 'window-late': {
      const { certificates, window, behind, reason, remedy } = line;
      const hosts = [...new Set(certificates.map(({ host }) => host))];
      return { kind: 'late', hosts, reason, details: [windowsDetail(window, behind)], remedy, code: 'window-late' };
    }
    case 'window-shut': {
      const reason = `${clusterText(line.cluster)}: ${line.window.reason}`;
      const kind = line.counts === 'refused' ? 'refused' : 'warning';
      const { hosts, window, remedy } = line;
      return { kind, hosts, reason, details: [windowsDetail(window)], remedy, code: 'outside-window' };
    }
    case 'window-overridden': {
      const reason = `${clusterText(line.cluster)} is changed outside its windows: ${line.reason}`;
      return { kind: 'warning', hosts: line.hosts, reason, details: [windowsDetail(line.window)] };
    }
    case 'cluster-check':
      if (line.outcome !== 'failed' || line.at === 'before') return undefined;
      return {
        kind: 'failed',
        hosts: hostsOf(line.cluster),
        reason: `${clusterText(line.cluster)}: check '${line.check}' failed: ${line.reason ?? ''}`,
        details: [],
      };
    case 'wave-settled': {
      if (line.failed.length === 0) return undefined;
      const details = line.failed.map(({ cluster, reason }) => [`cluster ${cluster}`, reason] as const);
      const hosts = line.failed.flatMap(({ cluster }) => hostsOf({ kind: 'declared', name: cluster }));
      const reason = `wave ${line.wave}: not everything is as it was left`;
      return { kind: 'failed', hosts, reason, details, isByCluster: true };
    }
    case 'rollout-stopped': {
      const details = line.clusters.map((name) => [`cluster ${name}`, 'not started'] as const);
      return {
        kind: 'warning',
        hosts: [],
        reason: `no more clusters start: ${line.reason}`,
        details,
        isByCluster: true,
        remedy: line.remedy,
      };
    }
    // Reports are about runs that have ended: there is no pause to lift any more.
    case 'run-paused':
    case 'run-resumed':
      return { kind: 'warning', hosts: [], reason: operatorText(line, UTC), details: [] };
    case 'run-aborted':
      return { kind: 'warning', hosts: [], reason: operatorText(line, UTC), details: [], remedy: line.remedy };
    case 'warning': {
      const { hosts, message: reason, code } = line;
      return { kind: 'warning', hosts, reason, details: [], ...remedyOf(line), ...(code !== undefined && { code }) };
    }
    default:
      return undefined;
  }
}

function remedyOf({ remedy }: { readonly remedy?: string }): { readonly remedy?: string } {
  return remedy === undefined ? {} : { remedy };
}
