import { type ClusterRef, clusterText } from '../core/cluster.ts';
import type { Event } from '../core/events/event.ts';
import type { PlayPlan } from '../core/events/plan.ts';
import type { TaskRef } from '../core/events/task.ts';
import {
  type Note,
  noteOfApproval,
  noteOfCheck,
  noteOfHostRefused,
  noteOfLate,
  noteOfOperator,
  noteOfOverride,
  noteOfPlayRefused,
  noteOfRescue,
  noteOfResult,
  noteOfSettled,
  noteOfSoak,
  noteOfStop,
  noteOfUndo,
  noteOfUnreachable,
  noteOfWaiting,
  noteOfWarning,
  noteOfWindowShut,
} from './notes.ts';
import { type EventOf, neverEvent } from './reporter.ts';
import { isGood, TaskProgress } from './task-progress.ts';

/** A host that is being put back. */
export interface Undo {
  readonly because: string;
  readonly sinceMs: number;
}

/** How far a play is: what its events have told so far. */
export class PlayState {
  /** The one that it is the part of, of a play with hosts of several. */
  readonly cluster: ClusterRef | undefined;
  readonly play: string;
  readonly hosts: readonly string[];
  /** Connecting and looking, told as if it were a task. */
  readonly connecting = new TaskProgress('Connect and read facts');
  readonly undos = new Map<string, Undo>();
  /** The one that was made last. */
  #plan: PlayPlan | undefined;
  readonly #plans = new Map<string, PlayPlan>();
  #startedMs: number;
  #plannedMs: number | undefined;
  readonly #tasks = new Map<string, TaskProgress>();

  constructor({ play, hosts }: Pick<EventOf<'play-started'>, 'play' | 'hosts'>, nowMs: number, cluster?: ClusterRef) {
    this.cluster = cluster;
    this.play = play;
    this.hosts = hosts;
    this.#startedMs = nowMs;
    this.connecting.start(hosts, nowMs);
    for (const host of hosts) this.connecting.progress(host, { message: 'connecting', sinceMs: nowMs });
  }

  /** When it began; the time in which a plan is waiting for approval does not count. */
  get startedMs(): number {
    return this.#startedMs;
  }

  get plan(): PlayPlan | undefined {
    return this.#plan;
  }

  /** Its hosts go on their own, so a task begins and ends on each of them at another time. */
  get goesFree(): boolean {
    return this.#plan?.order.name === 'free';
  }

  /** The part of a cluster that begins now, as it was planned. */
  partOf({ play, cluster, hosts }: EventOf<'cluster-started'>, nowMs: number): PlayState {
    const part = new PlayState({ play, hosts }, nowMs, cluster);
    // A play with hosts of one cluster has one plan, which does not say whose it is.
    part.#plan = this.#plans.get(clusterText(cluster)) ?? (this.#plans.size === 0 ? this.#plan : undefined);
    part.#resetTasks();
    return part;
  }

