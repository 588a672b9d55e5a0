import type { TaskOutcome } from '../../core/events/task.ts';
import type { EventOf } from '../reporter.ts';

/** How a task ended on one host. */
export type HostResult = Pick<
  EventOf<'task-finished'>,
  'host' | 'outcome' | 'reason' | 'told' | 'changes' | 'elapsedMs'
>;

/** What a host is doing, according to its last message. */
export interface Activity {
  readonly message: string;
  /** When it started, in milliseconds of the clock. */
  readonly sinceMs: number;
  readonly limitMs?: number;
}

/** A stage of a task. */
export interface StageProgress {
  readonly stage: string;
  readonly hosts: readonly string[];
  /** Only after it has ended. */
  readonly elapsedMs?: number;
}

const GOOD: readonly TaskOutcome[] = ['ok', 'changed', 'skipped', 'ignored'];

/** The progress of a task on the hosts on which it was started. */
export class TaskProgress {
  readonly name: string;
  #hosts: readonly string[] = [];
  readonly #unfinished = new Set<string>();
  /** Hosts that have not reached it yet (`strategy: free`). */
  readonly #expected = new Set<string>();
  #startedMs: number | undefined;
  readonly #stages: StageProgress[] = [];
  readonly #activities = new Map<string, Activity>();
  readonly #results = new Map<string, HostResult>();

  constructor(name: string) {
    this.name = name;
  }

  get hosts(): readonly string[] {
    return this.#hosts;
  }

  /** Hosts that have reached it. */
  get begun(): readonly string[] {
    return this.#expected.size === 0 ? this.#hosts : this.#hosts.filter((host) => !this.#expected.has(host));
  }

  get stages(): readonly StageProgress[] {
    return this.#stages;
  }

  get results(): readonly HostResult[] {
    return [...this.#results.values()];
  }

  get doneCount(): number {
    return this.#results.size;
  }

  get state(): 'waiting' | 'running' | 'ended' {
    if (this.#startedMs === undefined) return 'waiting';
    return this.#unfinished.size + this.#expected.size === 0 ? 'ended' : 'running';
  }

  /** All ended hosts have ended well. */
  get isGood(): boolean {
    return this.results.every(isGood);
  }

  /** No host has ended badly in this or an earlier stage. */
  isStageGood({ hosts }: StageProgress): boolean {
    return hosts.every((host) => isGood(this.#results.get(host)));
  }

  /** Time since its start; after its end, the time of the slowest host. */
  elapsedMs(nowMs: number): number {
    if (this.state === 'ended') return Math.max(0, ...this.results.map((result) => result.elapsedMs));
    return nowMs - (this.#startedMs ?? nowMs);
  }

  activity(host: string): Activity | undefined {
    return this.#activities.get(host);
  }

  result(host: string): HostResult | undefined {
    return this.#results.get(host);
  }

  /** The current stage of a host. */
  stageOf(host: string): string | undefined {
    return this.#stages.findLast(({ hosts, elapsedMs }) => elapsedMs === undefined && hosts.includes(host))?.stage;
  }

  /** These hosts will reach it, one by one. */
  expect(hosts: readonly string[]): void {
    this.#hosts = hosts;
    for (const host of hosts) this.#expected.add(host);
  }

  /** Those of these hosts that have not reached it by now will not. */
  expectNoMore(hosts: readonly string[] = [...this.#expected]): void {
    const missing = new Set(hosts.filter((host) => this.#expected.delete(host)));
    if (missing.size > 0) this.#hosts = this.#hosts.filter((host) => !missing.has(host));
  }

  start(hosts: readonly string[], nowMs: number): void {
    const others = hosts.filter((host) => !this.#expected.delete(host));
    if (others.length > 0) this.#hosts = [...new Set([...this.#hosts, ...others])];
    this.#startedMs ??= nowMs;
    for (const host of hosts) if (!this.#results.has(host)) this.#unfinished.add(host);
  }

  startStage(stage: string, hosts: readonly string[]): void {
    this.#stages.push({ stage, hosts });
    for (const host of hosts) this.#activities.delete(host);
  }

  finishStage(stage: string, elapsedMs: number): void {
    const index = this.#stages.findLastIndex((candidate) => candidate.stage === stage);
    const found = this.#stages[index];
    if (found) this.#stages[index] = { ...found, elapsedMs };
  }

  progress(host: string, activity: Activity): void {
    this.#activities.set(host, activity);
  }

  finish(result: HostResult): void {
    this.#results.set(result.host, result);
    this.#unfinished.delete(result.host);
    this.#expected.delete(result.host);
  }
}

/** Whether a task has ended well on a host, or still may: before its end it has no result. */
export function isGood(result: Pick<HostResult, 'outcome'> | undefined): boolean {
  return result === undefined || GOOD.includes(result.outcome);
}
