import type { LateCertificate } from '../../core/events/window.ts';
import { mergedResults, type RunResult, UNTOUCHED } from '../../engine/run-result.ts';
import { partOf, withLaterFailure } from './cluster-outcome.ts';

/** The result of a rollout, to which each cluster is added when its turn has come. */
export class RolloutResult {
  readonly #look: RunResult;
  readonly #hostsOf: ReadonlyMap<string, readonly string[]>;
  #result: RunResult;

  /** @param look what the first look has found: its plans are kept, its hosts are counted with their clusters */
  constructor(look: RunResult, hostsOf: ReadonlyMap<string, readonly string[]>) {
    this.#look = look;
    this.#hostsOf = hostsOf;
    this.#result = { ...look, hosts: [], unreachable: [], refused: [], failed: [], left: [] };
  }

  /** Its hosts are in the order of the play, as in runs without waves: which cluster ends first changes from run to run. */
  get value(): RunResult {
    const places = new Map([...this.#hostsOf.values()].flat().map((host, index) => [host, index]));
    const placeOf = (host: string): number => places.get(host) ?? places.size;
    return { ...this.#result, hosts: this.#result.hosts.toSorted((a, b) => placeOf(a.host) - placeOf(b.host)) };
  }

  /** A bug has ended the rollout. */
  get hasBug(): boolean {
    return this.#result.mistake !== undefined;
  }

  /** Adds the result of a cluster. */
  add(result: RunResult): void {
    this.#result = mergedResults(this.#result, { ...result, plans: [], late: [] });
  }

  /** Adds what the first look found about a cluster that is never started: an unreachable host is reported all the same. */
  addLook(cluster: string): void {
    this.add(partOf(this.#look, cluster, this.#hosts(cluster)));
  }

  /** Adds the hosts of a cluster that was not started. */
  addUntouched(cluster: string): void {
    const known = new Set(this.#result.hosts.map(({ host }) => host));
    const notStarted = this.#hosts(cluster)
      .filter((host) => !known.has(host))
      .map((host) => ({ ...UNTOUCHED, host, cluster: { kind: 'declared', name: cluster } as const }));
    this.#result = { ...this.#result, hosts: [...this.#result.hosts, ...notStarted] };
  }

  /** Marks a finished cluster as failed. @param at where: `the look after the soak` */
  failLater(cluster: string, at: string): void {
    this.#result = withLaterFailure(this.#result, this.#hosts(cluster), at);
  }

  /** Counts hosts that were left for a window as refused: there is no future window to wait for. */
  refuseLeft(hosts: readonly string[]): void {
    const { refused, left } = this.#result;
    this.#result = {
      ...this.#result,
      refused: [...refused, ...hosts],
      left: left.filter((host) => !hosts.includes(host)),
    };
  }

  /** Adds certificates that end before their cluster may be changed. */
  addLate(late: readonly LateCertificate[]): void {
    this.#result = { ...this.#result, late: [...this.#result.late, ...late] };
  }

  abort(): void {
    this.#result = { ...this.#result, wasAborted: true };
  }

  /** Only the first bug is reported. */
  recordBug(error: unknown): void {
    this.#result = { ...this.#result, mistake: this.#result.mistake ?? error };
  }

  #hosts(cluster: string): readonly string[] {
    return this.#hostsOf.get(cluster) ?? [];
  }
}
