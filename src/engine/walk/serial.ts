import { count } from '../../core/count.ts';
import type { Order } from '../../core/strategy.ts';
import type { BatchSize } from '../../playbook/model.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** The order of a play without a strategy: that of the inventory, all hosts together or in the batches of `serial`. */
export function serialOrder(
  hosts: readonly string[],
  { isFree, serial }: Pick<CompiledPlay, 'isFree' | 'serial'>,
): Order {
  const batches = serial ? split(hosts, serial) : [hosts];
  const together = isFree ? 'each host on its own, none waits for another' : 'all hosts side by side';
  const inBatches = serial && `in ${count(batches.length, 'batch', 'batches')}, as serial says`;
  const reason = isFree && inBatches ? `${inBatches}; ${together}` : (inBatches ?? together);
  const name = nameOfOrder({ isFree });
  return { name, reason, batches, stopOnFailure: false, endsBehindLostBatch: serial !== undefined };
}

/** The name of that order. */
export function nameOfOrder({ isFree }: Pick<CompiledPlay, 'isFree'>): string {
  return isFree ? 'free' : 'linear';
}

/** The last size applies to all further batches. Percentages are of all hosts; a batch has at least one. */
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
