import { count } from '../../core/count.ts';
import type { Order } from '../../core/strategy.ts';
import type { BatchSize } from '../../playbook/model.ts';
import type { CompiledPlay } from '../program/compiled.ts';

/** The order of a play without a strategy: as the inventory has the hosts, all at once or in the batches of `serial`. */
export function linearOrder(hosts: readonly string[], { serial }: Pick<CompiledPlay, 'serial'>): Order {
  const batches = serial ? split(hosts, serial) : [hosts];
  const reason = serial ? `in ${count(batches.length, 'batch', 'batches')}, as serial says` : 'all hosts side by side';
  return { name: 'linear', reason, batches, stopOnFailure: false, endsBehindLostBatch: serial !== undefined };
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
