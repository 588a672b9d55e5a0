import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type EtcdMember, etcdMember } from '../../facts/processes/etcd-member.ts';
import { processes } from '../../facts/processes/processes.ts';
import { quorumOf } from '../../kubeadm/cluster/master-health.ts';
import { etcdMetricsEndpoint } from '../../kubeadm/restarts/restart.ts';
import type { CredentialName } from '../../kubeadm/table.ts';
import { alarmIn, healthOf, isHealthy, processOf } from './control-plane-facts.ts';
import { unusableOf } from './restart-state.ts';

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
 * Why etcd would lose its quorum by a restart of this host's control plane; undefined when it would not. An etcd that is down
 * cannot be asked, and then the restart is what brings it back.
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
  code: 'etcd-learner',
  reason: 'its etcd member is a learner: it has no vote yet, and may still be catching up',
  remedy:
    'wait until it has caught up and is promoted (etcdctl member list, etcdctl member promote ID), or remove it (etcdctl member remove ID)',
};

function alarmRefusal(alarm: string): RefusePlan {
  const cure =
    alarm === 'NOSPACE'
      ? 'free space first (etcdctl compact, etcdctl defrag on each member), then run etcdctl alarm disarm'
      : 'find and replace the member whose data is damaged (etcdctl alarm list), then run etcdctl alarm disarm';
  return {
    action: 'refuse',
    code: 'etcd-alarm',
    reason: `etcd has raised the alarm ${alarm}: until it is disarmed, nothing can be written, and no controller can renew its lease`,
    remedy: `${cure}; run again`,
  };
}

/** With one or two members every restart costs the quorum for a moment; there is no other way. */
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
    code: 'etcd-quorum',
    reason: `etcd has ${members} members, of which ${host} is connected to ${staying}: without it there would be fewer than the ${quorumOf(members)} that must agree`,
    remedy:
      'bring the other members back first; remove a member that is gone for good (etcdctl member list, etcdctl member remove ID)',
  };
}

/**
 * Why no restart here can bring the control plane up: too many of the masters beside it have an etcd that cannot start, and
 * this play does not mend it. `peers` are as they will be when the play has come this far.
 */
export function lostQuorumRefusal(
  world: World,
  { host, peers, restartsMember }: EtcdQuestion,
  now: Date,
): RefusePlan | undefined {
  if (!runsEtcd(world)) return undefined;
  const health = healthOf(world.get(kubernetesFiles), 'etcd');
  if (!restartsMember && health && world.has(health) && isHealthy('etcd', world.get(health))) return undefined;
  // Where its own cannot start, no restart waits for it: an old state is put back as it was.
  if (keepsEtcdDown(world, now) !== undefined) return undefined;
  const members = [[host, world] as const, ...peers].filter(([, known]) => runsEtcd(known));
  const lost = members.flatMap(([name, known]) => {
    const cause = keepsEtcdDown(known, now);
    return cause === undefined ? [] : [`${name} (${cause})`];
  });
  const needed = quorumOf(members.length);
  if (members.length - lost.length >= needed) return undefined;
  return {
    action: 'refuse',
    code: 'etcd-quorum-lost',
    reason: `etcd needs ${needed} of its ${members.length} members, and cannot start on ${lost.join(', ')}, which this run does not repair`,
    remedy: 'repair those masters first, or include them in this run; then run again on all of them together',
  };
}

function runsEtcd(world: World): boolean {
  return world.has(kubernetesFiles) && world.get(kubernetesFiles).etcd === 'stacked';
}

/** The certificate without which a host's etcd does not start; a dead kubelet starts nothing either. */
function keepsEtcdDown(world: World, now: Date): CredentialName | undefined {
  const host = world.get(kubernetesFiles);
  const isDown = world.has(processes) && processOf(world, 'etcd') === undefined;
  return unusableOf(host, 'etcd', now) ?? (isDown ? unusableOf(host, 'kubelet', now) : undefined);
}

/** etcd says it from 3.6 on; before that the masters tell, and whom it has met: a member that was removed is among those. */
function membersOf(
  { others, met, connected }: Extract<EtcdMember, { readonly state: 'answered' }>,
  world: World,
  peers: ReadonlyMap<string, World>,
): number {
  if (others) return others.length + 1;
  const beside = [...peers.values()].filter(runsEtcd);
  const listed = world.has(nodes) ? world.get(nodes) : undefined;
  const masters =
    listed?.state === 'answered' ? listed.nodes.filter(({ isMaster }) => isMaster).length : met.length + 1;
  return Math.max(masters, connected.length + 1, beside.length + 1);
}
