import { type ClusterRef, clusterText } from '../../core/cluster.ts';
import type { Event } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import type { TaskRef } from '../../core/events/task.ts';
import { dispatch, type EventHandlers, type EventOf, sameFor } from '../reporter.ts';
import type { Note } from './note.ts';
import { noteOf } from './note-of-event.ts';
import { type Activity, isGood, TaskProgress } from './task-progress.ts';

/** A host that is being restored. */
export interface UndoProgress {
  readonly because: string;
  readonly sinceMs: number;
  /** What it waits for. */
  readonly activity?: Activity;
}

/** The state of a play from its events so far. */
export class PlayState {
  /** The cluster, for the part of a play with several. */
  readonly cluster: ClusterRef | undefined;
  readonly play: string;
  readonly hosts: readonly string[];
  /** Connecting and observing, represented as a task. */
  readonly connecting = new TaskProgress('Connect and read facts');
  readonly undos = new Map<string, UndoProgress>();
  /** The most recent plan. */
  #plan: PlayPlan | undefined;
  readonly #plans = new Map<string, PlayPlan>();
  readonly #members: ReadonlySet<string>;
  #startedMs: number;
  #plannedMs: number | undefined;
  readonly #tasks = new Map<string, TaskProgress>();

  constructor({ play, hosts }: Pick<EventOf<'play-started'>, 'play' | 'hosts'>, nowMs: number, cluster?: ClusterRef) {
    this.cluster = cluster;
    this.play = play;
    this.hosts = hosts;
    this.#members = new Set(hosts);
    this.#startedMs = nowMs;
    this.connecting.expect(hosts);
    this.connecting.start([], nowMs);
  }

  /** When it started; time spent waiting for an approval of the plan does not count. */
  get startedMs(): number {
    return this.#startedMs;
  }

  get plan(): PlayPlan | undefined {
    return this.#plan;
  }

  /** With `strategy: free`, a task starts and ends on each host at a different time. */
  get isFree(): boolean {
    return this.#plan?.order.name === 'free';
  }

  /** The part of a cluster that starts now, as planned. */
  partOf({ play, cluster, hosts }: EventOf<'cluster-started'>, nowMs: number): PlayState {
    const part = new PlayState({ play, hosts }, nowMs, cluster);
    // The plan of a play with a single cluster does not name it.
    part.#plan = this.#plans.get(clusterText(cluster)) ?? (this.#plans.size === 0 ? this.#plan : undefined);
    part.#resetTasks();
    return part;
  }

  /** The tasks of the current batch, in order. */
  get tasks(): readonly TaskProgress[] {
    return [...this.#tasks.values()];
  }

  task({ path, name }: TaskRef): TaskProgress {
    const task = this.#tasks.get(path) ?? new TaskProgress(name);
    this.#tasks.set(path, task);
    return task;
  }

  /** Processes the next event and returns its note, if it has one. @param timeZone IANA zone of times in the note */
  apply(event: Event, nowMs: number, timeZone: string): Note | undefined {
    const note = noteOf(event, { taskOf: (task) => this.task(task), timeZone });
    dispatch(PlayState.#UPDATES, event, this, nowMs);
    return note;
  }

  /** How events change the state. */
  static readonly #UPDATES: EventHandlers<[play: PlayState, nowMs: number]> = {
    'host-connecting': ({ host }, play, nowMs) => play.#contact(host, 'connecting', nowMs),
    'host-connected': ({ host }, play, nowMs) => play.#contact(host, 'connected', nowMs),
    'host-observing': ({ host }, play, nowMs) => play.#contact(host, 'reading facts', nowMs),
    'host-waiting': (event, play, nowMs) => play.#wait(event, nowMs),
    'host-observed': ({ host }, play, nowMs) => play.#endConnecting(host, 'ok', '', nowMs),
    'host-unreachable': ({ host, reason }, play, nowMs) => play.#endConnecting(host, 'unreachable', reason, nowMs),
    'play-planned': ({ plan }, play, nowMs) => play.#takePlan(plan, nowMs),
    'batch-started': ({ hosts }, play, nowMs) => play.#startBatch(hosts, nowMs),
    'task-started': ({ task, hosts }, play, nowMs) => play.task(task).start(hosts, nowMs),
    'stage-started': ({ task, stage, hosts }, play) => play.task(task).startStage(stage, hosts),
    'stage-finished': ({ task, stage, elapsedMs }, play) => play.task(task).finishStage(stage, elapsedMs),
    'task-progress': ({ task, host, message, elapsedMs, limitMs }, play, nowMs) =>
      play
        .task(task)
        .progress(host, { message, sinceMs: nowMs - elapsedMs, ...(limitMs !== undefined && { limitMs }) }),
    'task-finished': (event, play) => play.#finishTask(event),
    'undo-started': ({ host, because }, { undos }, nowMs) => void undos.set(host, { because, sinceMs: nowMs }),
    'undo-finished': ({ host }, { undos }) => void undos.delete(host),
    ...sameFor(['cluster-finished', 'play-finished'], (_, play) => play.endBatch()),
    ...sameFor(
      [
        'run-started',
        'run-paused',
        'run-resumed',
        'run-aborted',
        'run-finished',
        'play-started',
        'play-refused',
        'cluster-planned',
        'rollout-planned',
        'rollout-started',
        'rollout-stopped',
        'wave-started',
        'wave-waiting',
        'wave-approved',
        'wave-soaking',
        'wave-settled',
        'window-late',
        'window-shut',
        'window-waiting',
        'window-overridden',
        'cluster-started',
        'cluster-check',
        'host-refused',
        'task-rescued',
        'hook-finished',
        'warning',
        'interrupted',
      ],
      () => undefined,
    ),
  };

  #takePlan(plan: PlayPlan, nowMs: number): void {
    // A host from which no facts were needed was not observed.
    for (const host of this.hosts) if (!this.connecting.result(host)) this.#endConnecting(host, 'ok', '', nowMs);
    this.#plan = plan;
    if (plan.cluster) this.#plans.set(clusterText(plan.cluster), plan);
    this.#plannedMs = nowMs;
    this.#resetTasks();
  }

