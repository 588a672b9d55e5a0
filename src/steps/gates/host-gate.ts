import { formatDuration } from '../../core/duration.ts';
import { directoryOf } from '../../core/host-path.ts';
import type { RefusePlan } from '../../core/plan.ts';
import { quoteWord } from '../../core/shell.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type System, system } from '../../facts/host/system.ts';
import type { Credential, KubeadmHost } from '../../kubeadm/host/model.ts';
import { COMPONENTS, KUBERNETES_DIRECTORY } from '../../kubeadm/table.ts';
import { kubeletConfRefusal } from './kubelet-gate.ts';
import { layoutRefusal } from './layout-gate.ts';
import { sharedFileRefusal } from './untouchable-gate.ts';

/** A host whose clock is behind does not accept new certificates yet. With more skew than this, nothing is changed on it. */
const MAX_CLOCK_SKEW_SECONDS = 60;
/** What has to be free in /etc and /var: the host's own programs write there, too. */
const MIN_FREE = { kilobytes: 16_384, inodes: 500 };
/** Where a directory of Kubernetes has a file system of its own: there are thirty new files in it, of a few kilobytes each. */
const MIN_FREE_APART = { kilobytes: 1_024, inodes: 100 };

/** Why no step may change anything on this host, or these leaves; undefined if they may. */
export function hostRefusal(
  world: World,
  context: PlanContext,
  leaves: readonly Credential[] = [],
): RefusePlan | undefined {
  return (
    etcdHostRefusal(world.get(kubernetesFiles)) ??
    restoreRefusal(world, context) ??
    fixedFileRefusal(world.get(kubernetesFiles), leaves, world.get(system)) ??
    oddPlaceRefusal(world.get(kubernetesFiles)) ??
    sharedFileRefusal(world.get(kubernetesFiles)) ??
    layoutRefusal(world.get(kubernetesFiles), leaves) ??
    // An undo goes on without: on a full disk it is most needed.
    (context.beforeUndone ? undefined : (preparationRefusal(world.get(system)) ?? roomRefusal(world.get(system)))) ??
    kubeletConfRefusal(world.get(kubernetesFiles))
  );
}

/** What runs nothing but etcd is in no order of masters, and no API proves that it works: its members are renewed with kubeadm. */
export function etcdHostRefusal({ role }: KubeadmHost): RefusePlan | undefined {
  if (role !== 'etcd') return undefined;
  return {
    action: 'refuse',
    code: 'etcd-host',
    reason:
      'this host runs etcd and nothing else of the control plane: kplay renews the members of an external etcd on no host',
    remedy:
      'leave it out of the play; renew etcd-server, etcd-peer and etcd-healthcheck-client there with kubeadm certs renew (where the key of etcd’s CA is), restart etcd, one member after the other, and give the masters a new apiserver-etcd-client (kplay certs csr --etcd-client)',
  };
}

/**
 * Why no files may be restored on a host: its clock, the rights of the session, or manifests that would run twice. Of the rest of
 * `hostRefusal` a restore needs nothing. Above all it needs no free space: moving files back takes none, and on a full disk it is most needed.
 */
export function restoreRefusal(world: World, context: PlanContext): RefusePlan | undefined {
  return systemRefusal(world.get(system), context) ?? manifestRefusal(world.get(kubernetesFiles));
}

/**
 * Refuses several manifests of one component. kubelet reads every file of the directory. If several files are for pods of the same name, it
 * runs the one that it has read last, which may be an old copy (pkg/kubelet/config/file.go keeps pods by name); if the names differ, it
 * runs all of them.
 */
export function manifestRefusal({
  staticPods,
  otherManifests,
  manifestsDirectory,
}: KubeadmHost): RefusePlan | undefined {
  const pods = new Map<string, string[]>(COMPONENTS.map((component) => [component, []]));
  for (const { component, file } of staticPods) pods.get(component)?.push(file.path);
  for (const { pod, path } of otherManifests) if (pod !== undefined) pods.set(pod, [...(pods.get(pod) ?? []), path]);
  for (const [name, files] of pods) {
    if (files.length < 2) continue;
    return {
      action: 'refuse',
      code: 'manifest-copy',
      reason: `${files.length} files in ${manifestsDirectory} are manifests of ${name}: of those for one pod, kubelet runs the one that it has read last, which may be another after a restart`,
      remedy: 'move all but the right one out of the directory (kubeadm writes COMPONENT.yaml), then run again',
      details: files.map((path) => ['manifest', path]),
    };
  }
  return manifestCopyRefusal(otherManifests);
}

