import type { ClusterRef } from '../../core/cluster.ts';
import type { InputError } from '../../core/diagnostic.ts';
import { clusterSink } from '../../core/events/cluster-sink.ts';
import type { Event } from '../../core/events/event.ts';
import type { PlayPlan } from '../../core/events/plan.ts';
import { firstRefusal, plannedRefusals } from '../../core/events/planned-refusals.ts';
import type { HostRecap } from '../../core/events/recap.ts';
import { planTotals } from '../../core/plan-totals.ts';
import type { Forbidden } from '../../engine/run-request.ts';
import { NO_RESULT, type RunResult, UNTOUCHED } from '../../engine/run-result.ts';
import { compactRecaps, firstFitting, planForWaves, withShortTexts } from '../../fleet/temporal/message-size.ts';
import { type ClusterOrder, type ClusterReport, plainResult } from '../../fleet/temporal/orders.ts';
import type { Reporter } from '../../report/reporter.ts';

/** Events that are reported to the follower of a rollout; all others are only in the worker's journal and log. */
const FORWARDED_EVENTS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'host-unreachable',
  'host-refused',
  'play-refused',
  'window-shut',
  'window-overridden',
  'window-late',
]);

/** The limit on the size of the reported events: a report has to fit into one message. */
const MAX_EVENT_BYTES = 300_000;

/** Collects the report of a cluster from the events of its run, which it also passes to the worker's log. All events are masked. */
export class ClusterReporter implements Reporter {
  readonly #shown: Reporter;
  readonly #events: Event[] = [];
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

  /** Called when something would be changed before the cluster's checks were asked. @returns why it may not be */
  forbid(): Forbidden {
    this.#isUnchecked = true;
    return {
      code: 'check-failed',
      reason: 'its checks are to be asked before',
      remedy: 'wait: the rollout asks them, and comes back to it',
    };
  }

  /** The plan refuses something because of the state of its hosts. */
  get isRefusedByPlan(): boolean {
    return this.#isRefusedByPlan;
  }

  /** Something would have been changed before its checks were asked. */
  get isUnchecked(): boolean {
    return this.#isUnchecked;
  }

  /** Another run holds the lock of one of its hosts. */
  get isLocked(): boolean {
    return this.#isLocked;
  }

  handle(event: Event): void {
    // The full plan never leaves this machine.
    if (event.type === 'play-planned') {
      this.#plans.push(event.plan);
      const refusals = plannedRefusals(event.plan);
      this.#isRefusedByPlan ||= refusals.length > 0;
      this.#events.push(...refusals);
    } else if (event.type === 'run-finished') this.#recaps = event.hosts;
    else if (event.type === 'window-shut') {
      for (const host of event.hosts) this.#shut.add(host);
      this.#opens = event.window.opens;
    } else if (event.type === 'host-refused' && event.details.some(([what]) => what === 'held by'))
      this.#isLocked = true;
    const isFailure = event.type === 'task-finished' && (event.outcome === 'failed' || event.outcome === 'unreachable');
    if (FORWARDED_EVENTS.has(event.type) || isFailure) this.#events.push(event);
    this.#shown.handle(event);
  }

  async close(): Promise<void> {
    await this.#shown.close();
  }

  /** @param plans whether the order asks for plans */
  report(result: RunResult, { cluster: { name } }: ClusterOrder, plans: 'with' | 'without'): ClusterReport {
    const cluster: ClusterRef = { kind: 'declared', name };
    const hosts = compactRecaps(this.#recaps).map((recap) => ({ ...recap, cluster }));
    const all = this.#events.map(withShortTexts);
    const fitted = firstFitting(all, MAX_EVENT_BYTES);
    const omitted = all.length - fitted.length;
    const events: Event[] = [];
    const addEvent = clusterSink((each) => events.push(each), cluster);
    if (plans === 'with') for (const plan of this.#plans) events.push(withShortTexts(planSummary(plan, cluster)));
    for (const event of fitted) addEvent(event);
    if (omitted > 0)
      addEvent({
        type: 'warning',
        hosts: [],
        message: `cluster ${name} has ${omitted} more failures and refusals than are told here`,
        remedy: 'look at the log of the worker',
      });
    const shown = plans === 'with' ? this.#plans.map((plan) => ({ ...planForWaves(plan), cluster })) : [];
    return {
      result: { ...plainResult(result), hosts, plans: shown },
      shut: [...this.#shut],
      ...(this.#opens !== undefined && { opens: this.#opens }),
      told: events,
      ...(this.#isUnchecked && { wasUnchecked: true }),
    };
  }
}

/** The summary that is reported of a plan. */
function planSummary(plan: PlayPlan, cluster: ClusterRef): Event {
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

/** The report when the worker cannot start because its inputs do not match the order. */
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
