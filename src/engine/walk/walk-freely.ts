import type { Node } from '../program/compiled.ts';
import { BatchWalk } from './batch-walk.ts';
import type { Hosts } from './frame.ts';
import type { Verdicts, Walk } from './request.ts';
import type { BatchRules } from './rules.ts';

/**
 * Takes each host of a batch through the nodes of a play independently (`strategy: free`): one walk per host, unaware of the
 * others.
 * @returns the hosts that failed, were lost or were refused
 */
export function* walkFreely(
  rules: BatchRules,
  nodes: readonly Node[],
  hosts: readonly string[],
  admitted: Verdicts,
): Walk<Hosts> {
  const walks = hosts.map((host) => ({ host, walk: new BatchWalk(rules, [host]) }));
  const ofOne = (host: string): Verdicts => new Map([[host, admitted.get(host) ?? 'ok']]);
  yield { kind: 'apart', walks: walks.map(({ host, walk }) => walk.run(nodes, ofOne(host))) };
  return new Set(walks.flatMap(({ walk }) => [...walk.lost]));
}