/** Refuses a host on which something else than a file is in the place of a certificate or key: a new one could not be put there. */
export function oddPlaceRefusal({ odd }: KubeadmHost): RefusePlan | undefined {
  const [first] = odd;
  if (first === undefined) return undefined;
  return {
    action: 'refuse',
    code: 'not-a-file',
    reason: `${odd.length === 1 ? `${first} is` : `${first} and ${odd.length - 1} more are`} not a file, but a directory that is not empty, a named pipe, a socket or a device`,
    remedy: `find out what has put it there (ls -l ${quoteWord(first)}), move it away, then run again`,
    details: odd.map((path) => ['not a file', path]),
  };
}

/** Suffixes that people, package managers and editors give to copies. */
const SET_ASIDE =
  /(\.(bak|back|backup|old|orig|sav|save|saved|copy|disabled|off|tmp|swp|rpmsave|rpmorig|rpmnew|dpkg-\w+)|~|\.\d{6,})$/i;

/** Renaming a manifest does not disable it: kubelet runs every file of the directory, whatever its name. */
function manifestCopyRefusal(others: KubeadmHost['otherManifests']): RefusePlan | undefined {
  const stray = others.find(({ pod, path }) => pod !== undefined && SET_ASIDE.test(path));
  if (!stray) return undefined;
  return {
    action: 'refuse',
    code: 'manifest-copy',
    reason: `kubelet runs ${stray.pod} from ${stray.path}, which looks like a backup copy: kubelet runs every file there`,
    remedy: 'move it out of the directory, or give it a name that ends in .yaml if it is meant to run; then run again',
  };
}

/**
 * An undo goes on all the same: a clock that has jumped since makes no old file worse, and what cannot be written is told by the script that
 * restores the rest.
 */
function systemRefusal(facts: System, context: PlanContext): RefusePlan | undefined {
  if (context.beforeUndone) return undefined;
  return clockRefusal(facts, context) ?? rightsRefusal(facts);
}

/** When the facts of a host were read. */
type Observed = Pick<PlanContext, 'observedAt'>;

/** Refuses a host whose clock differs too much from that of this machine. */
export function clockRefusal(facts: System, context: Observed): RefusePlan | undefined {
  const skew = facts.clock - context.observedAt(system).getTime() / 1000;
  if (Math.abs(skew) <= MAX_CLOCK_SKEW_SECONDS) return undefined;
  return {
    action: 'refuse',
    code: 'host-clock',
    reason: skewText(skew),
    remedy:
      'set the clock, or that of this machine if it is the wrong one (chronyc makestep, or timedatectl set-ntp true), and run again: with a wrong clock, certificates become valid or expire at the wrong time',
  };
}

function skewText(seconds: number): string {
  return `its clock is ${formatDuration(Math.abs(seconds) * 1000)} ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`;
}

/** What is wrong with a clock that was read between two moments, at an unknown time between them; undefined if nothing is. */
export function clockFault({ clock }: System, before: Date, after: Date): string | undefined {
  const ahead = clock - after.getTime() / 1000;
  const behind = clock - before.getTime() / 1000;
  if (ahead > MAX_CLOCK_SKEW_SECONDS) return skewText(ahead);
  return behind < -MAX_CLOCK_SKEW_SECONDS ? skewText(behind) : undefined;
}

/** Refuses a session that may not write kubeadm's files. */
export function rightsRefusal(facts: System): RefusePlan | undefined {
  const { uid, kubernetesWritable } = facts;
  const isWritable = uid === 0 ? kubernetesWritable !== false : kubernetesWritable === true;
  return isWritable ? undefined : unwritableRefusal(KUBERNETES_DIRECTORY, facts);
}

