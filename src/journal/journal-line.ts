import { createHash } from 'node:crypto';
import type { JournalEntry } from '../core/journal.ts';
import { isJsonObject, parseJson } from '../core/json.ts';
import { asPresent } from './older-events.ts';

/** The version of docs/journal.md. It is raised only when something described there is renamed, removed or changes its meaning. */
export const JOURNAL_VERSION = 1;

/** One entry of a journal: a line of its file. */
export interface JournalRecord {
  readonly version: number;
  /** Increases by one with each line: a gap is a lost line. It gives the order of entries, whatever the clock did. */
  readonly sequence: number;
  readonly time: Date;
  readonly entry: JournalEntry;
}

const CHECKSUM = /,"sum":"([0-9a-f]{16})"\}$/;

/** A line without its newline. Its last field is a checksum of everything before that field. */
export function journalLine({ version, sequence, time, entry }: JournalRecord): string {
  const body = JSON.stringify({ version, sequence, time: time.toISOString(), ...entry }).slice(0, -1);
  return `${body},"sum":"${checksumOf(body)}"}`;
}

/** @returns undefined for a line that is incomplete or has been changed. */
export function parseJournalLine(line: string): JournalRecord | undefined {
  const [end = '', sum] = CHECKSUM.exec(line) ?? [];
  const body = line.slice(0, line.length - end.length);
  if (sum === undefined || sum !== checksumOf(body)) return undefined;
  const value = parseJson(`${body}}`);
  if (!isJsonObject(value)) return undefined;
  const { version, sequence, time, ...entry } = value;
  if (typeof version !== 'number' || typeof sequence !== 'number' || typeof time !== 'string') return undefined;
  return { version, sequence, time: new Date(time), entry: asPresent(entry as unknown as JournalEntry) };
}

/** Whether the first versions of kplay wrote this line, which had no number and no checksum. */
export function isOlderLine(line: string): boolean {
  const value = parseJson(line);
  return (
    isJsonObject(value) &&
    typeof value['time'] === 'string' &&
    typeof value['type'] === 'string' &&
    !('version' in value)
  );
}

/** Detects accidents, not intent: whoever can write the file can also write the checksum. */
function checksumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 16);
}
