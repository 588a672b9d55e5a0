import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { WriteContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { nodes } from '../../facts/api/nodes.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type EtcdMember, etcdMember } from '../../facts/processes/etcd-member.ts';
import { keepsQuorum, membersOf, quorumOf } from '../../kubeadm/cluster/quorum.ts';
import { podOf } from '../../kubeadm/host/model.ts';
import { etcdMetricsEndpoint } from '../../kubeadm/restarts/restart.ts';
import { alarmIn, healthOf, isHealthy, processOf } from './control-plane-facts.ts';
import { readDatabase } from './etcd-database.ts';

/** The endpoint at which the host's own etcd reports its members; undefined if there is no such etcd, or no endpoint. */
export function etcdMemberOf(world: World): FactRef<EtcdMember> | undefined {
  if (!world.has(kubernetesFiles)) return undefined;
  const pod = podOf(world.get(kubernetesFiles), 'etcd');
  const endpoint = pod && etcdMetricsEndpoint(pod);
  return endpoint && etcdMember(endpoint.address, endpoint.port);
}

export interface EtcdQuestion {
  readonly host: string;
  readonly peers: ReadonlyMap<string, World>;
  /** The order that the play's strategy chose. */
  readonly order: string;
  /** The host's own member is restarted, not only its clients. */
  readonly restartsMember: boolean;
}

/**
 * Refuses a restart of this host's control plane if etcd would lose its quorum; undefined if not. An etcd that is down does not
 * answer, and the restart is what brings it back.
 */
export function etcdRefusal(world: World, question: EtcdQuestion): RefusePlan | undefined {
  const answer = world.find(healthOf(world.get(kubernetesFiles), 'etcd'));
  const alarm = answer && alarmIn(answer);
  if (alarm !== undefined) return alarmRefusal(alarm);
  if (question.order === 'recovery') return undefined;
  const member = world.find(etcdMemberOf(world));
  if (member?.state !== 'answered') return question.restartsMember ? quorumRefusalByPeers(world, question) : undefined;
  if (member.isLearner) return LEARNER;
  // An unhealthy member can only get better.
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

/** With one or two members every restart costs the quorum for a moment; that is unavoidable. */
const NO_SPARE_MEMBERS = 2;

function quorumRefusal(
  member: Extract<EtcdMember, { readonly state: 'answered' }>,
  world: World,
  { host, peers }: EtcdQuestion,
): RefusePlan | undefined {
  const members = membersSeenBy(member, world, peers);
  const remaining = member.connected.length;
  if (isEnough(remaining, members)) return undefined;
  return refusalOf(members, `of which ${host} is connected to ${remaining}`);
}

function isEnough(remaining: number, members: number): boolean {
  return members <= NO_SPARE_MEMBERS || keepsQuorum(members, remaining);
}

function refusalOf(members: number, what: string): RefusePlan {
  return {
    action: 'refuse',
    code: 'etcd-quorum',
    reason: `etcd has ${members} members, ${what}: without it there would be fewer than the ${quorumOf(members)} that must agree`,
    remedy:
      'bring the other members back first; remove a member that is gone for good (etcdctl member list, etcdctl member remove ID)',
  };
}

/**
 * The same where the member itself cannot be asked, because it serves its metrics only to clients with a certificate: by the healthy
 * member of another master that sees most. This one is among those that it is connected to, unless all of these are other masters'.
 */
function quorumRefusalByPeers(world: World, { host, peers }: EtcdQuestion): RefusePlan | undefined {
  if (!processOf(world, 'etcd')) return undefined;
  const views = [...peers].flatMap(([name, known]) => {
    const member = runsEtcd(known) ? known.find(etcdMemberOf(known)) : undefined;
    const answer = member && known.find(healthOf(known.get(kubernetesFiles), 'etcd'));
    return member?.state === 'answered' && answer && isHealthy('etcd', answer) ? [{ name, member }] : [];
  });
  const known = new Set(views.map(({ member }) => member.id));
  const [best] = views.toSorted((a, b) => b.member.connected.length - a.member.connected.length);
  if (!best?.member.connected.some((id) => !known.has(id))) return undefined;
  const members = membersSeenBy(best.member, world, peers);
  // Its own vote stands for that of this one.
  const remaining = best.member.connected.length;
  if (isEnough(remaining, members)) return undefined;
  return refusalOf(members, `of which ${best.name} is connected to ${remaining}, ${host} among them`);
}

/** Whether a static pod of the host runs a member. */
export function runsEtcd(world: World): boolean {
  return world.has(kubernetesFiles) && world.get(kubernetesFiles).etcd === 'stacked';
}

/**
 * The part of etcd's database that has to be read, if any. If a member does not list the others and is not connected to everything that may
 * be a member, only the database tells which members were removed. As many connections as there are masters prove nothing: one may be to a
 * learner, while a voter is gone.
 */
export function membersPart(world: World): FactRef | undefined {
  const member = world.find(etcdMemberOf(world));
  if (member?.state !== 'answered' || member.others) return undefined;
  const lacksOne =
    membersSeenBy(member, world, new Map()) > member.connected.length + 1 ||
    member.tried.some((id) => !member.connected.includes(id));
  return lacksOne ? readDatabase(world).next : undefined;
}

/**
 * etcd lists its members from 3.6 on, and its database does. Otherwise they are counted by masters, and by the
 * members it has met, which include removed ones.
 */
function membersSeenBy(
  { others, met, connected }: Extract<EtcdMember, { readonly state: 'answered' }>,
  world: World,
  peers: ReadonlyMap<string, World>,
): number {
  const peerMembers = [...peers.values()].filter(runsEtcd);
  const stored = readDatabase(world).members;
  const listed = world.find(nodes);
  const masters =
    listed?.state === 'answered' ? listed.nodes.filter(({ isMaster }) => isMaster).length : met.length + 1;
  return membersOf({
    listed: others ? [others.length + 1] : stored ? [stored.length] : [],
    seen: [masters, connected.length + 1, peerMembers.length + 1],
  });
}

/** Members that have just been restarted reconnect within seconds. */
const SPARE_MEMBERS_MS = 30_000;

/** Another member may have been lost since the plan was made; then this one must not be stopped as well. */
export async function awaitSpareMembers(context: WriteContext, world: World): Promise<void> {
  const member = etcdMemberOf(world);
  if (!member) return;
  const question = { host: context.host, peers: new Map(), order: context.order, restartsMember: true };
  await context.waitFor('etcd to do without this member', SPARE_MEMBERS_MS, async () => {
    const refusal = etcdRefusal(world.merge(await context.observe([member])), question);
    return refusal ? { done: false, state: refusal.reason } : { done: true, value: undefined };
  });
}
