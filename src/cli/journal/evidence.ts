import { isJsonObject, type Json, type JsonObject, objectsIn } from '../../core/json.ts';
import type { JournalRecord } from '../../journal/journal-line.ts';

/** A certificate that a run has made, as observed. */
export interface MadeCertificate {
  readonly host: string;
  readonly name: string;
  readonly serial: string;
  /** The serial of the certificate that it replaced. */
  readonly replaced: string | undefined;
  /** ISO 8601. */
  readonly ends: string;
  /** Ports that were observed to serve it. */
  readonly served: readonly number[];
  /** The run has restored the previous one, by its undo or a task, so the host no longer has this one. */
  readonly putBack?: true;
}

/** A backup that a run has made, or has found to contain everything that it was going to change. */
export interface MadeBackup {
  readonly host: string;
  readonly backup: string;
  readonly directory: string;
}

/** What a run has made, and what was observed afterwards. */
export interface RunEvidence {
  readonly certificates: readonly MadeCertificate[];
  readonly backups: readonly MadeBackup[];
}

/** Collects the evidence from a journal; entries that are not as docs/journal.md describes them are skipped. */
export function evidenceOf(records: readonly JournalRecord[]): RunEvidence {
  const made = new Map<string, MadeCertificate>();
  const backups: MadeBackup[] = [];
  for (const { entry } of records) {
    if (entry.type === 'undo' && entry.succeeded && entry.step === 'certs.restore')
      notePutBack(made, entry.host, entry.stays);
    if (entry.type !== 'evidence' || !isJsonObject(entry.evidence)) continue;
    const { host, evidence } = entry;
    if (evidence['restored'] !== undefined) notePutBack(made, host, evidence['stays']);
    noteCertificates(made, host, evidence);
    if (evidence['backup'] !== undefined)
      backups.push({ host, backup: text(evidence['backup']), directory: text(evidence['directory']) });
  }
  return { certificates: [...made.values()], backups };
}

/** @param stays what did not exist before, and is still there */
function notePutBack(made: Map<string, MadeCertificate>, host: string, stays: unknown): void {
  const left: readonly unknown[] = Array.isArray(stays) ? stays : [];
  for (const [key, certificate] of made)
    if (certificate.host === host && !left.includes(certificate.name)) made.set(key, { ...certificate, putBack: true });
}

/** Records the certificates that were made, or, from the proof (`served`), which of them are served. */
function noteCertificates(made: Map<string, MadeCertificate>, host: string, evidence: JsonObject): void {
  const isProof = evidence['served'] !== undefined;
  for (const certificate of objectsIn(evidence['certificates'])) {
    const key = JSON.stringify([host, certificate['name'] ?? null]);
    const before = made.get(key);
    // The proof also covers certificates that the run has not made.
    if (isProof && !before) continue;
    const serial = text(certificate['serial']);
    // Another one than was made is the old one again, or was put there by somebody else.
    if (isProof && before && serial !== before.serial) {
      if (serial === before.replaced) made.set(key, { ...before, putBack: true });
      continue;
    }
    made.set(key, {
      host,
      name: text(certificate['name']),
      serial,
      replaced: before?.replaced ?? (certificate['replaced'] === undefined ? undefined : text(certificate['replaced'])),
      ends: text(certificate['ends']),
      served: portsWith(serial, evidence['served']),
    });
  }
}

function portsWith(serial: string, served: Json | undefined): readonly number[] {
  return objectsIn(served)
    .filter((port) => text(port['serial']) === serial)
    .map((port) => Number(port['port']));
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
