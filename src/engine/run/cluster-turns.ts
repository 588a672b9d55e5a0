import type { PreparedPlay } from '../plan/play-preparation.ts';
import type { ApplyRequest, StopReason } from '../run-request.ts';
import type { WalkEnd } from '../walk/request.ts';

/** How a play has ended, over all its clusters. */
export interface PlayEnd {
  /** `stopped` and `batch-lost`: no later play is started. */
  readonly end: WalkEnd;
  /** Parts that lost a whole batch (`batch-lost`), if there are several clusters: the run is over for them alone. */
  readonly lost: readonly PreparedPlay[];
}

/** Decides which clusters of a play may still be started, by how those before them have ended and whether the run goes on. */
export class ClusterTurns {
  readonly #request: Pick<ApplyRequest, 'stop' | 'stopReason'>;
  #end: WalkEnd = 'completed';
  #halted: StopReason | undefined;
  readonly #lost: PreparedPlay[] = [];
  readonly #heldBack = new Set<PreparedPlay>();

  constructor(request: Pick<ApplyRequest, 'stop' | 'stopReason'>) {
    this.#request = request;
  }

  /** Why no further cluster is started, if somebody or something outside of the play has ended the rollout. */
  get halted(): StopReason | undefined {
    return this.#halted;
  }

  /** The parts that were not started for that reason. */
  get heldBack(): ReadonlySet<PreparedPlay> {
    return this.#heldBack;
  }

  get end(): PlayEnd {
    return { end: this.#halted ? 'stopped' : this.#end, lost: this.#lost };
  }

  /** Whether the turn of a cluster may begin. Meanwhile, the play may stop in another one. */
  async mayStart(part: PreparedPlay): Promise<boolean> {
    const { stop } = this.#request;
    if (this.#hasStopped) return false;
    // Hosts without clusters are told by the execution of the play that the run has ended.
    if (part.cluster === undefined && stop.aborted) return true;
    const reason = this.#halted ?? (await this.#request.stopReason?.());
    if (reason) {
      this.#halted ??= reason;
      this.#heldBack.add(part);
      return false;
    }
    return !this.#hasStopped && (part.cluster === undefined || !stop.aborted);
  }

  /** Takes note of how the play has ended on a cluster. */
  ended(part: PreparedPlay, end: WalkEnd): void {
    if (end === 'batch-lost' && part.cluster) this.#lost.push(part);
    else if (end === 'stopped' || end === 'batch-lost') this.#end = end;
  }

  get #hasStopped(): boolean {
    return this.#end === 'stopped';
  }
}
