import type { Node } from '../program/compiled.ts';
import { BatchWalk } from './batch-walk.ts';
import type { Hosts } from './frame.ts';
import type { Verdicts, Walk } from './request.ts';
import type { BatchRules } from './rules.ts';

/**
 * Takes each host of a batch through the nodes of a play on its own (`strategy: free`): as many walks as there are hosts, none of which
 * knows of the others. @returns the hosts that failed, were lost or were refused
 */
export function* walkApart(
  rules: BatchRules,
  nodes: readonly Node[],
  hosts: readonly string[],
  begun: Verdicts,
): Walk<Hosts> {
  const ways = hosts.map((host) => ({ host, walk: new BatchWalk(rules, [host]) }));
  const ofOne = (host: string): Verdicts => new Map([[host, begun.get(host) ?? 'ok']]);
  yield { kind: 'apart', walks: ways.map(({ host, walk }) => walk.run(nodes, ofOne(host))) };
  return new Set(ways.flatMap(({ walk }) => [...walk.lost]));
}
