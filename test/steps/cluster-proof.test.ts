import { expect, it } from 'vitest';
import type { ReadContext } from '../../src/core/step.ts';
import { World } from '../../src/core/world.ts';
import { type Leases, leases } from '../../src/facts/api/leases.ts';
import { type Nodes, nodes } from '../../src/facts/api/nodes.ts';
import { kubernetesFiles } from '../../src/facts/certificates/kubernetes-files.ts';
import { system } from '../../src/facts/host/system.ts';
import { processes } from '../../src/facts/processes/processes.ts';
import { proveLeases, proveNodes } from '../../src/steps/cluster/cluster-proof.ts';
import { NOW } from '../kubeadm/support/keys.ts';
import { answersOf } from './support/described-world.ts';

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
  [
    'hundreds are not',
    {
      state: 'answered',
      nodes: [
        node('m', 'Ready'),
        node('w0', 'NotReady,SchedulingDisabled'),
        ...Array.from({ length: 200 }, (_, index) => node(`w${index + 1}`, 'NotReady')),
      ],
    },
    ['1 of 202 nodes Ready'],
    ['node w0 is NotReady,SchedulingDisabled', 'nodes w1, w2, w3, w4, w5, w6, w7 and 193 more are NotReady'],
  ],
  ['nobody may ask', { state: 'cannot ask', reason: 'forbidden' }, [], []],
])('nodes besides the own are told as they are now: %s', async (_what, answer, proven, gaps) => {
  const proof = await proveNodes(seeing(answer), 'a');
  expect(proof.proven).toEqual(proven);
  expect(proof.gaps.map(({ message }) => message)).toEqual(gaps);
});

const SCHEDULER = 'kube-scheduler leads';
it.each<[what: string, holder: string, host: { hostname?: string }, told: string]>([
  ['a master', 'master-2', {}, `${SCHEDULER} on master-2`],
  ['a master whose host writes its name large', 'MASTER-2', {}, `${SCHEDULER} on MASTER-2`],
  ['a master without the domain of its node', 'master-3', {}, `${SCHEDULER} on master-3`],
  [
    'a host where none is called as its node',
    'ip-10-0-0-2',
    { hostname: 'ip-10-0-0-1' },
    `${SCHEDULER} on ip-10-0-0-2`,
  ],
  ['a worker', 'worker-1', {}, `not proven: that ${SCHEDULER}: its lease is held by worker-1, which is not a master`],
  [
    'a host that may be a master by another name',
    'old-2',
    {},
    `not proven: that ${SCHEDULER}: its lease is held by old-2, and no node has the name of that host`,
  ],
])('a lease is held by %s', async (_what, holder, host, told) => {
  const lease = { holder, renewedAt: NOW.getTime() };
  const listed = ['master-1', 'master-2', 'master-3.example.com', 'worker-1'].map((name) => ({
    ...node(name, 'Ready'),
    isMaster: name !== 'worker-1',
  }));
  const answers = answersOf({ system: host });
  const world = [kubernetesFiles, system, processes].reduce((known, ref) => known.set(ref, answers(ref)), World.empty);
  const held = new Map(['kube-scheduler', 'kube-controller-manager'].map((name) => [name, lease] as const));
  const { proven, gaps } = await proveLeases(
    asking({ state: 'answered', leases: held }),
    world.set(nodes, { state: 'answered', nodes: listed }),
    1,
  );
  const said = [...proven, ...gaps.map(({ message }) => message)];
  expect(said.filter((text) => text.includes(SCHEDULER))).toEqual([told]);
});

/** What holds leases is asked once. */
function asking(answer: Leases): Pick<ReadContext, 'observe' | 'waitFor'> {
  return {
    observe: async () => World.empty.set(leases, answer),
    waitFor: async (what, _timeoutMs, look) => {
      const seen = await look();
      if (seen.done) return seen.value;
      throw new Error(`${what}: ${seen.state}`);
    },
  };
}