/** Refuses a host that a run could not lock, or not prepare to restore itself. */
export function preparationRefusal(facts: System): RefusePlan | undefined {
  const [directory] = facts.closed;
  return directory === undefined ? undefined : unwritableRefusal(directory, facts);
}

/** Refuses leaves whose files cannot be replaced, whoever the session is. */
export function fixedFileRefusal(
  host: KubeadmHost,
  leaves: readonly Credential[],
  facts: System,
): RefusePlan | undefined {
  return closedRefusal(host, leaves, facts) ?? immutableRefusal(host, leaves, facts);
}

/** Refuses leaves whose new files could not be put into their directories: a link there is replaced, so where it leads does not matter. */
function closedRefusal({ closed }: KubeadmHost, leaves: readonly Credential[], facts: System): RefusePlan | undefined {
  const places = leaves.flatMap(({ certificatePath, keyPath }) => [certificatePath, keyPath].map(directoryOf));
  const directory = places.find((place) => closed.includes(place));
  return directory === undefined ? undefined : unwritableRefusal(directory, facts);
}

/**
 * Refuses leaves whose old files even root could not move away. To others a file that they cannot write says nothing: they may
 * replace it where the directory is theirs. kubelet's old pair stays where it is.
 */
function immutableRefusal(
  { closed }: KubeadmHost,
  leaves: readonly Credential[],
  { uid }: System,
): RefusePlan | undefined {
  const places = leaves.filter(({ kind }) => kind !== 'kubelet').flatMap(ownFiles);
  const file = uid === 0 ? places.find((place) => closed.includes(place)) : undefined;
  if (file === undefined) return undefined;
  return {
    action: 'refuse',
    code: 'read-only',
    reason: `${file} cannot be replaced even by root: it is immutable, or mounted read-only`,
    remedy: `if lsattr ${file} shows i: chattr -i ${file}; if findmnt ${file} shows a mount, find out who has made it`,
  };
}

/** Of the certificate and the key of a leaf those that are no links: a link is moved away, whatever the file is that it leads to. */
function ownFiles({ certificatePath, keyPath, files }: Credential): readonly string[] {
  const own = files.flatMap(({ path, link }) => (link === undefined ? [path] : []));
  return [certificatePath, keyPath].filter((path) => own.includes(path));
}

/** Refuses what would write in a directory that the session cannot write. */
export function unwritableRefusal(directory: string, { uid }: Pick<System, 'uid'>): RefusePlan {
  if (uid !== 0)
    return {
      action: 'refuse',
      code: 'not-root',
      reason: `the session is not root and cannot write ${directory}`,
      remedy: 'set become: true in the play, or run with --become',
    };
  return {
    action: 'refuse',
    code: 'read-only',
    reason: `${directory} cannot be written even by root: its file system is read-only, or it is immutable`,
    remedy:
      `look at dmesg for disk errors; if there are none: mount -o remount,rw "$(findmnt -no TARGET -T ${directory})"; ` +
      `if lsattr -d ${directory} shows i: chattr -i ${directory}`,
  };
}

function neededIn(path: string): typeof MIN_FREE {
  return path === '/etc' || path === '/var' ? MIN_FREE : MIN_FREE_APART;
}

/** Refuses a host without space for backups and new files. */
export function roomRefusal({ space }: System): RefusePlan | undefined {
  const full = space.find(
    ({ path, freeKilobytes, freeInodes = Number.POSITIVE_INFINITY }) =>
      freeKilobytes < neededIn(path).kilobytes || freeInodes < neededIn(path).inodes,
  );
  if (!full) return undefined;
  const needed = neededIn(full.path);
  const inodes = full.freeInodes === undefined ? '' : `, ${full.freeInodes} inodes`;
  return {
    action: 'refuse',
    code: 'no-room',
    reason: `${full.path} is almost full: ${full.freeKilobytes} kB${inodes} free; ${needed.kilobytes} kB and ${needed.inodes} inodes are needed`,
    remedy:
      'free some space first: journalctl --vacuum-size=100M, apt-get clean or dnf clean all; ' +
      `or look for what fills it: du -xhd 2 "$(findmnt -no TARGET -T ${full.path})" | sort -h | tail`,
  };
}
