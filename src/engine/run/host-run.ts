import type { HostRecap, HostStateCode, HostStop } from '../../core/events/recap.ts';
import type { TaskOutcome, TaskRef } from '../../core/events/task.ts';
import type { Change, StepCall } from '../../core/plan.ts';
import type { Become, WriteSession } from '../../core/session.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import { awayState, type HostState, unseenState } from '../hosts/host-state.ts';
import { alters, outcomeOf } from '../plan/changes.ts';
import type { Effect } from './effect.ts';
import type { HostFailure } from './task-failure.ts';

/** Where a host leaves a play: at a task, or at something before the tasks, in words (`taking its lock`). */
export type Whereabouts = TaskRef | string;

/** The steps that undo changes, in order, and how they become root: as the task did whose plan named them. */
export interface Undo {
  readonly calls: readonly StepCall[];
  readonly become: Become;
}

/** One host during the execution of a play: what is known of it, what was changed on it, and what would undo that. */
export class HostRun {
  readonly name: string;
  state: HostState;
  /** The run holds its lock. */
  isLocked = false;
  /** It held its lock when the host was lost (`goAway`). */
  wasLocked = false;
  /** The host restores itself if this run is lost from here on (hosts/lost-run). */
  isArmed = false;
  rollback: 'none' | 'succeeded' | 'failed' = 'none';
  #sessions: HostSessions<WriteSession>;
  #isLost = false;
  #areSessionsClosed = false;
  #stop: HostStop | undefined;
  #failure: HostFailure | undefined;
  #isForgiven = false;
  #rescued = 0;
  #isStale = false;
  #isOpaque = false;
  /** A change has begun and has neither completed nor failed yet. */
  #isChanging = false;
  /** A change failed and the failure was ignored, so whatever it left stays. */
  #keepsPartialChange = false;
  readonly #owed = new Set<string>();
  #undo: Undo = { calls: [], become: undefined };
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
    this.#sessions = sessions;
    this.state = state;
    this.#areSessionsClosed = state.away !== undefined;
  }

  get sessions(): HostSessions<WriteSession> {
    return this.#sessions;
  }

  get stop(): HostStop | undefined {
    return this.#stop;
  }

  /** Its connection is gone or unusable, so its present state is unknown. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Gives the host up as lost. */
  lose(): void {
    this.#isLost = true;
    this.closeSessions();
  }

  /** Its connection is gone, and it goes on all the same (`ignore_unreachable`): what needs it connects it again. */
  get isAway(): boolean {
    return this.state.away !== undefined;
  }

  /** Lets the host go on without a connection. Its lock ends with that, and whatever was known of it is known no more. */
  goAway(why: string): void {
    this.state = awayState(this.state, why);
    this.wasLocked ||= this.isLocked;
    this.isLocked = false;
    this.closeSessions();
  }

  /** Notes that it is connected again. */
  comeBack(sessions: HostSessions<WriteSession>): void {
    this.state = unseenState(this.state.compiled, this.state.registered);
    this.#sessions = sessions;
    this.#areSessionsClosed = false;
  }

  /** Its sessions were closed before the end of the run. */
  get areSessionsClosed(): boolean {
    return this.#areSessionsClosed;
  }

  /**
   * Closes its sessions without waiting for that. An armed host restores itself only when they are closed: one that did not answer in
   * time may still be up, and the run may go on for hours with other hosts.
   */
  closeSessions(): void {
    this.#areSessionsClosed = true;
    void this.sessions.close();
  }

  /** Takes the host out of the play and counts it as `why`. Only the first reason is kept. */
  leave(why: HostStop['why'], at: Whereabouts): void {
    if (this.#stop) return;
    this.#stop = typeof at === 'string' ? { why, at } : { why, at: at.name, path: at.path };
    this.count(why);
  }

  /** Notes that a task has failed on it. The host is not out of the play yet: a rescue may follow. */
  fail(failure: HostFailure): void {
    this.#failure = failure;
  }

  /** Takes the host out of the play if a task has failed on it and no rescue caught that. */
  leaveFailed(): void {
    if (this.#failure) this.leave('failed', this.#failure.task);
  }

  /**
   * Clears its failure, which a rescue has caught. The plan was made for a host that does not fail, so it no longer binds.
   * @returns the task that failed; undefined when none has.
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

  /** Counts a failure that was ignored; the task counts as changed as well when it has changed something. */
  countIgnored(hasChanged: boolean): void {
    this.count('ignored');
    if (hasChanged) this.#changedAndIgnored += 1;
  }

  /** Notes that these changes are about to be made. */
  begin(changes: readonly Change[]): void {
    if (changes.some(alters)) this.#isChanging = true;
  }

  /** Lets a host that failed or was lost take part in the following plays (`meta: clear_host_errors`). */
  forgive(): void {
    this.#isForgiven = this.#stop?.why === 'failed' || this.#stop?.why === 'unreachable';
  }

  /** Why it takes no part in the following plays; undefined when it does. */
  get lastingStop(): HostStop['why'] | undefined {
    return this.#isForgiven ? undefined : this.#stop?.why;
  }

  /** Notes that the changes that were begun have all been made. */
  complete(): void {
    this.#isChanging = false;
  }

  /**
   * Notes that a task failed after it had begun to change the host: how much of it was done is unknown, so later tasks look first.
   * @param changes what the task was to change: later tasks may still bring it about
   */
  leavePartlyChanged(changes: readonly Change[], effect: Effect): void {
    if (!this.#isChanging) return;
    this.#isChanging = false;
    this.#keepsPartialChange = true;
    this.#isStale = true;
    if (effect === 'opaque') this.#isOpaque = true;
    for (const change of changes) this.#owed.add(outcomeOf(change));
  }

  /** Notes that something unforeseeable was done to it, such as a command of the user's. */
  becomeOpaque(): void {
    this.#isStale = true;
    this.#isOpaque = true;
  }

  /** What is known of it may be out of date: each task looks again before it plans. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Plans that were made before no longer bind: nobody could foresee what was done to it since. */
  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  /** Outcomes of changes that were shown and then failed: a later task may still make them. */
  get owed(): ReadonlySet<string> {
    return this.#owed;
  }

  /** Adds changes that were made to it. Looks are left out. */
  addChanges(changes: readonly Change[]): void {
    this.#changes.push(...changes.filter(alters));
  }

  /** Sets what undoes the changes from here on; changes before it stay. */
  setUndo(calls: readonly StepCall[], become: Become): void {
    this.#undo = { calls, become };
    this.#changesBeforeUndo = this.#changes.length;
  }

  /** What undoes the changes since `setUndo`, whether there were any or not. */
  get undo(): readonly StepCall[] {
    return this.#undo.calls;
  }

  /** The same, with no calls when nothing was changed since `setUndo` and nothing can be half done. */
  get pendingUndo(): Undo {
    const isNeeded = this.#changes.length > this.#changesBeforeUndo || this.mayBePartlyChanged;
    return isNeeded ? this.#undo : { ...this.#undo, calls: [] };
  }

  /** Notes that the undo has succeeded: the changes that it undid are forgotten. */
  undone(): void {
    this.#changes = this.#changes.slice(0, this.#changesBeforeUndo);
    this.#isChanging = false;
    this.#keepsPartialChange = false;
    this.isArmed = false;
    this.rollback = 'succeeded';
  }

  /** The host is out of the play and still armed: it restores itself as soon as its sessions are closed. */
  get isToRestoreItself(): boolean {
    return this.isArmed && this.#stop !== undefined;
  }

  /** A change is under way, or failed on the way and was left as it is. */
  get mayBePartlyChanged(): boolean {
    return this.#isChanging || this.#keepsPartialChange;
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
    if (this.#changes.length === 0 && !this.mayBePartlyChanged && this.rollback === 'none') return 'unchanged';
    if (this.#stop?.why === 'unreachable' || (this.isAway && this.mayBePartlyChanged)) return 'unknown';
    if (this.rollback === 'succeeded') return 'restored';
    if (this.isToRestoreItself) return 'restoring';
    if (this.rollback === 'failed') return 'not-restored';
    return this.#stop ? 'partly-changed' : 'changed';
  }
}
