import type { PartialUndo } from '../../core/events/recap.ts';
import type { Change, StepCall } from '../../core/plan.ts';
import type { BecomeChoice } from '../../core/session.ts';
import { World } from '../../core/world.ts';
import { alters } from '../plan/changes.ts';

/** The steps that undo changes, in order, with the `become` of the task whose plan named them. */
export interface Undo {
  readonly calls: readonly StepCall[];
  readonly become: BecomeChoice;
  /** What was known about the host before the changes that they undo. */
  readonly before: World;
}

/** How an undo has ended. `unproven`: carried out, and the connection was lost, or the run interrupted twice, before it was proven. */
interface UndoEnd {
  readonly outcome: 'restored' | 'unproven' | 'failed';
  /** How far it came, if it did not restore the host; absent: nowhere. */
  readonly partial?: PartialUndo;
}

/** What a play has changed on one host, what would undo that, and what has become of the undo. */
export class HostChanges {
  #made: Change[] = [];
  /** A change has started and has neither completed nor failed yet. */
  #isInProgress = false;
  /** A change failed and the failure was ignored, so the host stays partly changed. */
  #keepsPartial = false;
  #undo: Undo = { calls: [], become: undefined, before: World.empty };
  #madeBeforeUndo = 0;
  #undoEnd: UndoEnd | undefined;

  /** The changes that were made, without looks and without what was undone. */
  get made(): readonly Change[] {
    return this.#made;
  }

  /** A change is in progress, or has failed and was left as it is. */
  get mayBePartial(): boolean {
    return this.#isInProgress || this.#keepsPartial;
  }

  /** Records that these changes are about to be made. @returns whether others are in progress */
  begin(changes: readonly Change[]): boolean {
    const before = this.#isInProgress;
    this.#isInProgress ||= changes.some(alters);
    return before;
  }

  /** Records that all changes in progress have been made, or none of them. */
  complete(): void {
    this.#isInProgress = false;
  }

  /** Records that the changes in progress failed and are left as they are. @returns whether there were any */
  leavePartial(): boolean {
    if (!this.#isInProgress) return false;
    this.#isInProgress = false;
    this.#keepsPartial = true;
    return true;
  }

  /** Adds changes that were made, except for looks. */
  add(changes: readonly Change[]): void {
    this.#made.push(...changes.filter(alters));
  }

  /** Sets what undoes the changes from here on; earlier changes stay. */
  setUndo(undo: Undo): void {
    this.#undo = undo;
    this.#madeBeforeUndo = this.#made.length;
  }

  /** The steps that undo the changes since `setUndo`, even if there are none. */
  get undoCalls(): readonly StepCall[] {
    return this.#undo.calls;
  }

  /** The undo, without steps if nothing was changed since `setUndo` and nothing can be half done. */
  get pendingUndo(): Undo {
    const isNeeded = this.#made.length > this.#madeBeforeUndo || this.mayBePartial;
    return isNeeded ? this.#undo : { ...this.#undo, calls: [] };
  }

  /** They can be undone, and nobody has tried that yet. */
  get canBeUndone(): boolean {
    return this.#undoEnd === undefined && this.pendingUndo.calls.length > 0;
  }

  /** How the undo has ended; undefined if nobody has tried it. */
  get undoEnd(): UndoEnd | undefined {
    return this.#undoEnd;
  }

  /** Records that the undo has succeeded, and forgets the changes that it undid. @param stays what they made and it has left */
  restored(stays: ReadonlySet<string>): void {
    this.#made = this.#made.filter(({ target }, at) => at < this.#madeBeforeUndo || stays.has(target));
    this.#isInProgress = false;
    this.#keepsPartial = false;
    this.#undoEnd = { outcome: 'restored' };
  }

  /** Records that the undo has failed, or was carried out and not proven. */
  notRestored(end: UndoEnd & { readonly outcome: 'unproven' | 'failed' }): void {
    this.#undoEnd = end;
  }
}
