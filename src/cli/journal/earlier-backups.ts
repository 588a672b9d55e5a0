import { type Json, type JsonObject, objectsIn } from '../../core/json.ts';
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

/** What is known of a host at an entry. */
interface Known extends EarlierBackup {
  /** The backup to which an undo leads, or led last. */
  readonly latest: string;
  /** By backup, whether everything was restored when it was made: an undo leads back to that. */
  readonly wasRestored: ReadonlyMap<string, boolean>;
}

/**
 * The first backup of each host: it contains the state before all runs of the chain.
 * @param journals of the runs, the first one first
 */
export function earlierBackups(journals: readonly (readonly JournalRecord[])[]): readonly EarlierBackup[] {
  const backups = new Map<string, Known>();
  for (const { entry } of journals.flat()) {
    if (entry.type !== 'evidence' && entry.type !== 'undo' && entry.type !== 'intent') continue;
    const { host } = entry;
    const known = backups.get(host);
    if (entry.type === 'evidence') {
      const { backup, directory } = entry.evidence;
      const latest = pathOf(backup, directory);
      if (latest === undefined) continue;
      const before = known ?? { host, target: latest, isRestored: true, previousStates: [], wasRestored: new Map() };
      // It may be used again in the middle of the changes since.
      const wasRestored = new Map([[latest, before.isRestored], ...before.wasRestored]);
      backups.set(host, { ...before, latest, wasRestored });
    } else if (!known) continue;
    else if (entry.type === 'intent')
      backups.set(host, {
        ...known,
        isRestored: false,
        previousStates: [...known.previousStates, ...previousStatesIn(entry.changes)],
      });
    else if (entry.succeeded) {
      const latest = restoredBy(entry.params) ?? known.latest;
      const isBack = entry.remaining.length === 0 && known.wasRestored.get(latest) === true;
      backups.set(host, { ...known, latest, isRestored: known.isRestored || isBack });
    }
  }
  return [...backups.values()].map(({ latest: _, wasRestored: __, ...backup }) => backup);
}

/** The backup that a step of an undo restores, if it restores one. Earlier journals do not say it. */
function restoredBy(params: JsonObject = {}): string | undefined {
  return pathOf(params['backup'], params['backup_to']);
}

function pathOf(backup: Json | undefined, directory: Json | undefined): string | undefined {
  return typeof backup === 'string' && typeof directory === 'string' ? `${directory}/${backup}` : undefined;
}

function previousStatesIn(changes: Json): readonly Json[] {
  return objectsIn(changes).map(({ before = null }) => before);
}
