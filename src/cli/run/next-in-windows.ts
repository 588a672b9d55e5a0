import type { WindowShutEvent } from '../../core/events/window.ts';
import { nameList } from '../../core/name-list.ts';
import { hasTask, mayAlter, needsWindow } from '../../core/plan-totals.ts';
import type { RunResult } from '../../engine/run-result.ts';
import type { ResultInWaves } from '../../fleet/rollout/held-back.ts';
import { formatMinute } from '../../report/text/time.ts';
import type { WindowOptions } from '../options/options.ts';

/** A cluster that was not changed because of its windows. */
export interface ShutCluster {
  readonly name: string;
  /** When they open next, ISO 8601; absent: never. */
  readonly opens?: string;
}

/** The clusters that a run has left or refused because of their windows, by host. */
export class ShutHosts {
  readonly #clusters = new Map<string, ShutCluster>();

  take({ cluster, hosts, window: { opens } }: WindowShutEvent): void {
    const name = cluster.kind === 'none' ? '' : cluster.name;
    for (const host of hosts) this.#clusters.set(host, { name, ...(opens !== undefined && { opens }) });
  }

  /** The clusters of these hosts. */
  of(hosts: readonly string[]): readonly ShutCluster[] {
    const found = hosts.flatMap((host) => this.#clusters.get(host) ?? []);
    return [...new Map(found.map((cluster) => [cluster.name, cluster])).values()];
  }

  /** Whether windows are the only reason why hosts were not changed. */
  areOnlyCause({ refused, failed, unreachable }: Pick<RunResult, 'refused' | 'failed' | 'unreachable'>): boolean {
    const isOther = (host: string): boolean => !this.#clusters.has(host);
    return refused.length > 0 && failed.length + unreachable.length === 0 && !refused.some(isOther);
  }
}

/** A command to which windows apply. */
export interface WindowedCommand {
  /** The command line that goes on, or that has these additional options. */
  readonly words: (more: WindowOptions) => string;
  /** It supports `--window wait`. */
  readonly canWait: boolean;
  /** The time zone for output. */
  readonly zone: string;
}

/** What to do next after a run that has left something to do: if only because of windows, the same command would be refused again. */
export function nextAfterRun(result: RunResult, shut: ShutHosts, command: WindowedCommand): readonly string[] {
  const { words, canWait, zone } = command;
  const clusters = shut.of(result.refused);
  const late = new Set(shut.of(result.late.map(({ host }) => host)).map(({ name }) => name));
  if (shut.areOnlyCause(result))
    return whenWindowsOpen(
      clusters.filter(({ name }) => !late.has(name)),
      command,
    );
  const first = firstOpening(clusters);
  if (first === undefined) return [words({})];
  const until = `${nameList(clusters.map(({ name }) => name))} will be refused until ${momentText(first, zone)}`;
  return [words({}), canWait ? `${until}; to wait for that, add --window wait` : until];
}

/**
 * The same after a plan; undefined if a cluster with something to do may be changed now, and none of an earlier wave keeps it from
 * starting.
 */
export function nextAfterPlan(
  { plans, late, heldBack = [] }: ResultInWaves,
  command: WindowedCommand,
): readonly string[] | undefined {
  const isHeldBack = new Set(heldBack);
  const reached = plans.filter(({ hosts }) => !hosts.some(({ host }) => isHeldBack.has(host)));
  const shut = reached.filter((plan) => plan.window?.state === 'shut' && needsWindow([plan]));
  if (shut.length === 0 || reached.some((plan) => plan.window?.state !== 'shut' && hasTask([plan], mayAlter)))
    return undefined;
  const isLate = new Set(late.map(({ host }) => host));
  const inTime = shut.filter(({ hosts }) => !hosts.some(({ host }) => isLate.has(host)));
  return whenWindowsOpen(
    inTime.flatMap(({ window }) => window ?? []),
    command,
  );
}

/** @param shut windows that open before a certificate ends; waiting for others would be too late */
function whenWindowsOpen(
  shut: readonly Pick<ShutCluster, 'opens'>[],
  { words, canWait, zone }: WindowedCommand,
): readonly string[] {
  const now = `to do it now: ${words({ window: 'override', reason: 'TEXT' })}`;
  const opens = firstOpening(shut);
  if (opens === undefined) return [now];
  const when = momentText(opens, zone);
  return [
    canWait
      ? `to wait for the next window, which opens ${when}: ${words({ window: 'wait' })}`
      : `when the next window opens, ${when}: ${words({})}`,
    now,
  ];
}

function firstOpening(shut: readonly Pick<ShutCluster, 'opens'>[]): string | undefined {
  const [first] = shut.flatMap(({ opens }) => opens ?? []).toSorted();
  return first;
}

function momentText(moment: string, zone: string): string {
  return `${formatMinute(new Date(moment), zone)}${zone === 'UTC' ? ' UTC' : ''}`;
}
