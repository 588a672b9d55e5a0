import type { HostStop, PartialUndo, StopCode } from '../../core/events/recap.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Change, StepCall } from '../../core/plan.ts';
import type { Become, WriteSession } from '../../core/session.ts';
import { World } from '../../core/world.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import { type HostState, initialState, unreachableState } from '../hosts/host-state.ts';
import { alters, outcomeOf } from '../plan/changes.ts';
import { withFailure } from '../program/registered.ts';
import type { Effect } from './effect.ts';
import { TaskCounts } from './task-counts.ts';
import type { HostFailure } from './task-failure.ts';

/** Where a host leaves a play: at a task, or at something before the tasks, as text (`taking its lock`). */
export type StopPoint = TaskRef | string;

/** The steps that undo changes, in order, with the `become` of the task whose plan named them. */
export interface Undo {
  readonly calls: readonly StepCall[];
  readonly become: Become;
  /** What was known about the host before the changes that they undo. */
  readonly before: World;
}

/** What has become of its undo. `unproven`: carried out, and the connection was lost before it was proven. */
type UndoOutcome = 'none' | 'restored' | 'unproven' | 'failed';

/** One host while a play is carried out: what is known about it, what was changed, and what would undo that. */
export class HostRun {
  readonly name: string;
  state: HostState;
  /** Whether the run holds its lock. `lost`: it did, until the connection was lost (`becomeUnreachable`). */
  lock: 'none' | 'held' | 'lost' = 'none';
  /** A command was run on it, which may have changed it whatever it is said to have done. */
  hasRunCommand = false;
  /** It is in the middle of a change in which a failure was rescued or ignored. */
  hasPassedOver = false;
  readonly counts = new TaskCounts();
  #sessions: HostSessions<WriteSession>;
  #isLost = false;
  #areSessionsClosed = false;
  #stop: HostStop | undefined;
  #failure: HostFailure | undefined;
  #isCleared = false;
  #isArmed = false;
  /** Failed tasks that a rescue will catch. */
  #caught: TaskRef[] = [];
  #isStale = false;
  #isOpaque = false;
  /** A change has started and has neither completed nor failed yet. */
  #isChanging = false;
  /** A change failed and the failure was ignored, so the host stays partly changed. */
  #keepsPartialChange = false;
  readonly #outstanding = new Set<string>();
  #undo: Undo = { calls: [], become: undefined, before: World.empty };
  #changes: Change[] = [];
  #changesBeforeUndo = 0;
  #undoOutcome: UndoOutcome = 'none';
  #partialUndo: PartialUndo | undefined;

  constructor(sessions: HostSessions<WriteSession>, state: HostState) {
    this.name = sessions.host;
    this.#sessions = sessions;
    this.state = state;
    this.#areSessionsClosed = state.unreachable !== undefined;
  }

  get sessions(): HostSessions<WriteSession> {
    return this.#sessions;
  }

  get stop(): HostStop | undefined {
    return this.#stop;
  }

  /** It has not left the play. */
  get takesPart(): boolean {
    return this.#stop === undefined;
  }

  /** The host restores itself if this run is lost from now on (hosts/lost-run): it is in the middle of a change. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  set isArmed(isSet: boolean) {
    this.#isArmed = isSet;
    if (!isSet) this.hasPassedOver = false;
  }

  /** A failure was rescued or ignored. */
  passOver(): void {
    this.hasPassedOver ||= this.#isArmed;
  }

  /** Its connection is lost or unusable, so its present state is unknown. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Gives the host up as lost. */
  lose(): void {
    this.#isLost = true;
    this.closeSessions();
  }

  /** Its connection is lost, but it goes on (`ignore_unreachable`): tasks that need it reconnect it. */
  get isUnreachable(): boolean {
    return this.state.unreachable !== undefined;
  }

  /** Lets the host go on without a connection. This ends its lock, and its state is no longer known. */
  becomeUnreachable(why: string): void {
    this.state = unreachableState(this.state, why);
    if (this.lock === 'held') this.lock = 'lost';
    this.closeSessions();
  }

  /** Records that it is connected again. */
  reconnected(sessions: HostSessions<WriteSession>): void {
    this.state = initialState(this.state.compiled, this.state.registered);
    this.#sessions = sessions;
    this.#areSessionsClosed = false;
  }

  /** Its sessions were closed before the end of the run. */
  get areSessionsClosed(): boolean {
    return this.#areSessionsClosed;
  }

  /** Closes its sessions without waiting: an armed host that is still up restores itself only then, and the run may take hours. */
  closeSessions(): void {
    this.#areSessionsClosed = true;
    void this.sessions.close();
  }

