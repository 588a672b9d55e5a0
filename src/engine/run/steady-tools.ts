import { describeFailure } from '../../core/system-error.ts';
import type { UndoTools } from './undo.ts';

/** Tools whose failures end no run between two changes. */
export interface SteadyTools<Tools extends UndoTools> {
  readonly tools: Tools;
  /** What was thrown while something was told, first of all; it holds nothing of the hosts. */
  readonly mistake: () => unknown;
}

/**
 * The tools of a run as the engine uses them. An event that cannot be told is no reason to leave a host half-way, nor is an
 * entry that cannot be written: a full disk here says nothing of the hosts. That the journal lacks something is said once.
 */
export function steadyTools<Tools extends UndoTools>(tools: Tools): SteadyTools<Tools> {
  let mistake: unknown;
  let isIncomplete = false;
  const emit: UndoTools['emit'] = (event) => {
    try {
      tools.emit(event);
    } catch (error) {
      mistake ??= error;
    }
  };
  const write: UndoTools['journal']['write'] = async (entry) => {
    try {
      await tools.journal.write(entry);
    } catch (error) {
      if (isIncomplete) return;
      isIncomplete = true;
      const why = describeFailure(error);
      const message = `the journal is incomplete from here on: ${why}`;
      emit({
        type: 'warning',
        hosts: [],
        message,
        remedy: 'the run continues to its end; make room, or the directory writable, and the rest is recorded',
      });
    }
  };
  return { tools: { ...tools, emit, journal: { write } }, mistake: () => mistake };
}
