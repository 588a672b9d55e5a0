import type { HostRecap, HostStateCode, HostStop } from '../../core/events/recap.ts';
import type { TaskOutcome, TaskRef } from '../../core/events/task.ts';
import type { Json } from '../../core/json.ts';
import type { Change, StepCall } from '../../core/plan.ts';
import type { WriteSession } from '../../core/session.ts';
import type { Become, HostSessions } from '../hosts/host-sessions.ts';
import type { HostState } from '../hosts/host-state.ts';
import { alters, outcomeOf } from '../plan/changes.ts';

/** Where a host leaves a play: at a task, or at what comes before the tasks, in words. */
export type Whereabouts = TaskRef | string;

/** What has failed on a host. */
export interface HostFailure {
  readonly task: TaskRef;
  readonly message: string;
  /** What the task has registered. */
  readonly result?: Json;
}

/** What takes changes back, and how it becomes root: as the task did that knows the way. */
export interface WayBack {
  readonly calls: readonly StepCall[];
  readonly become: Become;
}

/** One host during the execution of a play: what is known of it, what was done to it, and what would take that back. */
export class HostRun {
  readonly name: string;
  readonly sessions: HostSessions<WriteSession>;
  state: HostState;
  isLocked = false;
  /** Something on it is half done, which it puts back by itself when the run is lost. */
  isHalfMade = false;
  rollback: 'none' | 'succeeded' | 'failed' = 'none';
  #isLost = false;
  #isLetGo = false;
  #stop: HostStop | undefined;
  #failure: HostFailure | undefined;
  #isForgiven = false;
  #rescued = 0;
  #isStale = false;
  #isOpaque = false;
  /** A change was begun that may be half done. */
  #isAttempting = false;
  /** A failure was ignored: what it has left half done stays so. */
  #isHalfDone = false;
  readonly #owed = new Set<string>();
  #undo: WayBack = { calls: [], become: undefined };
  #changes: Change[] = [];
  #changesBeforeUndo = 0;
  #changedAndIgnored = 0;
  readonly #counts: Record<TaskOutcome, number> = {
    ok: 0,
    changed: 0,
    skipped: 0,
    ignored: 0,
    failed: 0,
    unreachable: 0,
    refused: 0,
    cancelled: 0,
  };

  constructor(sessions: HostSessions<WriteSession>, state: HostState) {
    this.name = sessions.host;
    this.sessions = sessions;
    this.state = state;
  }

  get stop(): HostStop | undefined {
    return this.#stop;
  }

  /** Its connection is gone, or of no use: nobody knows how it is now. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Nobody knows any more how it is. */
  lose(): void {
    this.#isLost = true;
    this.letGo();
  }

  /** Its sessions have been closed before the end of the run. */
  get isLetGo(): boolean {
    return this.#isLetGo;
  }

  /**
   * Ends its sessions, for which it waits before it puts itself back: a host that has not answered in time may be there all the
   * same, and the run may go on for hours with others. How long the connection takes to end is nobody's concern.
   */
  letGo(): void {
    this.#isLetGo = true;
    void this.sessions.close();
  }

  /** It takes no further part, and is counted so. What stopped it first stays the reason. */
  leave(why: HostStop['why'], at: Whereabouts): void {
    if (this.#stop) return;
    this.#stop = typeof at === 'string' ? { why, at } : { why, at: at.name, path: at.path };
    this.count(why);
  }

  /** A task has failed on it. Whether that is the end of it is not decided here: a rescue may follow. */
  fail(failure: HostFailure): void {
    this.#failure = failure;
  }

  /** Its failure is final. */
  leaveFailed(): void {
    if (this.#failure) this.leave('failed', this.#failure.task);
  }

  /**
   * Its failure was caught. What the plan says of the time after it was said of one that does not fail.
   * @returns the task that failed.
   */
  rescue(): TaskRef | undefined {
    const failure = this.#failure;
    if (!failure) return undefined;
    this.#failure = undefined;
    this.#rescued += 1;
    this.becomeOpaque();
    const { task, message, result = { failed: true, msg: message } } = failure;
    const { registered } = this.state;
    this.state = {
      ...this.state,
      registered: new Map([
        ...registered,
        ['ansible_failed_task', { name: task.name, action: task.step }],
        ['ansible_failed_result', result],
      ]),
    };
    return task;
  }

  count(outcome: TaskOutcome): void {
    this.#counts[outcome] += 1;
  }

  /** A failure that nobody minds; what it has changed counts. */
  countIgnored(hasChanged: boolean): void {
    this.count('ignored');
    if (hasChanged) this.#changedAndIgnored += 1;
  }

  /** These changes are about to be made. */
  begin(changes: readonly Change[]): void {
    if (changes.some(alters)) this.#isAttempting = true;
  }

  /** That it has failed, or was lost, counts no longer: it takes part in the plays that follow. */
  forgive(): void {
    this.#isForgiven = this.#stop?.why === 'failed' || this.#stop?.why === 'unreachable';
  }

  /** Why it takes no part in the plays that follow. */
  get lasting(): HostStop['why'] | undefined {
    return this.#isForgiven ? undefined : this.#stop?.why;
  }

  /** What was begun has come to its end. */
  complete(): void {
    this.#isAttempting = false;
  }

  /** What was begun has failed, and nobody minds: how much of it has been done is to be seen by those who come after. */
  leaveUndone(changes: readonly Change[], wasForeseen: boolean): void {
    if (!this.#isAttempting) return;
    this.#isAttempting = false;
    this.#isHalfDone = true;
    this.#isStale = true;
    if (!wasForeseen) this.#isOpaque = true;
    for (const change of changes) this.#owed.add(outcomeOf(change));
  }

  /** Something was done to it of which only its author knows what it was. */
  becomeOpaque(): void {
    this.#isStale = true;
    this.#isOpaque = true;
  }

  /** What is known of it may no longer be so: each task looks before it plans. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Plans that were made before no longer bind. */
  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  /** Outcomes of changes that were shown and have not come about: a later task may make up for them. */
  get owed(): ReadonlySet<string> {
    return this.#owed;
  }

  /** Looks are none. */
  addChanges(changes: readonly Change[]): void {
    this.#changes.push(...changes.filter(alters));
  }

  /** From here on this is what takes changes back; what was changed before stays. */
  setUndo(calls: readonly StepCall[], become: Become): void {
    this.#undo = { calls, become };
    this.#changesBeforeUndo = this.#changes.length;
  }

  /** What takes back what was changed since there is a way back, whether it is needed or not. */
  get undo(): readonly StepCall[] {
    return this.#undo.calls;
  }

  /** What has to be run to take back what was, or may have been, changed since there is a way back. */
  get pendingUndo(): WayBack {
    const isNeeded = this.#changes.length > this.#changesBeforeUndo || this.isBetween;
    return isNeeded ? this.#undo : { ...this.#undo, calls: [] };
  }

  /** The undo has run: the changes that it took back never were. */
  undone(): void {
    this.#changes = this.#changes.slice(0, this.#changesBeforeUndo);
    this.#isAttempting = false;
    this.#isHalfDone = false;
    this.isHalfMade = false;
    this.rollback = 'succeeded';
  }

  /** The run goes no further with it and has not put it back: it does that itself as soon as the run lets go of it. */
  get isLeftToItself(): boolean {
    return this.isHalfMade && this.#stop !== undefined;
  }

  /** Something was begun on it, or left undone, and may be half done. */
  get isBetween(): boolean {
    return this.#isAttempting || this.#isHalfDone;
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }

  recap(): HostRecap {
    const { ok, changed, unreachable, failed, skipped, ignored, refused } = this.#counts;
    return {
      host: this.name,
      ok: ok + changed + ignored,
      changed: changed + this.#changedAndIgnored,
      unreachable,
      failed,
      skipped,
      ignored,
      refused,
      rescued: this.#rescued,
      restored: this.rollback === 'succeeded' ? 1 : 0,
      state: this.#stateCode,
      ...(this.#stop && { stopped: this.#stop }),
      changes: this.#changes,
    };
  }

  get #stateCode(): HostStateCode {
    if (this.#changes.length === 0 && !this.isBetween && this.rollback === 'none') return 'unchanged';
    if (this.#stop?.why === 'unreachable') return 'unknown';
    if (this.rollback === 'succeeded') return 'restored';
    if (this.isLeftToItself) return 'restoring';
    if (this.rollback === 'failed') return 'not-restored';
    return this.#stop ? 'partly-changed' : 'changed';
  }
}
