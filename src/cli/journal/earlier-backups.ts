import { type Json, objectsIn } from '../../core/json.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';

/** A backup that a resumed run has made or used, and what has happened to its host since. */
export interface EarlierBackup {
  readonly host: string;
  /** Its path on the host. */
  readonly target: string;
  /** Everything that was changed since has been restored. */
  readonly isRestored: boolean;
  /** The state before each change. */
  readonly previousStates: readonly Json[];
}

/**
 * The first backup of each host: it contains the state before all runs of the chain.
 * @param journals of the runs, the first one first
 */
export function earlierBackups(journals: readonly (readonly JournalRecord[])[]): readonly EarlierBackup[] {
  const backups = new Map<string, EarlierBackup>();
  for (const { entry } of journals.flat()) {
    if (entry.type !== 'evidence' && entry.type !== 'undo' && entry.type !== 'intent') continue;
    const { host } = entry;
    const known = backups.get(host);
    if (entry.type === 'evidence') {
      const { backup, directory } = entry.evidence;
      if (known || typeof backup !== 'string' || typeof directory !== 'string') continue;
      backups.set(host, { host, target: `${directory}/${backup}`, isRestored: true, previousStates: [] });
    } else if (!known) continue;
    else if (entry.type === 'intent')
      backups.set(host, {
        ...known,
        isRestored: false,
        previousStates: [...known.previousStates, ...previousStatesIn(entry.changes)],
      });
    else if (entry.succeeded && entry.remaining.length === 0) backups.set(host, { ...known, isRestored: true });
  }
  return [...backups.values()];
}

function previousStatesIn(changes: Json): readonly Json[] {
  return objectsIn(changes).map(({ before = null }) => before);
}
