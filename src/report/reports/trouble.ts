import type { Evidence } from '../../core/events/evidence.ts';
import type { ProblemCode } from '../../core/problems/code.ts';

/** What kept hosts from taking part, or a warning. */
export interface Trouble {
  /** `late`: certificates end before their cluster may be changed; `failed`: the cluster was not healthy after the change. */
  readonly kind: 'failed' | 'unreachable' | 'refused' | 'late' | 'warning';
  /** Empty for the run as a whole. */
  readonly hosts: readonly string[];
  readonly reason: string;
  readonly details: readonly Evidence[];
  /** Each of the details is what is to be said of one cluster. */
  readonly isByCluster?: true;
  readonly remedy?: string;
  /** The code for `kplay explain`. */
  readonly code?: ProblemCode;
}
