import type { Event } from '../../core/events/event.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Signal } from '../../core/signal.ts';
import { signalsIn } from '../../journal/signals.ts';
import type { KeptRuns } from './kept-runs.ts';

/**
 * All that operators said to a run, earliest first, for its record: what stands beside the journal, and what only the journal has
 * heard, because it was said to a Temporal server or to an earlier run. What an older kplay has kept without a time comes first.
 * @returns undefined when what stands there cannot be read
 */
export function saidTo(runs: KeptRuns, id: string, events: readonly Event[]): readonly Signal[] | undefined {
  try {
    return withHeard(signalsIn(runs.directoryOf(id)), events);
  } catch {
    return undefined;
  }
}

/** With what the run has told that it was told, besides these. */
export function withHeard(signals: readonly Signal[], events: readonly Event[]): readonly Signal[] {
  const known = new Set(signals.map(keyOf));
  const heard = events.flatMap((event) => heardIn(event) ?? []).filter((signal) => !known.has(keyOf(signal)));
  return [...signals, ...heard].toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)));
}

/** For programs; docs/journal.md describes it. */
export function saidJson(said: readonly Signal[] | undefined): readonly JsonObject[] | null {
  if (!said) return null;
  return said.map((signal) => ({
    kind: signal.kind,
    wave: signal.kind === 'approve' ? signal.wave : null,
    by: signal.by,
    at: signal.at ?? null,
    reason: signal.reason ?? null,
  }));
}

/** One approval of a wave counts: a second one says nothing new. */
function keyOf(signal: Signal): string {
  return signal.kind === 'approve' ? `approve ${signal.wave}` : `${signal.kind} ${signal.at} ${signal.by}`;
}

function timeOf({ at }: Signal): string {
  return at ?? '';
}

function heardIn(event: Event): Signal | undefined {
  switch (event.type) {
    case 'wave-approved': {
      const { wave, by, at, reason } = event;
      return { kind: 'approve', wave, by, ...(at !== undefined && { at }), ...(reason !== undefined && { reason }) };
    }
    case 'run-paused':
    case 'run-resumed':
    case 'run-aborted': {
      const { by, at, reason } = event;
      return { kind: KINDS[event.type], by, at, ...(reason !== undefined && { reason }) };
    }
    default:
      return undefined;
  }
}

const KINDS = { 'run-paused': 'pause', 'run-resumed': 'resume', 'run-aborted': 'abort' } as const;
