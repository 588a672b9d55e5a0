import { defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import type { Event } from '../../core/events/event.ts';
import type { Signal } from '../../core/signal.ts';
import { rollOut } from '../rollout/roll-out.ts';
import type { RolloutRequest } from '../rollout/rollout-request.ts';
import { stoppedByCancellation } from './cancellation.ts';
import { compactRecaps, firstFitting } from './message-size.ts';
import {
  ORDER_VERSIONS,
  type PlainResult,
  plainResult,
  type RolloutOrder,
  type RolloutView,
  SAY_SIGNAL,
  STOP_SIGNAL,
  VIEW_QUERY,
} from './orders.ts';
import { unpackRollout } from './unpack-rollout.ts';
import { WorkflowFleetEngine } from './workflow-fleet-engine.ts';

/** Limit on the size of events in one answer, besides the names of hosts. */
const EVENT_BYTES = 500_000;

/** A rollout. Any worker that takes it over replays it from its history: it must be deterministic. */
export async function rollout(order: RolloutOrder): Promise<PlainResult> {
  // Thrown here, it does not fail the workflow: a worker that knows the version may take it.
  if (!ORDER_VERSIONS.includes(order.version))
    throw new Error(`the rollout is of version ${order.version}, and this kplay takes ${ORDER_VERSIONS.join(', ')}`);
  const events: { readonly time: string; readonly event: Event }[] = [];
  const emit = (event: Event): void => {
    events.push({ time: new Date().toISOString(), event });
  };
  const rollout = unpackRollout(order.rollout);
  const engine = new WorkflowFleetEngine(order, rollout.checks, emit);
  setHandler(defineSignal<[Signal]>(SAY_SIGNAL), (signal) => engine.receive(signal));
  setHandler(defineSignal(STOP_SIGNAL), () => engine.stop());
  setHandler(
    defineQuery<RolloutView, [number]>(VIEW_QUERY),
    (from): RolloutView => ({
      play: order.play,
      clusters: order.clusters.map(({ name, hosts, site }) => ({ name, hosts, ...(site !== undefined && { site }) })),
      signals: engine.signals(),
      told: firstFitting(events.slice(from), EVENT_BYTES),
      count: events.length,
    }),
  );
  const request: RolloutRequest = {
    play: order.play,
    rollout,
    candidates: order.clusters.map(({ name, labels, wave }) => ({
      name,
      labels: new Map(Object.entries(labels)),
      traits: [],
      ...(wave !== undefined && { wave }),
    })),
    total: order.total,
    hostsOf: new Map(order.clusters.map(({ name, hosts }) => [name, hosts])),
    isOfOlderVersion: order.version < 3,
    asksForIdleWaves: order.version < 4,
    looksAreWork: true,
    looksNeedWindows: order.version < 6,
    sideBySide: order.sideBySide,
    commands: {
      ...order.commands,
      approve: (wave) => order.commands.approve[wave] ?? `kplay approve ${order.runId}`,
    },
    recorded: new Map(Object.entries(order.recorded)),
    ...(order.told && { told: new Map(Object.entries(order.told)) }),
    ...(order.work.window === 'wait' && { awaitedWindows: engine.windows }),
    emit,
    clock: () => new Date(),
  };
  const result = await stoppedByCancellation(
    () => rollOut(engine, request),
    () => engine.cancel(),
  );
  // Whoever asked for the end may no longer be there to report it.
  const ended = engine.isStopping ? { wasAborted: true as const } : {};
  return plainResult({ ...result, ...ended, plans: [], hosts: compactRecaps(result.hosts) });
}
