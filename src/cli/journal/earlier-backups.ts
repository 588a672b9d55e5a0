import { isJsonObject, type Json } from '../../core/json.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';

/** A backup that a run has made or used which is gone on with, and what has become of its host since. */
export interface EarlierBackup {
  readonly host: string;
  /** Its path on the host. */
  readonly target: string;
  /** All that was changed since has been put back. */
  readonly isPutBack: boolean;
  /** What each change was made to, as it was before. */
  readonly befores: readonly Json[];
}

/**
 * The first backup of each host, which holds the host as it was before all of it.
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
      backups.set(host, { host, target: `${directory}/${backup}`, isPutBack: true, befores: [] });
    } else if (!known) continue;
    else if (entry.type === 'intent')
      backups.set(host, { ...known, isPutBack: false, befores: [...known.befores, ...beforesIn(entry.changes)] });
    else if (entry.succeeded) backups.set(host, { ...known, isPutBack: true });
  }
  return [...backups.values()];
}

function beforesIn(changes: Json): readonly Json[] {
  return Array.isArray(changes) ? changes.filter(isJsonObject).map(({ before = null }) => before) : [];
}
