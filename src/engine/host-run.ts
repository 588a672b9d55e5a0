import type { HostRecap, TaskOutcome } from '../core/event.ts';
import type { Change, StepCall } from '../core/plan.ts';
import type { WriteSession } from '../core/session.ts';
import type { HostState } from './planner.ts';

/** Why a host takes no further part in its play. */
export interface Stop {
  readonly why: 'failed' | 'refused' | 'cancelled' | 'unreachable';
  readonly at: string;
}

/** One host during the execution of a play: what is known of it, what was done to it, and what would take that back. */
export class HostRun {
  readonly name: string;
  readonly session: WriteSession;
  state: HostState;
  isLocked = false;
  /** Its connection is gone: nobody knows how it is now. */
  isLost = false;
  /** A task has run whose effects nobody can foresee: plans made before it no longer bind. */
  isOpaque = false;
  /** A change was begun that may be half done. */
  isAttempting = false;
  rollback: 'none' | 'succeeded' | 'failed' = 'none';
  #stop: Stop | undefined;
  #undo: readonly StepCall[] = [];
  #changes: Change[] = [];
  #changesBeforeUndo = 0;
  readonly #counts: Record<TaskOutcome, number> = {
    ok: 0,
    changed: 0,
    skipped: 0,
    failed: 0,
    unreachable: 0,
    refused: 0,
    cancelled: 0,
  };

  constructor(session: WriteSession, state: HostState) {
    this.name = session.host;
    this.session = session;
    this.state = state;
  }

  get stop(): Stop | undefined {
    return this.#stop;
  }

  /** It takes no further part, and is counted so. What stopped it first stays the reason. */
  leave(why: Stop['why'], at: string): void {
    if (this.#stop) return;
    this.#stop = { why, at };
    this.count(why);
  }

  count(outcome: TaskOutcome): void {
    this.#counts[outcome] += 1;
  }

  addChanges(changes: readonly Change[]): void {
    this.#changes.push(...changes);
  }

  /** From here on this is what takes changes back; what was changed before stays. */
  setUndo(calls: readonly StepCall[]): void {
    this.#undo = calls;
    this.#changesBeforeUndo = this.#changes.length;
  }

  /** What has to be run to take back what was, or may have been, changed since there is a way back. */
  get pendingUndo(): readonly StepCall[] {
    const changed = this.#changes.length > this.#changesBeforeUndo || this.isAttempting;
    return changed ? this.#undo : [];
  }

  /** The undo has run: the changes that it took back never were. */
  undone(): void {
    this.#changes = this.#changes.slice(0, this.#changesBeforeUndo);
    this.isAttempting = false;
    this.rollback = 'succeeded';
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }

  recap(): HostRecap {
    const { ok, changed, unreachable, failed, skipped, refused } = this.#counts;
    return {
      host: this.name,
      ok: ok + changed,
      changed,
      unreachable,
      failed,
      skipped,
      refused,
      rolledBack: this.rollback === 'succeeded' ? 1 : 0,
      state: this.#stateText(),
      changes: this.#changes,
    };
  }

  #stateText(): string {
    if (this.#changes.length === 0 && !this.isAttempting && this.rollback === 'none') return 'unchanged';
    const { why, at = '' } = this.#stop ?? {};
    if (why === 'unreachable') return `unknown: the connection was lost in '${at}'`;
    if (this.rollback === 'succeeded') return 'as before';
    if (this.rollback === 'failed') return `between: '${at}' failed, and putting it back failed as well`;
    return this.#stop ? `partly changed: it stopped at '${at}'` : 'changed';
  }
}
