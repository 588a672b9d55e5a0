import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { type EtcdMember, etcdMember } from '../../facts/etcd-member.ts';
import { kubernetesFiles } from '../../facts/kubernetes-files.ts';
import { nodes } from '../../facts/nodes.ts';
import { quorumOf } from '../../kubeadm/master-health.ts';
import { etcdMetricsEndpoint } from '../../kubeadm/restart.ts';
import { alarmIn, healthOf, isHealthy } from './control-plane-facts.ts';

/** Where the host's own etcd is asked about its cluster; undefined when it has none, or one that says nothing. */
export function etcdMemberOf(world: World): FactRef<EtcdMember> | undefined {
  if (!world.has(kubernetesFiles)) return undefined;
  const pod = world.get(kubernetesFiles).staticPods.find(({ component }) => component === 'etcd');
  const endpoint = pod && etcdMetricsEndpoint(pod);
  return endpoint && etcdMember(endpoint.address, endpoint.port);
}

export interface EtcdQuestion {
  readonly host: string;
  readonly peers: ReadonlyMap<string, World>;
  /** The order that the play's strategy chose. */
  readonly order: string;
  /** Its own member is to be restarted, not only what uses it. */
  readonly restartsMember: boolean;
}

/**
 * Why etcd would not stand a restart of this host's control plane. Of an etcd that is down nothing can be asked; then the
 * restart is what brings it back.
 */
export function etcdRefusal(world: World, question: EtcdQuestion): RefusePlan | undefined {
  const health = healthOf(world.get(kubernetesFiles), 'etcd');
  const answer = health && world.has(health) ? world.get(health) : undefined;
  const alarm = answer && alarmIn(answer);
  if (alarm !== undefined) return alarmRefusal(alarm);
  const ref = etcdMemberOf(world);
  const member = ref && world.has(ref) ? world.get(ref) : undefined;
  if (member?.state !== 'answered' || question.order === 'recovery') return undefined;
  if (member.isLearner) return LEARNER;
  // One that is not well itself may only become better.
  if (!question.restartsMember || !answer || !isHealthy('etcd', answer)) return undefined;
  return quorumRefusal(member, world, question);
}

const LEARNER: RefusePlan = {
  action: 'refuse',
  reason: 'its etcd member is a learner: it has not come to vote yet, and whoever joined it may still be at work',
  remedy:
    'wait until it has caught up and is promoted (etcdctl member list, etcdctl member promote ID), or remove it (etcdctl member remove ID)',
};

function alarmRefusal(alarm: string): RefusePlan {
  const cure =
    alarm === 'NOSPACE'
      ? 'make room first (etcdctl compact, etcdctl defrag on each member), then etcdctl alarm disarm'
      : 'find and replace the member whose data is damaged (etcdctl alarm list), then etcdctl alarm disarm';
  return {
    action: 'refuse',
    reason: `etcd has raised the alarm ${alarm}: until it is disarmed nothing can be written, and no controller gets its lease`,
    remedy: `${cure}; run again`,
  };
}

/** Of one or two members any restart takes the quorum for a moment: there is no other way then. */
const SPARES_NOBODY = 2;

function quorumRefusal(
  member: Extract<EtcdMember, { readonly state: 'answered' }>,
  world: World,
  { host, peers }: EtcdQuestion,
): RefusePlan | undefined {
  const members = membersOf(member, world, peers);
  const staying = member.connected.length;
  if (members <= SPARES_NOBODY || staying >= quorumOf(members)) return undefined;
  return {
    action: 'refuse',
    reason: `etcd has ${members} members, of which ${host} is connected to ${staying}: without it they would be fewer than the ${quorumOf(members)} that must agree`,
    remedy:
      'bring the other members back first; one that is gone for good has to be removed (etcdctl member list, etcdctl member remove ID)',
  };
}

/** etcd says it from 3.6 on; before that the masters tell, and whom it has met: a member that was removed is among those. */
function membersOf(
  { others, met, connected }: Extract<EtcdMember, { readonly state: 'answered' }>,
  world: World,
  peers: ReadonlyMap<string, World>,
): number {
  if (others) return others.length + 1;
  const beside = [...peers.values()].filter(
    (peer) => peer.has(kubernetesFiles) && peer.get(kubernetesFiles).etcd === 'stacked',
  );
  const listed = world.has(nodes) ? world.get(nodes) : undefined;
  const masters =
    listed?.state === 'answered' ? listed.nodes.filter(({ isMaster }) => isMaster).length : met.length + 1;
  return Math.max(masters, connected.length + 1, beside.length + 1);
}
