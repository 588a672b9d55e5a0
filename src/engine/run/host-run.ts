import type { HostStop, StopCode } from '../../core/events/recap.ts';
import type { TaskRef } from '../../core/events/task.ts';
import type { Change, StepCall } from '../../core/plan.ts';
import type { BecomeChoice, WriteSession } from '../../core/session.ts';
import type { Turns } from '../../core/turns.ts';
import type { HostSessions } from '../hosts/host-sessions.ts';
import { type HostState, initialState, unreachableState } from '../hosts/host-state.ts';
import { outcomeOf } from '../plan/changes.ts';
import { withFailure } from '../program/registered.ts';
import type { Effect } from './effect.ts';
import { HostChanges } from './host-changes.ts';
import { TaskCounts } from './task-counts.ts';
import type { HostFailure } from './task-failure.ts';

/** Where a host leaves a play: at a task, or at something before the tasks, as text (`taking its lock`). */
export type StopPoint = TaskRef | string;

/**
 * Whether what is known about a host still holds. `outdated`: each task observes again before it plans. `opaque`: it does, and
 * earlier plans are no longer binding, because what was done to the host since could not be predicted.
 */
type Knowledge = 'current' | 'outdated' | 'opaque';

/** One host while a play is carried out: its connection, whether it still takes part, what is known about it, and what was changed. */
export class HostRun {
  readonly name: string;
  state: HostState;
  /** Whether the run holds its lock. `lost`: it did, until the connection was lost (`becomeUnreachable`). */
  lock: 'none' | 'held' | 'lost' = 'none';
  /** A command was run on it, which may have changed it whatever it is said to have done. */
  hasRunCommand = false;
  /** An undo has failed on it while it was armed: it tries the same by itself, most likely in vain. */
  restoresInVain = false;
  readonly counts = new TaskCounts();
  readonly changes = new HostChanges();
  #sessions: HostSessions<WriteSession>;
  #turns: Turns | undefined;
  /** `closed`: its sessions were closed before the end of the run. `lost`: and it was given up. */
  #connection: 'open' | 'closed' | 'lost' = 'open';
  #stop: HostStop | undefined;
  #failure: HostFailure | undefined;
  #isCleared = false;
  /** `passed-over`: and a failure in the middle of its change was rescued or ignored. */
  #arming: 'disarmed' | 'armed' | 'passed-over' = 'disarmed';
  /** Failed tasks that a rescue will catch. */
  #caught: TaskRef[] = [];
  #knowledge: Knowledge = 'current';
  readonly #outstanding = new Set<string>();

  constructor(sessions: HostSessions<WriteSession>, state: HostState) {
    this.name = sessions.host;
    this.#sessions = sessions;
    this.state = state;
    if (state.unreachable !== undefined) this.#connection = 'closed';
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
    return this.#arming !== 'disarmed';
  }

  /** It stays passed over if it was. */
  arm(): void {
    if (this.#arming === 'disarmed') this.#arming = 'armed';
  }

  disarm(): void {
    this.#arming = 'disarmed';
  }

  /** A failure was rescued or ignored. */
  passOver(): void {
    if (this.#arming === 'armed') this.#arming = 'passed-over';
  }

  /** It is in the middle of a change in which a failure was rescued or ignored. */
  get hasPassedOver(): boolean {
    return this.#arming === 'passed-over';
  }

  /** Its connection is lost or unusable, so its present state is unknown. */
  get isLost(): boolean {
    return this.#connection === 'lost';
  }

  /** Gives the host up as lost. */
  lose(): void {
    this.closeSessions();
    this.#connection = 'lost';
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
    this.#sessions = this.#inTurns(sessions);
    this.#connection = 'open';
  }

  /** Its scripts take turns with those of the other names of its machine, which would get in their way. */
  takeTurns(turns: Turns): void {
    this.#turns = turns;
    this.#sessions = this.#inTurns(this.#sessions);
  }

  #inTurns(sessions: HostSessions<WriteSession>): HostSessions<WriteSession> {
    const turns = this.#turns;
    return turns ? sessions.map((session) => inTurns(session, turns)) : sessions;
  }

  /** Its sessions were closed before the end of the run. */
  get areSessionsClosed(): boolean {
    return this.#connection !== 'open';
  }

  /** Closes its sessions without waiting: an armed host that is still up restores itself only then, and the run may take hours. */
  closeSessions(): void {
    if (this.#connection === 'open') this.#connection = 'closed';
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

  /** Lets a failed or lost host take part in the following plays (`meta: clear_host_errors`). */
  clearErrors(): void {
    this.#isCleared = this.#stop?.why === 'failed' || this.#stop?.why === 'unreachable';
  }

  /** Why it takes no part in the following plays; undefined if it does. */
  get lastingStop(): HostStop['why'] | undefined {
    return this.#isCleared ? undefined : this.#stop?.why;
  }

  /** Why it counts as out in the result of the run: what was cleared does not, unless the host is not as it is to be after a failure. */
  get countedStop(): HostStop['why'] | undefined {
    const { outcome } = this.changes.undoEnd ?? {};
    const isUnrestored = outcome === 'failed' || outcome === 'unproven' || this.willRestoreItself;
    return isUnrestored ? this.#stop?.why : this.lastingStop;
  }

  /** Records that a task failed while changing the host: later tasks observe first, and may still make these changes. */
  leavePartlyChanged(changes: readonly Change[], effect: Effect): void {
    if (!this.changes.leavePartial()) return;
    if (effect === 'opaque') this.becomeOpaque();
    else if (this.#knowledge === 'current') this.#knowledge = 'outdated';
    for (const change of changes) this.#outstanding.add(outcomeOf(change));
  }

  /** Records that something unpredictable was done to it, such as a user's command. */
  becomeOpaque(): void {
    this.#knowledge = 'opaque';
  }

  /** Each task observes again before it plans. */
  get isOutdated(): boolean {
    return this.#knowledge !== 'current';
  }

  /** Earlier plans are no longer binding. */
  get isOpaque(): boolean {
    return this.#knowledge === 'opaque';
  }

  /** Outcomes of changes that were shown and then failed: a later task may still produce them. */
  get outstanding(): ReadonlySet<string> {
    return this.#outstanding;
  }

  /** Sets what undoes the changes from here on; earlier changes stay. */
  setUndo(calls: readonly StepCall[], become: BecomeChoice): void {
    this.changes.setUndo({ calls, become, before: this.state.world });
  }

  /** Records that the undo has succeeded. @param stays what the changes made and it has left */
  restored(stays: ReadonlySet<string>): void {
    this.changes.restored(stays);
    this.disarm();
  }

  /** The host is out of the play and still armed: it restores itself as soon as its sessions are closed. */
  get willRestoreItself(): boolean {
    return this.isArmed && !this.takesPart;
  }
}

function inTurns(session: WriteSession, turns: Turns): WriteSession {
  return {
    host: session.host,
    observe: (probes, options) => session.observe(probes, options),
    run: (script, options) => turns.run(1, () => session.run(script, options)),
    close: () => session.close(),
  };
}
