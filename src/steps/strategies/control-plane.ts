import { count } from '../../core/count.ts';
import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { Order, Strategy } from '../../core/strategy.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { etcdIsCutOff, isWell, type Master, quorumOf } from '../../kubeadm/cluster/master-health.ts';
import { controlPlaneFacts } from '../control-plane/control-plane-facts.ts';
import { readDatabase } from '../control-plane/etcd-database.ts';
import { etcdMemberOf } from '../control-plane/etcd-gate.ts';
import {
  type EtcdOutside,
  etcdOutside,
  loneRefusal,
  peerCertificate,
  peersOutside,
} from '../control-plane/etcd-outside.ts';
import { mastersIn } from './masters.ts';
import { differenceRefusal } from './masters-differ.ts';

/** The right order for a kubeadm cluster with several masters, from what is observed of them. */
export const controlPlane: Strategy = {
  name: 'control_plane',
  summary: 'one master at a time while API and etcd are alive; otherwise all together, stage by stage',
  needs(known, host, { now, peers }) {
    const member = etcdMemberOf(known);
    const outside = isCutOff(known, now) ? outsideFacts(known, peers) : [];
    return [...controlPlaneFacts(known, host.address), ...(member ? [member] : []), ...outside];
  },
  order(worlds, { now, forced, unseen = [], refused = new Map(), leftOut = [] }) {
    const masters = mastersIn(worlds, now);
    const others = [...worlds.keys()].filter((name) => !masters.some((master) => master.name === name));
    const refusal = twinRefusal(masters) ?? differenceRefusal(masters) ?? forcedRefusal(forced);
    if (refusal) return refusal;
    const outside = etcdOutside(worlds, masters, now);
    const reason = recoveryReason(masters, outside, now);
    const recovery = forced === undefined ? reason !== undefined : forced === 'recovery';
    const why = forced === undefined ? (reason ?? plannedReason(masters)) : `${forced} is forced`;
    const lonely =
      reason !== undefined && (forced === undefined || (forced === 'planned' && refused.size > 0))
        ? loneRefusal({ masters, outside, hosts: [...worlds.keys()], refused, leftOut, now })
        : undefined;
    if (lonely) return lonely;
    const absent = outside.named.filter(({ name }) => !unseen.includes(name)).map(({ name }) => name);
    // Whether etcd stands a restart without it, etcd is asked itself: see etcdRefusal.
    const text = [
      why,
      ...(unseen.length === 0 ? [] : [`${unseen.join(', ')} could not be read`]),
      ...(absent.length === 0
        ? []
        : [`${absent.join(', ')} of etcd's members ${absent.length === 1 ? 'is' : 'are'} not among these hosts`]),
    ].join('; ');
    const last = others.length > 0 ? [others] : [];
    if (masters.length === 0)
      return { name: 'linear', reason: 'none of these hosts is a master', batches: last, stopOnFailure: false };
    // Nothing of a dead cluster can be cost by working on it everywhere: a worker's kubelet is ready when the API is back.
    if (recovery) {
      const everywhere = [...masters.map(({ name }) => name), ...others];
      return { name: 'recovery', reason: text, batches: [everywhere], stopOnFailure: false };
    }
    return plannedOrder(masters, { leaders: leadersIn(worlds), last, reason: text, now });
  },
};

/** Who the other members are, from the database page by page; then how each is, by the certificate that it serves. */
function outsideFacts(known: World, peers: ReadonlyMap<string, World>): readonly FactRef[] {
  const { next } = readDatabase(known);
  return next ? [next] : peersOutside(known, peers).flatMap(peerCertificate);
}

interface Planned {
  /** The masters whose etcd leads. */
  readonly leaders: ReadonlySet<string>;
  /** The batches behind the masters. */
  readonly last: readonly (readonly string[])[];
  readonly reason: string;
  readonly now: Date;
}

/**
 * Masters that are not well come first: to restart one that is well while another is down could cost the quorum. The one whose etcd
 * leads comes last: each time that the lead is handed on, what is just being written can be lost on its way to the leader.
 */
function plannedOrder(masters: readonly Master[], { leaders, last, reason, now }: Planned): Order {
  const rank = (master: Master): number => (isWell(master) ? (leaders.has(master.name) ? 2 : 1) : 0);
  const ordered = [...masters].sort((a, b) => rank(a) - rank(b));
  return {
    name: 'planned',
    reason,
    batches: [...ordered.map(({ name }) => [name]), ...last],
    stopOnFailure: true,
    gate: (batch, worlds) => gate(batch, mastersIn(worlds, now)),
  };
}