  #startBatch(hosts: readonly string[], nowMs: number): void {
    this.#startedMs += nowMs - (this.#plannedMs ?? nowMs);
    this.#plannedMs = undefined;
    this.#resetTasks();
    if (this.isFree) this.#expectOnTheirOwn(hosts);
  }

  /** Hosts that tasks are delegated to are connected, too, but are not of the play. */
  #contact(host: string, message: string, nowMs: number): void {
    if (!this.#members.has(host)) return;
    this.connecting.start([host], nowMs);
    this.connecting.progress(host, { message, sinceMs: nowMs });
  }

  /** A host is waited for when it is connected, or by its undo. */
  #wait({ host, message, elapsedMs, limitMs }: EventOf<'host-waiting'>, nowMs: number): void {
    const activity = { message, sinceMs: nowMs - elapsedMs, limitMs };
    const undo = this.undos.get(host);
    if (undo) this.undos.set(host, { ...undo, activity });
    else this.connecting.progress(host, activity);
  }

  #finishTask(event: EventOf<'task-finished'>): void {
    this.task(event.task).finish(event);
    // If a rescue follows, its first task adds the host again.
    if (!isGood(event)) for (const other of this.#tasks.values()) other.expectNoMore([event.host]);
  }

  /** Tasks that hosts have not reached by now will not be reached, as if they had ended. */
  endBatch(): void {
    for (const task of this.#tasks.values()) task.expectNoMore();
  }

  /** Each host will reach the tasks of its plan on its own, except those that only the run decides. */
  #expectOnTheirOwn(hosts: readonly string[]): void {
    const upcoming = new Map((this.#plan?.tasks ?? []).map((ref) => [ref.path, { ref, hosts: [] as string[] }]));
    const inBatch = new Set(hosts);
    for (const { host, tasks } of this.#plan?.hosts ?? [])
      for (const { path, condition } of tasks)
        if (inBatch.has(host) && condition === undefined) upcoming.get(path)?.hosts.push(host);
    for (const one of upcoming.values()) this.task(one.ref).expect(one.hosts);
  }

  #resetTasks(): void {
    this.#tasks.clear();
    for (const ref of this.#plan?.tasks ?? []) this.task(ref);
  }

  /** A host is observed in several rounds, so the last event counts; observations after planning belong to the batches. */
  #endConnecting(host: string, outcome: 'ok' | 'unreachable', reason: string, nowMs: number): void {
    if (this.#plan) return;
    this.connecting.finish({ host, outcome, reason, changes: [], elapsedMs: nowMs - this.#startedMs });
  }
}
