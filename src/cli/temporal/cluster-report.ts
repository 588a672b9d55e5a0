import type { ClusterRef } from '../../core/cluster.ts';
import type { InputError } from '../../core/diagnostic.ts';
import { clusterSink } from '../../core/events/cluster-sink.ts';
import type { Event } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import { firstRefusal, plannedRefusals } from '../../core/events/planned-refusals.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { planTotals } from '../../core/plan-totals.ts';
import { AT_WINDOW } from '../../engine/run/window-gate.ts';
import type { Forbidden } from '../../engine/run-request.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-state.ts';
import { clipped, fitting, planForWaves, recapsForEnd } from '../../fleet/temporal/message-size.ts';
import { type ClusterOrder, type ClusterReport, plainResult } from '../../fleet/temporal/orders.ts';
import type { Reporter } from '../../report/reporter.ts';

/** What whoever follows a rollout has to know of a cluster; all else stands in the worker's own journal and log. */
const PASSED_ON: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'host-unreachable',
  'host-refused',
  'play-refused',
  'window-shut',
  'window-overridden',
  'window-late',
]);

/** So many bytes of it are passed on: a report has to fit into one message. */
const TOLD_BYTES = 300_000;

/** What the report of a cluster is made of: it is shown like any other run, and listened to on the way. Nothing in it is unmasked. */
export class ClusterListener implements Reporter {
  readonly #shown: Reporter;
  readonly #told: Event[] = [];
  readonly #plans: PlayPlan[] = [];
  readonly #shut = new Set<string>();
  #opens: string | undefined;
  #recaps: readonly HostRecap[] = [];
  #isLocked = false;
  #isUnchecked = false;
  #isRefusedByPlan = false;

  /** @param shown the worker's own log */
  constructor(shown: Reporter) {
    this.#shown = shown;
  }

  /** Its checks have not been asked, and something would be changed. @returns that it may not */
  forbid(): Forbidden {
    this.#isUnchecked = true;
    return {
      code: 'check-failed',
      reason: 'its checks are to be asked before',
      remedy: 'wait: the rollout asks them, and comes back to it',
    };
  }

  /** Something that was read of its hosts keeps them from being changed. */
  get isRefusedByPlan(): boolean {
    return this.#isRefusedByPlan;
  }

  /** Something would be changed before its checks were asked. */
  get isUnchecked(): boolean {
    return this.#isUnchecked;
  }

  /** Another run holds a lock of it. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  handle(event: Event): void {
    // Nobody but this machine sees the plan.
    if (event.type === 'play-planned') {
      this.#plans.push(event.plan);
      const refusals = plannedRefusals(event.plan);
      this.#isRefusedByPlan ||= refusals.length > 0;
      this.#told.push(...refusals);
    } else if (event.type === 'run-finished') this.#recaps = event.hosts;
    else if (event.type === 'window-shut') {
      for (const host of event.hosts) this.#shut.add(host);
      this.#opens = event.window.opens;
    } else if (event.type === 'host-refused' && event.details.some(([what]) => what === 'held by'))
      this.#isLocked = true;
    const isFailure = event.type === 'task-finished' && (event.outcome === 'failed' || event.outcome === 'unreachable');
    if (PASSED_ON.has(event.type) || isFailure) this.#told.push(event);
    this.#shown.handle(event);
  }

  async close(): Promise<void> {
    await this.#shown.close();
  }

  /** @param plans whether they are asked for */
  report(result: RunResult, { cluster: { name } }: ClusterOrder, plans: 'with' | 'without'): ClusterReport {
    const cluster: ClusterRef = { kind: 'declared', name };
    const hosts = recapsForEnd(this.#recaps).map((recap) => ({ ...recap, cluster }));
    for (const { host, stopped } of hosts) if (stopped?.at === AT_WINDOW) this.#shut.add(host);
    const all = this.#told.map(clipped);
    const some = fitting(all, TOLD_BYTES);
    const more = all.length - some.length;
    const told: Event[] = [];
    const tell = clusterSink((each) => told.push(each), cluster);
    if (plans === 'with') for (const plan of this.#plans) told.push(clipped(plannedInShort(plan, cluster)));
    for (const event of some) tell(event);
    if (more > 0)
      tell({
        type: 'warning',
        hosts: [],
        message: `cluster ${name} has ${more} more failures and refusals than are told here`,
        remedy: 'look at the log of the worker',
      });
    const shown = plans === 'with' ? this.#plans.map((plan) => ({ ...planForWaves(plan), cluster })) : [];
    return {
      result: { ...plainResult(result), hosts, plans: shown },
      shut: [...this.#shut],
      ...(this.#opens !== undefined && { opens: this.#opens }),
      told,
      ...(this.#isUnchecked && { wasUnchecked: true }),
    };
  }
}

/** What is told of a plan that stays here. */
function plannedInShort(plan: PlayPlan, cluster: ClusterRef): Event {
  const { play, window, facts } = plan;
  const refused = firstRefusal(plan);
  return {
    type: 'cluster-planned',
    play,
    cluster,
    totals: planTotals(plan),
    ...(window && { window }),
    ...(facts && { facts }),
    ...(refused !== undefined && { refused }),
  };
}

/** The worker cannot begin: what it has is not what was asked for. */
export function refusal(error: InputError, { cluster: { name, hosts } }: ClusterOrder, play: string): ClusterReport {
  const cluster: ClusterRef = { kind: 'declared', name };
  const [first] = error.diagnostics.filter(({ severity }) => severity === 'error');
  const reason = first?.message ?? error.message;
  const remedy = first?.hint ?? 'look at the log of the worker';
  return {
    result: {
      ...plainResult(NO_RESULT),
      hosts: hosts.map((host) => ({ ...UNTOUCHED, host, cluster, refused: 1 })),
      refused: hosts,
    },
    shut: [],
    told: [{ type: 'play-refused', play, cluster, hosts, code: 'worker-refused', reason, remedy }],
  };
}
