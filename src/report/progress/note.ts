import type { ProblemCode } from '../../core/problems/code.ts';
import type { Wait } from './wait.ts';

/** Something that a reader must not miss: it stays on the screen after its context has scrolled away. */
export type Note = TroubleNote | CancelledNote | UndoNote | WarningNote | MessageNote | InterruptedNote;

/** One or more hosts that did not succeed, for the same reason. */
export interface TroubleNote {
  /** `late`: certificates end before their cluster may be changed. */
  readonly kind: 'failed' | 'unreachable' | 'refused' | 'late';
  /** Empty for the whole play or a cluster. */
  readonly hosts: readonly string[];
  /** Task and stage of a failure, or the refused play or cluster; otherwise empty. */
  readonly where: readonly string[];
  readonly reason: string;
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly remedy?: string;
  readonly code?: ProblemCode;
}

export interface CancelledNote {
  readonly kind: 'cancelled';
  readonly hosts: readonly string[];
  /** The task had started on them. */
  readonly begun: boolean;
  readonly reason: string;
}

export interface UndoNote {
  readonly kind: 'undo';
  readonly host: string;
  readonly succeeded: boolean;
  /** It was carried out, but not proven. */
  readonly isUnproven: boolean;
  /** Steps of the undo come after this one. */
  readonly goesOn: boolean;
  readonly message: string;
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly remedy?: string;
  readonly code?: never;
  readonly elapsedMs: number;
}

export interface WarningNote {
  readonly kind: 'warning';
  readonly hosts: readonly string[];
  readonly message: string;
  readonly remedy?: string;
  /** The remedy only applies as long as the run is not interrupted. */
  readonly isRemedyOfRunning?: true;
  /** The warning only applies during this wait. */
  readonly wait?: Wait;
  readonly code?: ProblemCode;
}

/** The output of a task whose purpose is to show it. */
export interface MessageNote {
  readonly kind: 'said';
  readonly hosts: readonly string[];
  readonly task: string;
  readonly texts: readonly string[];
}

interface InterruptedNote {
  readonly kind: 'interrupted';
  readonly message: string;
}

/** The remedy in a note. */
export function remedyOf(note: Note): string | undefined {
  return 'remedy' in note ? note.remedy : undefined;
}

/** A note without its remedy and code, which have been shown before. */
export function withoutRemedy(note: Note): Note {
  if (!('remedy' in note)) return note;
  const { remedy: _, code: __, ...rest } = note;
  return rest;
}
