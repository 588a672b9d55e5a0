import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { InventoryHost } from '../../core/strategy.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type Served, served } from '../../facts/certificates/served.ts';
import { type EtcdPeer, endpointOfPeer, etcdPeersOf, ownEtcdPeer } from '../../kubeadm/cluster/etcd-peers.ts';
import { etcdIsCutOff, type Master } from '../../kubeadm/cluster/master-health.ts';
import { keepsQuorum, type MemberEvidence, membersOf, quorumOf } from '../../kubeadm/cluster/quorum.ts';
import { isoDate } from '../../pki/time.ts';
import { readDatabase } from './etcd-database.ts';
import { etcdMemberOf } from './etcd-gate.ts';

/** Members of etcd that run on none of the hosts of a play. */
export interface EtcdOutside {
  /** How many there are, by manifests and members; a lower bound. */
  readonly members: number;
  /** How many of them are healthy, or may be because they could not be asked. */
  readonly healthy: number;
  /** Those named by a database or a manifest. */
  readonly named: readonly NamedMember[];
  /** How many of the masters run an etcd that is no member any more: a healthy member names fewer members than there are masters with a manifest for one. */
  readonly removed: number;
}

interface NamedMember extends EtcdPeer {
  readonly state: 'well' | 'expired' | 'down' | 'unknown';
  /** What was observed, as a clause. */
  readonly observed: string;
}

type Worlds = ReadonlyMap<string, World>;

/**
 * Members that run neither on the host nor on one of its peers: those of its database, or else of its manifest. The manifest
 * lists the members at the time when the host joined, the database the present ones.
 */
export function peersOutside(known: World, peers: Worlds): readonly EtcdPeer[] {
  if (!known.has(kubernetesFiles)) return [];
  const host = known.get(kubernetesFiles);
  const all = readDatabase(known).members ?? etcdPeersOf(host);
  const others = all.filter(({ url }) => url !== ownEtcdPeer(host)?.url);
  if (others.length === 0) return [];
  const urls = new Set(
    [...peers.values()].map((world) => world.has(kubernetesFiles) && ownEtcdPeer(world.get(kubernetesFiles))?.url),
  );
  return others.filter(({ url }) => !urls.has(url));
}

/** The certificate that a member serves to its peers: it shows the member's state if nobody else can be asked. */
export function peerCertificate(peer: EtcdPeer): readonly FactRef<Served>[] {
  const endpoint = endpointOfPeer(peer);
  return endpoint ? [served(endpoint.address, endpoint.port)] : [];
}

/** The members of etcd that run on none of these masters, as far as the masters can tell. */
export function etcdOutside(worlds: Worlds, masters: readonly Master[], now: Date): EtcdOutside {
  const found = new Map(
    masters.flatMap(({ name }) => {
      const known = worlds.get(name);
      return known ? peersOutside(known, worlds).map((peer) => [peer.url, peer] as const) : [];
    }),
  );
  const named = [...found.values()].map((peer) => ({ ...peer, ...stateOf(peer, worlds, now) }));
  const own = masters.filter(({ host }) => host.etcd === 'stacked').length;
  const { evidence, connected, present } = membersSeen(worlds, masters, now);
  const members = Math.max(membersOf({ ...evidence, seen: [...evidence.seen, own + named.length] }) - own, 0);
  const usable = named.filter(({ state }) => state === 'well' || state === 'unknown').length;
  const healthy = Math.max(usable, connected);
  // Manifests still name members that have been removed; a complete list knows better.
  const isWhole = evidence.listed.length > 0;
  return {
    members,
    healthy: isWhole ? Math.min(healthy, members) : healthy,
    named: members === 0 ? [] : named,
    removed: Math.max(own - present, 0),
  };
}

/** A host that reaches a member knows more than one that does not. */
const CERTAINTY: readonly NamedMember['state'][] = ['well', 'expired', 'unknown', 'down'];
const UNASKED = { state: 'unknown', observed: 'was not asked' } as const;

function stateOf(peer: EtcdPeer, worlds: Worlds, now: Date): Pick<NamedMember, 'state' | 'observed'> {
  const answers = peerCertificate(peer).flatMap((ref) =>
    [...worlds.values()].flatMap((world) => (world.has(ref) ? [stateFromAnswer(world.get(ref), now)] : [])),
  );
  return answers.toSorted((a, b) => CERTAINTY.indexOf(a.state) - CERTAINTY.indexOf(b.state))[0] ?? UNASKED;
}

function stateFromAnswer(answer: Served, now: Date): Pick<NamedMember, 'state' | 'observed'> {
  switch (answer.state) {
    case 'serving': {
      const { notAfter } = answer.certificate;
      if (notAfter > now.getTime()) return { state: 'well', observed: `its certificate expires ${isoDate(notAfter)}` };
      return { state: 'expired', observed: `its certificate expired ${isoDate(notAfter)}` };
    }
    case 'not up':
      return { state: 'down', observed: `does not answer: ${answer.reason}` };
    case 'planned':
    case 'cannot ask':
      return { state: 'unknown', observed: 'could not be asked' };
  }
}

/**
 * What is known about etcd's members:
 * - `evidence`: what the members on the masters, and their databases, say about them;
 * - `connected`: how many members outside of the masters are connected to a member whose certificates are still accepted;
 * - `present`: how many members a healthy member lists, which leaves out those that were removed; Infinity if none lists them.
 */
