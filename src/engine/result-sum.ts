import type { PlayPlan } from '../core/events/plan.ts';
import type { HostRecap } from '../core/events/recap.ts';
import type { LateCertificate } from '../core/events/window.ts';
import type { Registered } from './program/place.ts';
import { mergedRecaps, type RunResult } from './run-result.ts';

/** The sum of the results of several runs; later ones handled hosts that earlier ones had left for later. */
export class ResultSum {
  readonly #plans: PlayPlan[] = [];
  readonly #recaps = new Map<string, HostRecap>();
  readonly #unreachable = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #failed = new Set<string>();
  readonly #left = new Set<string>();
  readonly #late = new Set<LateCertificate>();
  readonly #lateOf = new Map<string, LateCertificate[]>();
  readonly #registered = new Map<string, Registered>();
  readonly #undos: RunResult['undos'][] = [];
  readonly #together = new Set<string>();
  #wasConfirmed = true;
  #wasAborted = false;
  #mistake: unknown;

  /** In a time that depends on the size of this result only: a rollout adds those of thousands of clusters. */
  add({ plans, hosts, late, registered, undos, wasConfirmed, wasAborted, mistake, ...lists }: RunResult): void {
    for (const { host } of hosts) this.#runAgain(host);
    for (const plan of plans) this.#plans.push(plan);
    for (const recap of hosts) {
      const before = this.#recaps.get(recap.host);
      this.#recaps.set(recap.host, before ? { ...before, ...mergedRecaps(before, recap) } : recap);
    }
    for (const host of lists.unreachable) this.#unreachable.add(host);
    for (const host of lists.left) this.#left.add(host);
    for (const host of lists.together) this.#together.add(host);
    for (const [host, variables] of registered) this.#registered.set(host, variables);
    for (const host of lists.refused) this.#refused.add(host);
    for (const host of lists.failed) this.#failed.add(host);
    this.addLate(late);
    this.#undos.push(undos);
    this.#wasConfirmed &&= wasConfirmed;
    if (wasAborted) this.abort();
    this.recordBug(mistake);
  }

  /** Adds hosts that were not handled, if nothing is known of them. */
  addUntouched(recaps: readonly HostRecap[]): void {
    for (const recap of recaps) if (!this.#recaps.has(recap.host)) this.#recaps.set(recap.host, recap);
  }

  /** Marks hosts as failed after they were handled. @param at where: `the look after the soak` */
  failLater(hosts: readonly string[], at: string): void {
    for (const host of hosts) {
      this.#failed.add(host);
      const recap = this.#recaps.get(host);
      if (recap) this.#recaps.set(host, failedLater(recap, at));
    }
  }

  /** Refuses hosts, which are not left for later then. */
  refuseLeft(hosts: readonly string[]): void {
    for (const host of hosts) {
      this.#refused.add(host);
      this.#left.delete(host);
    }
  }

  addLate(late: readonly LateCertificate[]): void {
    for (const certificate of late) {
      this.#late.add(certificate);
      this.#lateOf.set(certificate.host, [...(this.#lateOf.get(certificate.host) ?? []), certificate]);
    }
  }

  abort(): void {
    this.#wasAborted = true;
  }

  /** Only the first bug is reported. */
  recordBug(error: unknown): void {
    this.#mistake ??= error;
  }

  get hasBug(): boolean {
    return this.#mistake !== undefined;
  }

  get value(): RunResult {
    return {
      plans: [...this.#plans],
      hosts: [...this.#recaps.values()],
      unreachable: [...this.#unreachable],
      refused: [...this.#refused],
      failed: [...this.#failed],
      left: [...this.#left],
      late: [...this.#late],
      registered: new Map(this.#registered),
      // What was to be undone first is what counts.
      undos: new Map(this.#undos.toReversed().flatMap((each) => [...each])),
      together: [...this.#together],
      wasConfirmed: this.#wasConfirmed,
      ...(this.#wasAborted && { wasAborted: true }),
      ...(this.hasBug && { mistake: this.#mistake }),
    };
  }

  /** What was left for later is now done. */
  #runAgain(host: string): void {
    this.#left.delete(host);
    for (const certificate of this.#lateOf.get(host) ?? []) this.#late.delete(certificate);
    this.#lateOf.delete(host);
  }
}

/** The recap of a host that has failed after it was handled. */
export function failedLater(recap: HostRecap, at: string): HostRecap {
  return { ...recap, failed: recap.failed + 1, stopped: { why: 'failed', at } };
}

/** The results of several runs in one; later ones handled hosts that earlier ones had left for later. */
export function mergedResults(results: readonly RunResult[]): RunResult {
  const sum = new ResultSum();
  for (const result of results) sum.add(result);
  return sum.value;
}
