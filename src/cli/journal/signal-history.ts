import type { Event } from '../../core/events/event.ts';
import type { WavePlan } from '../../core/events/rollout.ts';
import type { JsonObject } from '../../core/json.ts';
import { type Approval, approvalFor, type Signal, type SignalState } from '../../core/signal.ts';
import { eventsOf } from '../../journal/run-summary.ts';
import { signalsIn } from '../../journal/signals.ts';
import type { KeptRuns } from './kept-runs.ts';

/**
 * All signals that operators have sent to a run, earliest first. They are in its directory, or, if they went to a Temporal server, only in
 * the events of its journal. Approvals that it inherits from the runs that it resumes are among them. Signals without a time, which an
 * older kplay recorded, come first.
 * @returns undefined when the recorded signals cannot be read
 */
export function signalsOf(runs: KeptRuns, id: string, events: readonly Event[]): readonly Signal[] | undefined {
  try {
    return withEventSignals(
      [...inheritedApprovals(runs, runs.chainOf(id).slice(1)), ...signalsIn(runs.directoryOf(id))],
      events,
    );
  } catch {
    return undefined;
  }
}

/**
 * The approvals that a run inherits from the runs that it resumes: for each wave the first one that still counts, with the run that it was
 * given to and the clusters that the wave had there. Once a later run has asked for the approval of a wave, or has other clusters in it,
 * earlier approvals of that wave no longer count. Runs whose record is gone are passed over.
 * @param chain the runs that it resumes, the last one first
 * @throws {Error} as `signalsIn` does
 */
export function inheritedApprovals(runs: KeptRuns, chain: readonly string[]): readonly Signal[] {
  const approvals = new Map<string, Extract<Signal, { readonly kind: 'approve' }>>();
  for (const run of chain.toReversed()) {
    const events = eventsOf(runs.read(run).reading.records);
    for (const event of events) if (event.type === 'wave-waiting') approvals.delete(event.wave);
    const waves = wavesIn(events);
    for (const wave of waves) if (!approvalFor(wave, approvals)) approvals.delete(wave.name);
    for (const signal of withEventSignals(signalsIn(runs.directoryOf(run)), events)) {
      if (signal.kind !== 'approve' || approvals.has(signal.wave)) continue;
      const clusters = waves.find(({ name }) => name === signal.wave)?.clusters;
      approvals.set(signal.wave, { ...signal, run, ...(clusters && { clusters }) });
    }
  }
  return [...approvals.values()];
}

/** The approval of a wave that counts, if there is one. @param events those of the run so far */
export function approvalOf(wave: string, { approvals }: SignalState, events: readonly Event[]): Approval | undefined {
  const planned = wavesIn(events).find(({ name }) => name === wave);
  const approval = approvalFor(planned ?? { name: wave, clusters: [] }, approvals);
  const isInherited = approval?.run !== undefined;
  return isInherited && events.some((event) => event.type === 'wave-waiting' && event.wave === wave)
    ? undefined
    : approval;
}

/** The waves of a run, once they are known. */
function wavesIn(events: readonly Event[]): readonly WavePlan[] {
  return events.findLast((event) => event.type === 'rollout-planned')?.waves ?? [];
}

/** Adds the signals that events of the run report and `signals` does not contain. */
export function withEventSignals(signals: readonly Signal[], events: readonly Event[]): readonly Signal[] {
  const known = new Set(signals.map(keyOf));
  const fromEvents = events.flatMap((event) => signalOf(event) ?? []).filter((signal) => !known.has(keyOf(signal)));
  // Those of one source stay in their order, whatever the clock did.
  if (fromEvents.length === 0) return signals;
  return [...signals, ...fromEvents].toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)));
}

/** The signals in JSON output; docs/journal.md describes them. */
export function signalsJson(signals: readonly Signal[] | undefined): readonly JsonObject[] | null {
  if (!signals) return null;
  return signals.map((signal) => ({
    kind: signal.kind,
    wave: signal.kind === 'approve' ? signal.wave : null,
    by: signal.by,
    at: signal.at ?? null,
    reason: signal.reason ?? null,
    run: (signal.kind === 'approve' && signal.run) || null,
  }));
}

function keyOf(signal: Signal): string {
  const { kind, by, at } = signal;
  return JSON.stringify([kind, kind === 'approve' ? signal.wave : '', by, at ?? '']);
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
