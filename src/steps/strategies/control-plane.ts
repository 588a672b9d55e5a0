import { count } from '../../core/count.ts';
import type { FactRef } from '../../core/fact.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { Order, Strategy } from '../../core/strategy.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { etcdMember } from '../../facts/processes/etcd-member.ts';
import { etcdCutOff, etcdIsCutOff, isHealthy, type Master } from '../../kubeadm/cluster/master-health.ts';
import { keepsQuorum } from '../../kubeadm/cluster/quorum.ts';
import { ETCD_METRICS_PORT } from '../../kubeadm/restarts/restart.ts';
import { controlPlaneFacts } from '../control-plane/control-plane-facts.ts';
import { readDatabase } from '../control-plane/etcd-database.ts';
import { etcdMemberOf } from '../control-plane/etcd-gate.ts';
import {
  type EtcdOutside,
  etcdOutside,
  isSame,
  loneRefusal,
  peerCertificate,
  peersOutside,
} from '../control-plane/etcd-outside.ts';
import { mastersIn } from './masters.ts';
import { differenceRefusal } from './masters-differ.ts';

/** The etcd of one that was removed never gets well, and a planned order would stop at it. */
const REMOVED = 'etcd has fewer members than there are masters here: leave out those that were removed from it';

/** Orders the masters of a kubeadm cluster by their observed state. */
export const controlPlane: Strategy = {
  name: 'control_plane',
  summary: 'one master at a time while API and etcd are alive; otherwise all together, stage by stage',
  needs(known, host, { now, peers }) {
    // Asked for in the first round where kubeadm lets etcd serve it: without a guess a second one would be for this alone.
    const member = known.covers(kubernetesFiles) ? etcdMemberOf(known) : etcdMember('127.0.0.1', ETCD_METRICS_PORT);
    const outside = isCutOff(known, now) ? outsideFacts(known, peers) : [];
    return [...controlPlaneFacts(known, host.address), ...(member ? [member] : []), ...outside];
  },
  order(worlds, { now, forced, unseen = [], refused = new Map(), leftOut = [] }) {
    const masters = mastersIn(worlds, now);
    const others = [...worlds.keys()].filter((name) => !masters.some((master) => master.name === name));
    const refusal = duplicateNodeRefusal(masters) ?? differenceRefusal(masters) ?? forcedRefusal(forced);
    if (refusal) return refusal;
    const outside = etcdOutside(worlds, masters, now);
    const reason = recoveryReason(masters, outside, now);
    const recovery = forced === undefined ? reason !== undefined : forced === 'recovery';
    const why = forced === undefined ? (reason ?? plannedReason(masters)) : `${forced} is forced`;
    const loneMasters =
      reason !== undefined && (forced === undefined || (forced === 'planned' && refused.size > 0))
        ? loneRefusal({ masters, outside, hosts: [...worlds.keys()], refused, leftOut, unseen, now })
        : undefined;
    if (loneMasters) return loneMasters;
    const absent = outside.named.filter((peer) => !unseen.some((host) => isSame(host, peer))).map(({ name }) => name);
    // Whether etcd survives a restart without them is checked by etcdRefusal.
    const text = [
      why,
      ...(unseen.length === 0 ? [] : [`${unseen.map(({ name }) => name).join(', ')} could not be read`]),
      ...(absent.length === 0
        ? []
        : [
            `${absent.join(', ')} of etcd's members ${absent.length === 1 ? 'is' : 'are'} not among the hosts that were read`,
          ]),
      ...(recovery || outside.removed === 0 ? [] : [REMOVED]),
    ].join('; ');
    const last = others.length > 0 ? [others] : [];
    if (masters.length === 0)
      return { name: 'linear', reason: 'none of these hosts is a master', batches: last, stopOnFailure: false };
    // Working everywhere at once cannot harm a dead cluster, and a worker's kubelet is ready when the API is back.
    if (recovery) {
      const everywhere = [...masters.map(({ name }) => name), ...others];
      return { name: 'recovery', reason: text, batches: [everywhere], stopOnFailure: false };
    }
    return plannedOrder(masters, { leaders: leadersIn(worlds), last, reason: text, now });
  },
};

/** Facts about the other members: first the database page by page, then the certificate that each member serves. */
function outsideFacts(known: World, peers: ReadonlyMap<string, World>): readonly FactRef[] {
  const { next } = readDatabase(known);
  return next ? [next] : peersOutside(known, peers).flatMap(peerCertificate);
}

interface Planned {
  /** The masters whose etcd leads. */
  readonly leaders: ReadonlySet<string>;
  /** The batches after the masters. */
  readonly last: readonly (readonly string[])[];
  readonly reason: string;
  readonly now: Date;
}

/**
 * Unhealthy masters come first: restarting a healthy one while another is down could cost the quorum. The one whose etcd leads
 * comes last: each time leadership moves, a write in progress can be lost on its way to the leader.
 */
