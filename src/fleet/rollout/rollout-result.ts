import type { LateCertificate } from '../../core/events/window.ts';
import { ResultSum } from '../../engine/result-sum.ts';
import { type RunResult, UNTOUCHED } from '../../engine/run-result.ts';
import { partOf } from './cluster-outcome.ts';

/** The result of a rollout, to which each cluster is added when its turn has come. */
export class RolloutResult {
  readonly #look: RunResult;
  readonly #hostsOf: ReadonlyMap<string, readonly string[]>;
  readonly #sum = new ResultSum();

  /** @param look what the first look has found: its plans are kept, its hosts are counted with their clusters */
  constructor(look: RunResult, hostsOf: ReadonlyMap<string, readonly string[]>) {
    this.#look = look;
    this.#hostsOf = hostsOf;
    this.#sum.add({ ...look, hosts: [], unreachable: [], refused: [], failed: [], left: [] });
  }

  /** Its hosts are in the order of the play, as in runs without waves: which cluster ends first changes from run to run. */
  get value(): RunResult {
    const places = new Map([...this.#hostsOf.values()].flat().map((host, index) => [host, index]));
    const placeOf = (host: string): number => places.get(host) ?? places.size;
    const { value } = this.#sum;
    return { ...value, hosts: value.hosts.toSorted((a, b) => placeOf(a.host) - placeOf(b.host)) };
  }

  /** A bug has ended the rollout. */
  get hasBug(): boolean {
    return this.#sum.hasBug;
  }

  /** Adds the result of a cluster. */
  add(result: RunResult): void {
    this.#sum.add({ ...result, plans: [], late: [] });
  }

  /** Adds what the first look found about a cluster that is never started: an unreachable host is reported all the same. */
  addLook(cluster: string): void {
    this.add(partOf(this.#look, cluster, this.#hosts(cluster)));
  }

  /** Adds the hosts of a cluster that was not started. */
  addUntouched(cluster: string): void {
    const ref = { kind: 'declared', name: cluster } as const;
    this.#sum.addUntouched(this.#hosts(cluster).map((host) => ({ ...UNTOUCHED, host, cluster: ref })));
  }

  /** Marks a finished cluster as failed. @param at where: `the look after the soak` */
  failLater(cluster: string, at: string): void {
    this.#sum.failLater(this.#hosts(cluster), at);
  }

  /** Counts hosts that were left for a window as refused: there is no future window to wait for. */
  refuseLeft(hosts: readonly string[]): void {
    this.#sum.refuseLeft(hosts);
  }

  /** Adds certificates that end before their cluster may be changed. */
  addLate(late: readonly LateCertificate[]): void {
    this.#sum.addLate(late);
  }

  abort(): void {
    this.#sum.abort();
  }

  recordBug(error: unknown): void {
    this.#sum.recordBug(error);
  }

  #hosts(cluster: string): readonly string[] {
    return this.#hostsOf.get(cluster) ?? [];
  }
}
