import type { RefusePlan } from '../../core/plan.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { processes } from '../../facts/processes/processes.ts';
import { keepsQuorum, quorumOf } from '../../kubeadm/cluster/quorum.ts';
import type { CredentialName } from '../../kubeadm/table.ts';
import { mastersIn } from '../strategies/masters.ts';
import { healthOf, isHealthy, processOf } from './control-plane-facts.ts';
import { type EtcdQuestion, runsEtcd } from './etcd-gate.ts';
import { etcdOutside } from './etcd-outside.ts';
import { unusableOf } from './restart-state.ts';

/**
 * Refuses restarts that cannot bring the control plane up: etcd cannot start on too many of the other masters, and this play
 * does not repair that. `peers` are the predicted hosts at this point of the play.
 */
export function lostQuorumRefusal(
  world: World,
  { host, peers, restartsMember }: EtcdQuestion,
  now: Date,
): RefusePlan | undefined {
  if (!runsEtcd(world)) return undefined;
  const answer = world.find(healthOf(world.get(kubernetesFiles), 'etcd'));
  if (!restartsMember && answer && isHealthy('etcd', answer)) return undefined;
  // If its own etcd cannot start, no restart waits for it: an old state is being restored.
  if (etcdBlocker(world, now) !== undefined) return undefined;
  const members = [[host, world] as const, ...peers].filter(([, known]) => runsEtcd(known));
  const lost = members.flatMap(([name, known]) => {
    const cause = etcdBlocker(known, now);
    return cause === undefined ? [] : [`${name} (${cause})`];
  });
  if (lost.length === 0) return undefined;
  const elsewhere = membersElsewhere(new Map(members), now);
  const all = members.length + elsewhere.known;
  if (keepsQuorum(all, members.length - lost.length + elsewhere.well)) return undefined;
  return {
    action: 'refuse',
    code: 'etcd-quorum-lost',
    reason: `etcd needs ${quorumOf(all)} of its ${all} members, and cannot start on ${lost.join(', ')}, which this run does not repair`,
    remedy: 'repair those masters first, or include them in this run; then run again on all of them together',
  };
}

/** The members on none of these hosts. One that could not be asked counts for neither side. */
function membersElsewhere(worlds: ReadonlyMap<string, World>, now: Date) {
  const { members, named } = etcdOutside(worlds, mastersIn(worlds, now), now);
  const known = named.filter(({ state }) => state !== 'unknown');
  const well = known.filter(({ state }) => state === 'well');
  return { known: Math.min(known.length, members), well: Math.min(well.length, members) };
}

/** The certificate that keeps a host's etcd from starting; without a working kubelet nothing starts either. */
function etcdBlocker(world: World, now: Date): CredentialName | undefined {
  const host = world.get(kubernetesFiles);
  const isDown = world.has(processes) && processOf(world, 'etcd') === undefined;
  return unusableOf(host, 'etcd', now) ?? (isDown ? unusableOf(host, 'kubelet', now) : undefined);
}
