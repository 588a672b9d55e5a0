import type { HostRecap, TaskOutcome } from '../core/event.ts';
import type { Change, StepCall } from '../core/plan.ts';
import type { WriteSession } from '../core/session.ts';
import type { HostState } from './planner.ts';

/** Why a host takes no further part in its play. */
export type Stop =
  | { readonly why: 'failed' | 'refused' | 'cancelled'; readonly at: string }
  | { readonly why: 'unreachable'; readonly at: string };

/** One host during the execution of a play: what is known of it, what was done to it, and what would take that back. */
export class HostRun {
  readonly name: string;
  readonly session: WriteSession;
  state: HostState;
  stop: Stop | undefined;
  isLocked = false;
  /** A task has run whose effects nobody can foresee: plans made before it no longer bind. */
  isOpaque = false;
  /** A change was begun that may be half done. */
  isAttempting = false;
  rollback: 'none' | 'succeeded' | 'failed' = 'none';
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
    if (this.stop?.why === 'unreachable') return `unknown: the connection was lost in '${this.stop.at}'`;
    if (this.rollback === 'succeeded') return 'as before';
    if (this.rollback === 'failed')
      return `between: '${this.stop?.at ?? ''}' failed, and putting it back failed as well`;
    if (this.#changes.length === 0 && !this.isAttempting) return 'unchanged';
    return this.stop ? `partly changed: it stopped at '${this.stop.at}'` : 'changed';
  }
}