/** The hosts whose etcd leads. */
function leadersIn(worlds: ReadonlyMap<string, World>): ReadonlySet<string> {
  const leading = [...worlds].filter(([, world]) => {
    const ref = etcdMemberOf(world);
    const member = ref && world.has(ref) ? world.get(ref) : undefined;
    return member?.state === 'answered' && member.isLeader;
  });
  return new Set(leading.map(([name]) => name));
}

/** Its own etcd cannot tell how the other members are: it is not well, or its certificates have expired. */
function isCutOff(known: World, now: Date): boolean {
  if (!known.has(kubernetesFiles)) return false;
  return mastersIn(new Map([['it', known]]), now).some(
    (master) =>
      master.etcdAnswers === false ||
      etcdIsCutOff(master, now) ||
      // It says nothing, and what uses it says nothing good.
      (master.host.etcd === 'stacked' && master.etcdAnswers === undefined && !master.apiIsReady),
  );
}

/** Why a master at a time would not do; undefined when it does. */
function recoveryReason(masters: readonly Master[], outside: EtcdOutside, now: Date): string | undefined {
  const members = masters.filter(({ host }) => host.etcd === 'stacked');
  const cutOff = members.filter((master) => etcdIsCutOff(master, now));
  const all = members.length + outside.members;
  if (members.length > 0 && members.length + outside.well - cutOff.length < quorumOf(all)) {
    if (all === 1) return "etcd's certificates have expired on the only master";
    const where = members.length === 1 ? members.map(({ name }) => name).join() : `${cutOff.length} of ${all} masters`;
    if (cutOff.length > 0)
      return `etcd's certificates have expired on ${where}: a single master would wait for a quorum that cannot form`;
  }
  const where = outside.members > 0 ? 'none of these masters' : 'no master';
  if (members.length > 0 && members.every(({ etcdAnswers }) => etcdAnswers === false))
    return `etcd answers on ${where}`;
  if (!masters.some(({ apiAnswers }) => apiAnswers)) return `the API answers on ${where}`;
  return undefined;
}

function plannedReason(masters: readonly Master[]): string {
  const well = masters.filter(isWell).length;
  const unready = masters.filter(({ apiAnswers, apiIsReady }) => apiAnswers && !apiIsReady);
  const silent = masters.filter(({ host, etcdAnswers }) => host.etcd === 'stacked' && etcdAnswers === undefined);
  const [does, its] = silent.length === 1 ? ['does', 'its'] : ['do', 'their'];
  return [
    `API and etcd are healthy on ${well} of ${count(masters.length, 'master')}`,
    ...(unready.length === 0 ? [] : [`the API answers but is not ready on ${namesOf(unready)}`]),
    ...(silent.length === 0 ? [] : [`${namesOf(silent)} ${does} not say how ${its} etcd is`]),
  ].join('; ');
}

function namesOf(masters: readonly Master[]): string {
  return masters.map(({ name }) => name).join(', ');
}

/** A master may go down when the quorum survives it, or when it is down already. */
function gate(batch: readonly string[], masters: readonly Master[]): RefusePlan | undefined {
  const going = masters.filter(({ name }) => batch.includes(name));
  if (going.length === 0 || !going.some(isWell)) return undefined;
  const sick = masters.filter((master) => !batch.includes(master.name) && !isWell(master));
  if (sick.length === 0) return undefined;
  return {
    action: 'refuse',
    code: 'master-unhealthy',
    reason: `${namesOf(sick)} ${sick.length === 1 ? 'is' : 'are'} not healthy: restarting ${batch.join(', ')} now could cost the quorum`,
    remedy: 'repair it first (kplay check shows its certificates), then run again',
  };
}

function forcedRefusal(forced: string | undefined): RefusePlan | undefined {
  if (forced === undefined || forced === 'planned' || forced === 'recovery') return undefined;
  return {
    action: 'refuse',
    code: 'unknown-order',
    reason: `control_plane does not have the order '${forced}'`,
    remedy: 'use order: planned or order: recovery',
  };
}

/** One machine under two names would be worked on twice at once. */
function twinRefusal(masters: readonly Master[]): RefusePlan | undefined {
  const byNode = new Map<string, string[]>();
  for (const { name, host } of masters)
    if (host.nodeName !== undefined) byNode.set(host.nodeName, [...(byNode.get(host.nodeName) ?? []), name]);
  const twins = [...byNode].find(([, names]) => names.length > 1);
  if (!twins) return undefined;
  const [node, names] = twins;
  return {
    action: 'refuse',
    code: 'same-node',
    reason: `${names.join(' and ')} are the same node, ${node}`,
    remedy: `remove all but one of the names from the inventory, or exclude them with --limit '${names[0]}'`,
  };
}