  /** Takes the host out of the play and counts it as `why`. Only the first reason is kept. */
  leave(why: HostStop['why'], at: StopPoint, code?: StopCode): void {
    if (this.#stop) return;
    this.#stop = { why, ...(typeof at === 'string' ? { at } : { at: at.name, path: at.path }), ...(code && { code }) };
    this.counts.add(why);
  }

  /** Records that a task has failed on it. The host is not out of the play yet: a rescue, or a failing `always`, may follow. */
  fail(failure: HostFailure): void {
    if (this.#failure && !this.#caught.includes(this.#failure.task)) this.counts.add('failed');
    this.#failure = failure;
  }

  get failedResult(): HostFailure['result'] {
    return this.#failure?.result;
  }

  /** Takes the host out of the play if a task has failed on it and no rescue caught the failure. */
  leaveFailed(): void {
    if (this.#failure) this.leave('failed', this.#failure.task);
  }

  /** A rescue will catch its failure. That one, and every `always` before it, find in variables what has failed. */
  catchFailure(): void {
    if (!this.#failure) return;
    this.#caught.push(this.#failure.task);
    this.state = { ...this.state, registered: withFailure(this.state.registered, this.#failure) };
  }

  /**
   * Clears its failure, which a rescue has caught. The plan assumed that the host does not fail, so it is no longer binding.
   * @returns the failed tasks: several if an `always` before the rescue failed as well
   */
  rescue(): readonly TaskRef[] {
    const tasks = this.#caught;
    this.#caught = [];
    this.#failure = undefined;
    this.counts.addRescued(tasks.length);
    this.passOver();
    this.becomeOpaque();
    return tasks;
  }

  /** Records that these changes are about to be made. @returns whether others are in progress */
  begin(changes: readonly Change[]): boolean {
    const before = this.#isChanging;
    this.#isChanging ||= changes.some(alters);
    return before;
  }

  /** Lets a failed or lost host take part in the following plays (`meta: clear_host_errors`). */
  clearErrors(): void {
    this.#isCleared = this.#stop?.why === 'failed' || this.#stop?.why === 'unreachable';
  }

  /** Why it takes no part in the following plays; undefined if it does. */
  get lastingStop(): HostStop['why'] | undefined {
    return this.#isCleared ? undefined : this.#stop?.why;
  }

  /** Records that all changes in progress have been made, or none of them. */
  complete(): void {
    this.#isChanging = false;
  }

  /** Records that a task failed while changing the host: later tasks observe first, and may still make these changes. */
  leavePartlyChanged(changes: readonly Change[], effect: Effect): void {
    if (!this.#isChanging) return;
    this.#isChanging = false;
    this.#keepsPartialChange = true;
    this.#isStale = true;
    if (effect === 'opaque') this.#isOpaque = true;
    for (const change of changes) this.#outstanding.add(outcomeOf(change));
  }

  /** Records that something unpredictable was done to it, such as a user's command. */
  becomeOpaque(): void {
    this.#isStale = true;
    this.#isOpaque = true;
  }

  /** What is known about it may be outdated: each task observes again before it plans. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Earlier plans are no longer binding: what was done to it since could not be predicted. */
  get isOpaque(): boolean {
    return this.#isOpaque;
  }

  /** Outcomes of changes that were shown and then failed: a later task may still produce them. */
  get outstanding(): ReadonlySet<string> {
    return this.#outstanding;
  }

  /** Adds changes that were made to it, except for looks. */
  addChanges(changes: readonly Change[]): void {
    this.#changes.push(...changes.filter(alters));
  }

  /** Sets what undoes the changes from here on; earlier changes stay. */
  setUndo(calls: readonly StepCall[], become: Become): void {
    this.#undo = { calls, become, before: this.state.world };
    this.#changesBeforeUndo = this.#changes.length;
  }

  /** What undoes the changes since `setUndo`, even if there are none. */
  get undo(): readonly StepCall[] {
    return this.#undo.calls;
  }

  /** The same, without calls if nothing was changed since `setUndo` and nothing can be half done. */
  get pendingUndo(): Undo {
    const isNeeded = this.#changes.length > this.#changesBeforeUndo || this.mayBePartlyChanged;
    return isNeeded ? this.#undo : { ...this.#undo, calls: [] };
  }

  /** Records that the undo has succeeded, and forgets the changes that it undid. @param stays what they made and it has left */
  recordUndone(stays: ReadonlySet<string>): void {
    this.#changes = this.#changes.filter(({ target }, at) => at < this.#changesBeforeUndo || stays.has(target));
    this.#isChanging = false;
    this.#keepsPartialChange = false;
    this.isArmed = false;
    this.#undoOutcome = 'restored';
  }

  /** Records that the undo has failed, or was carried out and not proven. @param partial how far it came; absent: nowhere */
  recordNotUndone(outcome: Extract<UndoOutcome, 'unproven' | 'failed'>, partial: PartialUndo | undefined): void {
    this.#undoOutcome = outcome;
    this.#partialUndo = partial;
  }

  get undoOutcome(): UndoOutcome {
    return this.#undoOutcome;
  }

  /** How far a failed undo came. */
  get partialUndo(): PartialUndo | undefined {
    return this.#partialUndo;
  }

  /** Its changes can be undone, and nobody has tried that yet. */
  get canBeUndone(): boolean {
    return this.#undoOutcome === 'none' && this.pendingUndo.calls.length > 0;
  }

  /** The host is out of the play and still armed: it restores itself as soon as its sessions are closed. */
  get willRestoreItself(): boolean {
    return this.isArmed && !this.takesPart;
  }

  /** A change is in progress, or has failed and was left as it is. */
  get mayBePartlyChanged(): boolean {
    return this.#isChanging || this.#keepsPartialChange;
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }
}
