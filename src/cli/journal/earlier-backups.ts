import type { JournalEntry } from '../../core/journal.ts';
import { type Json, type JsonObject, objectsIn } from '../../core/json.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';
import { decidesRestore } from '../../kubeadm/certificates/restorable.ts';

/** A backup that a resumed run has made or used, and what has happened to its host since. */
export interface EarlierBackup {
  readonly host: string;
  /** Its path on the host. */
  readonly target: string;
  /** Everything that was changed since has been restored. */
  readonly isRestored: boolean;
  /** The state before each change that decides whether restoring helps, unless an earlier run had changed the same already. */
  readonly previousStates: readonly Json[];
  /** What these changes have changed, as far as it may be shown. */
  readonly judged: ReadonlySet<string>;
}

interface LastChange {
  readonly task: string;
  readonly path: string | undefined;
  /** What it has changed, as far as that may be shown. */
  readonly targets: Set<Json>;
  readonly wasRestored: boolean;
}

/** What is known of a host at an entry. */
interface Known {
  /** Its first backup. */
  readonly target: string;
  /** The backup to which an undo leads, or led last. */
  latest: string;
  isRestored: boolean;
  readonly previousStates: Json[];
  /** What decides whether restoring helps, with the number of the run that has changed it first: what that has found is in the backup. */
  readonly judgedIn: Map<string, number>;
  /** By backup, whether everything was restored when it was made: an undo leads back to that. */
  readonly wasRestored: Map<string, boolean>;
  /** The task that has changed the host last, and whether everything was restored before it. */
  lastChange: LastChange | undefined;
}

/**
 * The first backup of each host: it contains the state before all runs of the chain.
 * @param journals of the runs, the first one first
 */
export function earlierBackups(journals: readonly (readonly JournalRecord[])[]): readonly EarlierBackup[] {
  const history = new BackupHistory();
  for (const records of journals) history.add(records);
  return history.backups;
}

/** The same for a chain of which one run after the other is added. */
export class BackupHistory {
  readonly #hosts = new Map<string, Known>();
  #runs = 0;

  add(records: readonly JournalRecord[]): void {
    this.#endTasks(this.#hosts.keys());
    this.#runs += 1;
    for (const { entry } of records) {
      // The tasks of another play have the same paths.
      if (entry.type === 'run') this.#endTasks(entry.hosts);
      else if (entry.type === 'evidence') this.#addEvidence(entry);
      else if (entry.type === 'intent') this.#addIntent(entry);
      else if (entry.type === 'undo') this.#addUndo(entry);
    }
  }

  get backups(): readonly EarlierBackup[] {
    return [...this.#hosts].map(([host, { target, isRestored, previousStates, judgedIn }]) => ({
      host,
      target,
      isRestored,
      previousStates,
      judged: new Set(judgedIn.keys()),
    }));
  }

  /** Whether the host has a backup, and everything that was changed since has been restored. */
  isAsBefore(host: string): boolean {
    return this.#hosts.get(host)?.isRestored === true;
  }

  #endTasks(hosts: Iterable<string>): void {
    for (const host of hosts) {
      const known = this.#hosts.get(host);
      if (known) known.lastChange = undefined;
    }
  }

  #addEvidence(entry: EntryOf<'evidence'>): void {
    const { host, evidence } = entry;
    const latest = pathOf(evidence['backup'], evidence['directory']);
    if (latest === undefined) return;
    const known: Known = this.#hosts.get(host) ?? {
      target: latest,
      latest,
      isRestored: true,
      previousStates: [],
      judgedIn: new Map(),
      wasRestored: new Map(),
      lastChange: undefined,
    };
    // Its own task has made this backup, and changed nothing else.
    if (known.lastChange && isMadeIn(known.lastChange, entry, latest)) known.isRestored = known.lastChange.wasRestored;
    known.lastChange = undefined;
    known.latest = latest;
    // It may be used again in the middle of the changes since.
    if (!known.wasRestored.has(latest)) known.wasRestored.set(latest, known.isRestored);
    this.#hosts.set(host, known);
  }

  #addIntent({ host, task, path, changes }: EntryOf<'intent'>): void {
    const known = this.#hosts.get(host);
    if (!known) return;
    const { lastChange } = known;
    if (lastChange?.task !== task || lastChange.path !== path)
      known.lastChange = { task, path, targets: new Set(), wasRestored: known.isRestored };
    known.isRestored = false;
    const all = objectsIn(changes);
    for (const { target = null } of all) known.lastChange?.targets.add(target);
    for (const { target, before = null } of all) if (this.#decides(known, target)) known.previousStates.push(before);
  }

  /** Whether the first backup is judged by what was changed here. */
  #decides({ judgedIn }: Known, target: Json | undefined): boolean {
    if (typeof target !== 'string') return true;
    if (!decidesRestore(target)) return false;
    const first = judgedIn.get(target) ?? this.#runs;
    judgedIn.set(target, first);
    return first === this.#runs;
  }

  #addUndo({ host, params, remaining, succeeded }: EntryOf<'undo'>): void {
    const known = this.#hosts.get(host);
    if (!known) return;
    known.lastChange = undefined;
    if (!succeeded) return;
    known.latest = restoredBy(params) ?? known.latest;
    if (remaining.length === 0 && known.wasRestored.get(known.latest) === true) known.isRestored = true;
  }
}

/** Whether a change was the making of this backup. In earlier journals, which name no paths, the backup has to be what it changed. */
function isMadeIn(change: LastChange, { task, path }: EntryOf<'evidence'>, backup: string): boolean {
  if (change.task !== task || change.path !== path) return false;
  return path !== undefined || change.targets.has(backup);
}

type EntryOf<Type extends JournalEntry['type']> = Extract<JournalEntry, { readonly type: Type }>;

/** The backup that a step of an undo restores, if it restores one. Earlier journals do not say it. */
function restoredBy(params: JsonObject = {}): string | undefined {
  return pathOf(params['backup'], params['backup_to']);
}

function pathOf(backup: Json | undefined, directory: Json | undefined): string | undefined {
  return typeof backup === 'string' && typeof directory === 'string' ? `${directory}/${backup}` : undefined;
}
