import type { Event } from '../../core/events/event.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Signal } from '../../core/signal.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import { signalsIn } from '../../journal/signals.ts';
import type { KeptRuns } from './kept-runs.ts';

/** A signal that a run knows; `run`: the earlier run to which it was sent, if this one has inherited it. */
export type KnownSignal = Signal & { readonly run?: string };

/**
 * All signals that operators have sent to a run, earliest first: those in its directory, and those that only events of the journal record,
 * because they went to a Temporal server; and the approvals that it has inherited from the runs that it resumes. Signals that an older kplay recorded without a time come first.
 * @returns undefined when the recorded signals cannot be read
 */
export function signalsOf(runs: KeptRuns, id: string, events: readonly Event[]): readonly KnownSignal[] | undefined {
  try {
    return withEventSignals([...inheritedApprovals(runs, id), ...signalsIn(runs.directoryOf(id))], events);
  } catch {
    return undefined;
  }
}

/**
 * The first approval of each wave that was sent to one of the runs that a run resumes, with that run. Runs of which the record is gone are
 * passed over.
 * @throws {Error} as `signalsIn` does
 */
export function inheritedApprovals(runs: KeptRuns, id: string): readonly KnownSignal[] {
  const earlier = runs.chainOf(id).slice(1).toReversed();
  const approvals = earlier.flatMap((run) =>
    withEventSignals(signalsIn(runs.directoryOf(run)), eventsOf(runs.read(run).reading.records))
      .filter(({ kind }) => kind === 'approve')
      .map((signal): KnownSignal => ({ run, ...signal })),
  );
  return approvals.filter((one, index) => approvals.findIndex((other) => keyOf(other) === keyOf(one)) === index);
}

/** Adds the signals that events of the run report and `signals` does not contain. */
export function withEventSignals(signals: readonly KnownSignal[], events: readonly Event[]): readonly KnownSignal[] {
  const known = new Set(signals.map(keyOf));
  const fromEvents = events.flatMap((event) => signalOf(event) ?? []).filter((signal) => !known.has(keyOf(signal)));
  // Those of one source stay in their order, whatever the clock did.
  if (fromEvents.length === 0) return signals;
  return [...signals, ...fromEvents].toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)));
}

/** The signals in JSON output; docs/journal.md describes them. */
export function signalsJson(signals: readonly KnownSignal[] | undefined): readonly JsonObject[] | null {
  if (!signals) return null;
  return signals.map((signal) => ({
    kind: signal.kind,
    wave: signal.kind === 'approve' ? signal.wave : null,
    by: signal.by,
    at: signal.at ?? null,
    reason: signal.reason ?? null,
    run: signal.run ?? null,
  }));
}

/** Only the first approval of a wave counts. */
function keyOf(signal: Signal): string {
  return signal.kind === 'approve' ? `approve ${signal.wave}` : `${signal.kind} ${signal.at} ${signal.by}`;
}

function timeOf({ at }: Signal): string {
  return at ?? '';
}

function signalOf(event: Event): Signal | undefined {
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
