import { isJsonObject, type Json } from './json.ts';

/** A message from an operator to a run in progress. */
export type Signal =
  /** Approves a wave of a rollout. */
  | ({ readonly kind: 'approve'; readonly wave: string } & Approval)
  /** `pause`: no cluster is started until `resume`. `abort`: none is started any more. */
  | ({ readonly kind: 'pause' | 'resume' | 'abort' } & SignalSource);

/** Who sent a signal, when, and why. */
export interface SignalSource {
  /** `user@machine` */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
}

/** Who approved a wave, when, and why. Older versions of kplay do not record when. */
export interface Approval extends Pick<SignalSource, 'by' | 'reason'>, Partial<Pick<SignalSource, 'at'>> {
  /** The earlier run to which it was given, if the run has inherited it. */
  readonly run?: string;
  /** The clusters that the wave had there. */
  readonly clusters?: readonly string[];
}

/** A signal that was sent as JSON, without fields that signals do not have; undefined if it is none. */
export function readSignal(sent: Json | undefined): Signal | undefined {
  if (!isJsonObject(sent)) return undefined;
  const { kind, wave, by, at, reason, run, clusters } = sent;
  if (typeof by !== 'string') return undefined;
  const why = typeof reason === 'string' && { reason };
  if (kind === 'approve') {
    if (typeof wave !== 'string') return undefined;
    return {
      kind,
      wave,
      by,
      ...(typeof at === 'string' && { at }),
      ...why,
      ...(typeof run === 'string' && { run }),
      ...(Array.isArray(clusters) && { clusters: clusters.filter((name) => typeof name === 'string') }),
    };
  }
  if ((kind !== 'pause' && kind !== 'resume' && kind !== 'abort') || typeof at !== 'string') return undefined;
  return { kind, by, at, ...why };
}

/** The combined effect of all signals sent to a run. */
export interface SignalState {
  /** The first approval of each wave, by its name; one that was given to the run itself replaces one that it has inherited. */
  readonly approvals: ReadonlyMap<string, Approval>;
  /** Absent when the run is not paused. */
  readonly paused?: SignalSource;
  /** Nothing more is started, whatever signals follow. */
  readonly aborted?: SignalSource;
}

/** The approval of a wave; undefined also if the run has inherited it, and the wave has clusters now that nobody has approved. */
export function approvalFor(
  { name, clusters }: { readonly name: string; readonly clusters: readonly string[] },
  approvals: SignalState['approvals'],
): Approval | undefined {
  const approval = approvals.get(name);
  const approved = approval?.clusters;
  return approved === undefined || clusters.every((cluster) => approved.includes(cluster)) ? approval : undefined;
}

/** The state of a run without signals. */
export const NO_SIGNALS: SignalState = { approvals: new Map() };

/** The state after these signals, in the order in which they were sent. */
export function signalState(signals: readonly Signal[]): SignalState {
  return signals.reduce(afterSignal, NO_SIGNALS);
}

/** The state after one more signal. The first of several signals of one kind counts. */
export function afterSignal(state: SignalState, signal: Signal): SignalState {
  const { approvals, paused, aborted } = state;
  if (signal.kind === 'approve') {
    const { kind: _, wave, ...approval } = signal;
    const known = approvals.get(wave);
    const counts = !known || (known.run !== undefined && approval.run === undefined);
    return counts ? { ...state, approvals: new Map([...approvals, [wave, approval]]) } : state;
  }
  if (aborted) return state;
  const { kind, ...source } = signal;
  switch (kind) {
    case 'pause':
      return paused ? state : { ...state, paused: source };
    case 'resume':
      return paused ? { approvals } : state;
    case 'abort':
      return { ...state, aborted: source };
  }
}