function plannedOrder(masters: readonly Master[], { leaders, last, reason, now }: Planned): Order {
  const rank = (master: Master): number => (isHealthy(master) ? (leaders.has(master.name) ? 2 : 1) : 0);
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
    const member = world.find(etcdMemberOf(world));
    return member?.state === 'answered' && member.isLeader;
  });
  return new Set(leading.map(([name]) => name));
}

/** Whether its own etcd cannot tell how the other members are: it is unhealthy, or its certificates have expired. */
function isCutOff(known: World, now: Date): boolean {
  if (!known.has(kubernetesFiles)) return false;
  return mastersIn(new Map([['it', known]]), now).some(
    (master) =>
      master.etcdAnswers === false ||
      etcdIsCutOff(master, now) ||
      // It says nothing, and its clients report nothing good.
      (master.host.etcd === 'stacked' && master.etcdAnswers === undefined && !master.apiIsReady),
  );
}

/** Why a single master at a time would not work; undefined if it does. */
function recoveryReason(masters: readonly Master[], outside: EtcdOutside, now: Date): string | undefined {
  const members = masters.filter(({ host }) => host.etcd === 'stacked');
  const cutOff = members.filter((master) => etcdIsCutOff(master, now));
  const all = members.length + outside.members;
  // Nobody waits for a member that was removed: as one that is cut off it would have working members restarted together.
  const voting = all - Math.min(outside.removed, cutOff.length);
  if (members.length > 0 && !keepsQuorum(voting, members.length + outside.healthy - cutOff.length)) {
    const fault = cutOffText(cutOff.map((master) => etcdCutOff(master, now)));
    if (all === 1) return `etcd's certificates ${fault} on the only master`;
    const where = members.length === 1 ? members.map(({ name }) => name).join() : `${cutOff.length} of ${all} masters`;
    if (cutOff.length > 0)
      return `etcd's certificates ${fault} on ${where}: a single master would wait for a quorum that cannot form`;
  }
  const where = outside.members > 0 ? 'none of these masters' : 'no master';
  if (members.length > 0 && members.every(({ etcdAnswers }) => etcdAnswers === false))
    return `etcd answers on ${where}`;
  if (!masters.some(({ apiAnswers }) => apiAnswers)) return `the API answers on ${where}`;
  return undefined;
}

function cutOffText(faults: readonly (string | undefined)[]): string {
  if (faults.every((fault) => fault === 'expired')) return 'have expired';
  return faults.includes('expired') ? 'have expired or are unusable' : 'are unusable';
}

function plannedReason(masters: readonly Master[]): string {
  const healthy = masters.filter((master) => isHealthy(master) && master.etcdAlarm === undefined).length;
  const alarms = [...new Set(masters.flatMap(({ etcdAlarm }) => etcdAlarm ?? []))];
  const unready = masters.filter(({ apiAnswers, apiIsReady }) => apiAnswers && !apiIsReady);
  const silent = masters.filter(({ host, etcdAnswers }) => host.etcd === 'stacked' && etcdAnswers === undefined);
  const [does, its] = silent.length === 1 ? ['does', 'its'] : ['do', 'their'];
  return [
    `API and etcd are healthy on ${healthy} of ${count(masters.length, 'master')}`,
    ...alarms.map((alarm) => `etcd has raised the alarm ${alarm}`),
    ...(unready.length === 0 ? [] : [`the API answers but is not ready on ${namesOf(unready)}`]),
    ...(silent.length === 0 ? [] : [`${namesOf(silent)} ${does} not say how ${its} etcd is`]),
  ].join('; ');
}

function namesOf(masters: readonly Master[]): string {
  return masters.map(({ name }) => name).join(', ');
}

/** A master may go down if the quorum survives it, or if it is down already. */
function gate(batch: readonly string[], masters: readonly Master[]): RefusePlan | undefined {
  const targets = masters.filter(({ name }) => batch.includes(name));
  if (targets.length === 0 || !targets.some(isHealthy)) return undefined;
  const unhealthy = masters.filter((master) => !batch.includes(master.name) && !isHealthy(master));
  if (unhealthy.length === 0) return undefined;
  return {
    action: 'refuse',
    code: 'master-unhealthy',
    reason: `${namesOf(unhealthy)} ${unhealthy.length === 1 ? 'is' : 'are'} not healthy: restarting ${batch.join(', ')} now could cost the quorum`,
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

/** Refuses one machine under two names, which would be worked on twice at once. */
function duplicateNodeRefusal(masters: readonly Master[]): RefusePlan | undefined {
  const byNode = new Map<string, string[]>();
  for (const { name, host } of masters)
    if (host.nodeName !== undefined) byNode.set(host.nodeName, [...(byNode.get(host.nodeName) ?? []), name]);
  const duplicates = [...byNode].find(([, names]) => names.length > 1);
  if (!duplicates) return undefined;
  const [node, names] = duplicates;
  const others = names.slice(1).map((name) => `!${name}`);
  return {
    action: 'refuse',
    code: 'same-node',
    reason: `${names.join(' and ')} are the same node, ${node}`,
    remedy: `remove all but one of the names from the inventory, or exclude them: --limit '${others.join(':')}'`,
  };
}
