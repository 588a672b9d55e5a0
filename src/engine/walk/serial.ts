import { count } from '../../core/count.ts';
import type { Order } from '../../core/strategy.ts';
import type { BatchSize } from '../../playbook/model.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** The order of a play without a strategy of its own: as the inventory has the hosts, all at once or in the batches of `serial`. */
export function serialOrder(
  hosts: readonly string[],
  { goesFree, serial }: Pick<CompiledPlay, 'goesFree' | 'serial'>,
): Order {
  const batches = serial ? split(hosts, serial) : [hosts];
  const together = goesFree ? 'each host on its own, none waits for another' : 'all hosts side by side';
  const inBatches = serial && `in ${count(batches.length, 'batch', 'batches')}, as serial says`;
  const reason = goesFree && inBatches ? `${inBatches}; ${together}` : (inBatches ?? together);
  const name = nameOfOrder({ goesFree });
  return { name, reason, batches, stopOnFailure: false, endsBehindLostBatch: serial !== undefined };
}

/** What the order is called that a play has without a strategy of its own. */
export function nameOfOrder({ goesFree }: Pick<CompiledPlay, 'goesFree'>): string {
  return goesFree ? 'free' : 'linear';
}

/** The last size holds for all batches that follow; shares are of all hosts, and never less than one. */
function split(hosts: readonly string[], serial: readonly BatchSize[]): readonly (readonly string[])[] {
  const batches: (readonly string[])[] = [];
  let taken = 0;
  while (taken < hosts.length) {
    const size = serial[Math.min(batches.length, serial.length - 1)];
    const count = !size
      ? hosts.length
      : size.kind === 'count'
        ? size.hosts
        : Math.floor((hosts.length * size.percent) / 100);
    const batch = hosts.slice(taken, taken + Math.max(1, count));
    batches.push(batch);
    taken += batch.length;
  }
  return batches;
}
