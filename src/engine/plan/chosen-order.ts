import type { Host } from '../../core/host.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { InventoryHost, Order } from '../../core/strategy.ts';
import type { HostState } from '../hosts/host-state.ts';
import type { CompiledPlay } from '../program/compiled.ts';
import { serialOrder } from '../walk/serial.ts';
import { worldsOf } from './ordered-plan.ts';

/**
 * The order of a play, which its strategy chooses from the states of its hosts. `states` contains only hosts that were
 * observed.
 * @param initialHosts the hosts that `serial` divides: those that were in the run when the play began, reachable or not
 * @param refused hosts that the plan refuses, and why
 */
export function orderOf(
  play: CompiledPlay,
  states: ReadonlyMap<string, HostState>,
  initialHosts: ReadonlySet<string>,
  now: Date,
  refused: ReadonlyMap<string, string> = new Map(),
): Order | RefusePlan {
  const names = play.hosts.map(({ host }) => host.name);
  if (!play.strategy || states.size === 0)
    return serialOrder(play.serial ? names.filter((name) => initialHosts.has(name)) : [...states.keys()], play);
  return play.strategy.order(worldsOf(states), {
    now,
    unseen: play.hosts.flatMap(({ host }) => (states.has(host.name) ? [] : [inInventory(host)])),
    refused,
    leftOut: play.leftOut.map(inInventory),
    ...(play.forcedOrder !== undefined && { forced: play.forcedOrder }),
  });
}

function inInventory({ name, vars }: Host): InventoryHost {
  return { name, address: String(vars.get('ansible_host')?.value ?? name) };
}
