import { expect, it } from 'vitest';
import type { ReadContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { type Nodes, nodes } from '../../src/facts/api/nodes.ts';
import { proveNodes } from '../../src/steps/cluster/cluster-proof.ts';

function node(name: string, status: string) {
  return { name, status, ready: status === 'Ready', isMaster: false, version: undefined };
}

/** What nodes are told of depends on when they are asked. */
function seeing(answer: Nodes): Pick<ReadContext, 'observe'> {
  return { observe: async () => World.empty.set(nodes, answer) };
}

it.each<[what: string, answer: Nodes, proven: readonly string[], gaps: readonly string[]]>([
  ['all Ready', { state: 'answered', nodes: [node('a', 'Ready'), node('b', 'Ready')] }, ['2 nodes Ready'], []],
  [
    'another is not',
    { state: 'answered', nodes: [node('a', 'NotReady'), node('b', 'NotReady'), node('c', 'Ready')] },
    ['2 of 3 nodes Ready'],
    ['node b is NotReady'],
  ],
  ['nobody may ask', { state: 'cannot ask', reason: 'forbidden' }, [], []],
])('nodes besides the own are told as they are now: %s', async (_what, answer, proven, gaps) => {
  const proof = await proveNodes(seeing(answer), 'a');
  expect(proof.proven).toEqual(proven);
  expect(proof.gaps.map(({ message }) => message)).toEqual(gaps);
});
