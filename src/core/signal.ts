/** What somebody says to a run while it goes on. */
export type Signal =
  /** A wave of a rollout may begin. */
  | { readonly kind: 'approve'; readonly wave: string; readonly by: string }
  /** `pause`: no cluster is begun until `resume`. `abort`: none is begun any more. */
  | ({ readonly kind: 'pause' | 'resume' | 'abort' } & Said);

/** Who has said something, when, and why. */
export interface Said {
  /** `user@machine` */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason?: string;
}

/** Where a run stands by all that was said to it. */
export interface Standing {
  /** Who has approved which wave. */
  readonly approvals: ReadonlyMap<string, string>;
  /** Absent: it is not paused. */
  readonly paused?: Said;
  /** It begins nothing more, whatever is said later. */
  readonly aborted?: Said;
}

/** Where a run stands to which nobody has said anything. */
export const UNTOLD: Standing = { approvals: new Map() };

/** Where a run stands by these, in the order in which they were said. */
export function standingBy(signals: readonly Signal[]): Standing {
  return signals.reduce(heeding, UNTOLD);
}

/** The standing after one more signal. What was said first of one kind stays. */
export function heeding(standing: Standing, signal: Signal): Standing {
  const { approvals, paused, aborted } = standing;
  if (signal.kind === 'approve')
    return approvals.has(signal.wave)
      ? standing
      : { ...standing, approvals: new Map([...approvals, [signal.wave, signal.by]]) };
  if (aborted) return standing;
  const { kind, ...said } = signal;
  switch (kind) {
    case 'pause':
      return paused ? standing : { ...standing, paused: said };
    case 'resume':
      return paused ? { approvals } : standing;
    case 'abort':
      return { ...standing, aborted: said };
  }
}
