/** What somebody says to a run while it goes on. */
export type Signal =
  /** A wave of a rollout may begin. */
  | ({ readonly kind: 'approve'; readonly wave: string } & Approval)
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

/** Who has let a wave begin, when, and why. An older kplay does not say when. */
export type Approval = Pick<Said, 'by' | 'reason'> & Partial<Pick<Said, 'at'>>;

/** Where a run stands by all that was said to it. */
export interface Standing {
  /** The first approval of each wave, by its name. */
  readonly approvals: ReadonlyMap<string, Approval>;
  /** Absent: it is not paused. */
  readonly paused?: Said;
  /** It begins nothing more, whatever is said later. */
  readonly aborted?: Said;
}

/** Where a run stands that nobody has sent a signal. */
export const NO_SIGNALS: Standing = { approvals: new Map() };

/** Where a run stands by these, in the order in which they were said. */
export function standingBy(signals: readonly Signal[]): Standing {
  return signals.reduce(afterSignal, NO_SIGNALS);
}

/** The standing after one more signal. What was said first of one kind stays. */
export function afterSignal(standing: Standing, signal: Signal): Standing {
  const { approvals, paused, aborted } = standing;
  if (signal.kind === 'approve') {
    const { kind: _, wave, ...approval } = signal;
    return approvals.has(wave) ? standing : { ...standing, approvals: new Map([...approvals, [wave, approval]]) };
  }
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