function membersSeen(
  worlds: Worlds,
  masters: readonly Master[],
  now: Date,
): { readonly evidence: MemberEvidence; readonly connected: number; readonly present: number } {
  const answers = masters.flatMap((master) => {
    const world = worlds.get(master.name);
    const member = world?.find(etcdMemberOf(world));
    return member?.state === 'answered'
      ? [{ member, isWell: master.etcdAnswers === true, isCutOff: etcdIsCutOff(master, now) }]
      : [];
  });
  // Each reports itself and others; one that has never reached any does not know its own id.
  const listsOf = (some: typeof answers) =>
    some.flatMap(({ member }) => (member.others ? [member.others.length + 1] : []));
  const present = listsOf(answers.filter(({ isWell }) => isWell));
  const databaseCounts = masters.flatMap(({ name }) => {
    const world = worlds.get(name);
    return (world && readDatabase(world).members?.length) ?? [];
  });
  const connected = answers.flatMap(({ member, isCutOff }) => (isCutOff ? [] : member.connected));
  const ownIds = new Set(answers.map(({ member }) => member.id));
  // A healthy member has a quorum: together with its connected members it is more than half of all.
  const limits = answers.flatMap(({ member, isWell }) => (isWell ? [2 * (member.connected.length + 1) - 1] : []));
  return {
    evidence: {
      listed: [...listsOf(answers), ...databaseCounts],
      seen: answers.map(({ member }) => member.tried.length + 1),
      most: Math.min(...limits, Number.POSITIVE_INFINITY),
    },
    connected: new Set(connected.filter((id) => !ownIds.has(id))).size,
    present: present.length > 0 ? Math.max(...present) : Number.POSITIVE_INFINITY,
  };
}

interface LoneMasters {
  readonly masters: readonly Master[];
  readonly outside: EtcdOutside;
  /** All hosts of the play. */
  readonly hosts: readonly string[];
  /** Those of them that the plan refuses, and why. */
  readonly refused: ReadonlyMap<string, string>;
  readonly leftOut: readonly InventoryHost[];
  /** Hosts of the play that could not be reached or observed. */
  readonly unseen: readonly InventoryHost[];
  readonly now: Date;
}

/** Refuses masters that cannot bring etcd back alone: renewed and restarted, they would wait for a quorum that cannot form. */
export function loneRefusal(lone: LoneMasters): RefusePlan | undefined {
  const { masters, outside, refused, now } = lone;
  const members = masters.filter(({ host }) => host.etcd === 'stacked');
  const own = members.filter(({ name }) => !refused.has(name));
  const refusedMembers = members.filter(({ name }) => refused.has(name));
  const healthy =
    outside.healthy + refusedMembers.filter((one) => one.etcdAnswers !== false && !etcdIsCutOff(one, now)).length;
  const all = members.length + outside.members;
  if (own.length === 0 || keepsQuorum(all, own.length + healthy)) return undefined;
  const names = own.map(({ name }) => name).join(', ');
  const lacking = outside.named.filter(({ state }) => state !== 'well');
  return {
    action: 'refuse',
    code: 'etcd-quorum-lost',
    reason: `etcd has ${all} members, of which ${quorumOf(all)} must agree, and ${names} ${own.length === 1 ? 'is the only one' : 'are the only ones'} that this run would bring back`,
    details: [
      ...refusedMembers.map(({ name }) => [name, `refused: ${refused.get(name)}`] as const),
      ...lacking.map(({ name, observed }) => [name, observed] as const),
    ],
    ...(refusedMembers.length > 0 ? FIX_FIRST : rejoinRemedy(lone, lacking)),
  };
}

const FIX_FIRST = { remedy: 'fix what prevents the renewal of the others, then run again on all of them together' };

/** Without a quorum no member can be removed, and a recovery that is forced waits for it in vain. */
const GONE_FOR_GOOD =
  'if a member is gone for good, set order: recovery in the play, but only once etcd has a quorum without it: it was removed while there was one (etcdctl member remove), or another was started with --force-new-cluster';

/** How to include the missing members: by their inventory names, if they have any. */
function rejoinRemedy(
  { hosts, outside, leftOut, unseen }: LoneMasters,
  lacking: readonly NamedMember[],
): Pick<RefusePlan, 'remedy' | 'together'> {
  const away = unseen.filter((host) => lacking.some((peer) => isSame(host, peer))).map(({ name }) => name);
  const absent = lacking.filter((peer) => !unseen.some((host) => isSame(host, peer)));
  const known = absent.flatMap((peer) => leftOut.find((host) => isSame(host, peer))?.name ?? []);
  // If no manifest names all of them, only the hosts excluded by --limit remain as candidates.
  const isAll = lacking.length === outside.members;
  const together = [...hosts, ...away, ...(isAll ? known : leftOut.map(({ name }) => name))];
  const back = away.length > 0 ? [`bring ${away.join(', ')} back first, which this run could not reach`] : [];
  if (together.length > hosts.length + away.length && (!isAll || known.length === absent.length))
    return { remedy: [...back, `bring them back together: --limit ${together.join(',')}`].join('; '), together };
  const others = absent.map(({ name, url }) => `${name} (${url})`).join(', ') || 'the other masters';
  const added = isAll && absent.length === 0 && away.length > 0 ? [] : [`add ${others} to the hosts of this run`];
  return { remedy: [...back, ...added, GONE_FOR_GOOD].join('; ') };
}

/** Whether a host of the inventory is the one that a member runs on. */
export function isSame({ name, address }: InventoryHost, peer: EtcdPeer): boolean {
  return name === peer.name || address === endpointOfPeer(peer)?.address;
}