  /** The play's tasks in order, as far as they are in the present batch. */
  get tasks(): readonly TaskProgress[] {
    return [...this.#tasks.values()];
  }

  task({ path, name }: TaskRef): TaskProgress {
    const task = this.#tasks.get(path) ?? new TaskProgress(name);
    this.#tasks.set(path, task);
    return task;
  }

  /** Takes the next event; what a reader must not miss of it is returned. */
  apply(event: Event, nowMs: number): Note | undefined {
    switch (event.type) {
      case 'run-started':
      case 'play-started':
      case 'rollout-planned':
      case 'rollout-started':
      case 'wave-started':
      case 'wave-approved':
      case 'cluster-started':
      case 'hook-finished':
      case 'run-finished':
        return undefined;
      case 'cluster-finished':
      case 'play-finished':
        this.endBatch();
        return undefined;
      case 'host-connected':
        this.connecting.progress(event.host, { message: 'looking', sinceMs: nowMs });
        return undefined;
      case 'host-waiting': {
        const { host, message, elapsedMs, limitMs } = event;
        this.connecting.progress(host, { message, sinceMs: nowMs - elapsedMs, limitMs });
        return undefined;
      }
      case 'host-observed':
        this.#endConnecting(event.host, 'ok', '', nowMs);
        return undefined;
      case 'host-unreachable':
        this.#endConnecting(event.host, 'unreachable', event.reason, nowMs);
        return noteOfUnreachable(event);
      case 'host-refused':
        return noteOfHostRefused(event);
      case 'play-refused':
        return noteOfPlayRefused(event);
      case 'window-late':
        return noteOfLate(event);
      case 'window-shut':
        return noteOfWindowShut(event);
      case 'window-waiting':
        return noteOfWaiting(event);
      case 'window-overridden':
        return noteOfOverride(event);
      case 'play-planned':
        // A host of which nothing had to be known was not looked at.
        for (const host of this.hosts) if (!this.connecting.result(host)) this.#endConnecting(host, 'ok', '', nowMs);
        this.#plan = event.plan;
        if (event.plan.cluster) this.#plans.set(clusterText(event.plan.cluster), event.plan);
        this.#plannedMs = nowMs;
        this.#resetTasks();
        return undefined;
      case 'batch-started':
        this.#startedMs += nowMs - (this.#plannedMs ?? nowMs);
        this.#plannedMs = undefined;
        this.#resetTasks();
        if (this.goesFree) this.#expectOnTheirOwn(event.hosts);
        return undefined;
      case 'task-started':
        this.task(event.task).start(event.hosts, nowMs);
        return undefined;
      case 'stage-started':
        this.task(event.task).startStage(event.stage, event.hosts);
        return undefined;
      case 'stage-finished':
        this.task(event.task).finishStage(event.stage, event.elapsedMs);
        return undefined;
      case 'task-progress': {
        const { host, message, elapsedMs, limitMs } = event;
        const sinceMs = nowMs - elapsedMs;
        this.task(event.task).progress(host, { message, sinceMs, ...(limitMs !== undefined && { limitMs }) });
        return undefined;
      }
      case 'task-finished': {
        const task = this.task(event.task);
        const note = noteOfResult(event, task);
        task.finish(event);
        // Where a rescue follows, the host comes back by itself.
        if (!isGood(event)) for (const other of this.#tasks.values()) other.expectNoMore([event.host]);
        return note;
      }
      case 'task-rescued':
        return noteOfRescue(event);
      case 'undo-started':
        this.undos.set(event.host, { because: event.because, sinceMs: nowMs });
        return undefined;
      case 'undo-finished':
        this.undos.delete(event.host);
        return noteOfUndo(event);
      case 'cluster-check':
        return noteOfCheck(event);
      case 'wave-waiting':
        return noteOfApproval(event);
      case 'wave-soaking':
        return noteOfSoak(event);
      case 'wave-settled':
        return noteOfSettled(event);
      case 'rollout-stopped':
        return noteOfStop(event);
      case 'run-paused':
      case 'run-resumed':
      case 'run-aborted':
        return noteOfOperator(event);
      case 'warning':
        return noteOfWarning(event);
      case 'interrupted':
        return { kind: 'interrupted', message: event.message };
      default:
        return neverEvent(event);
    }
  }

  /** What hosts have not come to by now they will not, as when they have ended themselves. */
  endBatch(): void {
    for (const task of this.#tasks.values()) task.expectNoMore();
  }

  /** Each host comes to the tasks of its plan on its own, but for those that only the run decides. */
  #expectOnTheirOwn(hosts: readonly string[]): void {
    const coming = new Map((this.#plan?.tasks ?? []).map((ref) => [ref.path, { ref, hosts: [] as string[] }]));
    const inBatch = new Set(hosts);
    for (const { host, tasks } of this.#plan?.hosts ?? [])
      for (const { path, condition } of tasks)
        if (inBatch.has(host) && condition === undefined) coming.get(path)?.hosts.push(host);
    for (const one of coming.values()) this.task(one.ref).expect(one.hosts);
  }

  #resetTasks(): void {
    this.#tasks.clear();
    for (const ref of this.#plan?.tasks ?? []) this.task(ref);
  }

  /** A host is looked at in several rounds, so the last word counts; what is looked at after planning belongs to the batches. */
  #endConnecting(host: string, outcome: 'ok' | 'unreachable', reason: string, nowMs: number): void {
    if (this.#plan) return;
    this.connecting.finish({ host, outcome, reason, changes: [], elapsedMs: nowMs - this.#startedMs });
  }
}
