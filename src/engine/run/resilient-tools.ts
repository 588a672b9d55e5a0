import type { Journal } from '../../core/journal.ts';
import { describeFailure } from '../../core/system-error.ts';
import type { RunTools } from './tools.ts';

/** Journals of which it has been reported that they are incomplete: the clusters of a rollout share one. */
const incomplete = new WeakSet<Journal>();

/** Tools whose failures cannot end a run between two changes. */
export interface ResilientTools {
  readonly tools: RunTools;
  /** The first exception thrown while reporting an event. It contains nothing about the hosts. */
  readonly mistake: () => unknown;
}

/**
 * The tools of a run as the engine uses them. A failing reporter, or a journal entry that cannot be written (a full disk here,
 * say), must not leave a host half changed. That the journal is incomplete is reported once for each journal.
 */
export function resilientTools(tools: RunTools): ResilientTools {
  let mistake: unknown;
  const emit: RunTools['emit'] = (event) => {
    try {
      tools.emit(event);
    } catch (error) {
      mistake ??= error;
    }
  };
  const write: RunTools['journal']['write'] = async (entry) => {
    try {
      await tools.journal.write(entry);
    } catch (error) {
      if (incomplete.has(tools.journal)) return;
      incomplete.add(tools.journal);
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
