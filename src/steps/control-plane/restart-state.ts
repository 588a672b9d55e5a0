import { endpointText } from '../../core/endpoint.ts';
import { baseName } from '../../core/host-path.ts';
import type { Change } from '../../core/plan.ts';
import type { PlanContext } from '../../core/step.ts';
import type { World } from '../../core/world.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { served } from '../../facts/certificates/served.ts';
import { processes } from '../../facts/processes/processes.ts';
import { type Condition, isUnusable } from '../../kubeadm/certificates/condition.ts';
import { assess, onlyExpired } from '../../kubeadm/certificates/due.ts';
import { isNeededForEtcd } from '../../kubeadm/certificates/others.ts';
import { unparked } from '../../kubeadm/certificates/transition.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import {
  credentialsReadBy,
  filesFromFuture,
  filesReadBy,
  fingerprintOf,
  type Reader,
  readersOf,
  servingPorts,
  unloadedFile,
} from '../../kubeadm/restarts/restart.ts';
import type { CredentialName } from '../../kubeadm/table.ts';
import { isAsBefore, mayHaveLoadedUndone } from './as-before.ts';
import {
  describeAnswer,
  healthOf,
  impostorAt,
  isHealthy,
  isHidden,
  kubeletServed,
  processOf,
  servedAt,
} from './control-plane-facts.ts';

/**
 * Why a reader of certificates has to be restarted; undefined if it has loaded the files on disk.
 * @param filesLaterBy by how many seconds, at most, the files were read later than the processes: what a task has written in the meantime
 * is not from the future
 * @param before in an undo: what was known before the changes
 */
export function staleness(
  world: World,
  reader: Reader,
  now: Date,
  { filesLaterBy = 0, before }: { readonly filesLaterBy?: number; readonly before?: World | undefined } = {},
): string | undefined {
  const host = world.get(kubernetesFiles);
  const running = processOf(world, reader);
  if (running?.identity === 'planned') return undefined;
  if (host.staticPods.some(({ component, parked }) => component === reader && parked))
    return 'has had its manifest moved aside';
  const planned = plannedCredentials(host, reader);
  if (planned.length > 0) return `${running ? 'reads' : 'is not running and reads'} the new ${planned.join(', ')}`;
  const differing = servesOther(world, host, reader, now);
  if (differing !== undefined) return `serves another certificate than ${differing}`;
  if (!running) {
    if (blockingCredential(host, reader, now)) return undefined;
    if (isHidden(world, reader) && servesAsOnDisk(world, host, reader)) return undefined;
    const impostor = impostorAt(world, reader);
    return impostor === undefined ? 'is not running' : `is not running (${impostor})`;
  }
  if (hasToLoadAgain(world, reader, now, before)) return 'may have loaded what is undone';
  const file = unloadedFile(host, running);
  // kubelet keeps working with what it has loaded; with unusable files, as after a rollback, neither it nor any pod would start.
  if (!file || (reader === 'kubelet' && unusableOf(host, reader, now) !== undefined)) return undefined;
  if (isAsBefore(world, reader, before)) return undefined;
  const clock = running.startedAt + running.age + filesLaterBy;
  const isAhead = filesFromFuture(filesReadBy(host, reader), clock).includes(file);
  return `is older than ${baseName(file.path)}${isAhead ? ", whose time is ahead of the host's clock" : ''}`;
}

/** Whether an undo has to restart a reader, and what it would load is usable. */
function hasToLoadAgain(world: World, reader: Reader, now: Date, before: World | undefined): boolean {
  return (
    mayHaveLoadedUndone(world, reader, before) && unusableOf(world.get(kubernetesFiles), reader, now) === undefined
  );
}

/** Why nothing is restarted: what does not run, and could not with what is on the disk, is not restarted either. */
export function nothingToRestart(world: World): string {
  const ended = readersOf(world.get(kubernetesFiles)).filter(
    (reader) => !isHidden(world, reader) && !processOf(world, reader),
  );
  return ended.length === 0
    ? 'what runs has read the certificates that are on disk'
    : `nothing is restarted: ${ended.join(', ')} cannot run with the certificates that are on disk`;
}

/** A host, or its connection, may take this long to answer; when the answer arrives, its clock is older by as much. */
const ANSWER_SECONDS = 60;

/** By how many seconds, at most, the files were read later than the processes. */
export function filesLaterBy({ observedAt }: Pick<PlanContext, 'observedAt'>): number {
  const seconds = (observedAt(kubernetesFiles).getTime() - observedAt(processes).getTime()) / 1000;
  return seconds > 0 ? seconds + ANSWER_SECONDS : 0;
}

/** @param target a reader, or `namespace/name` of another static pod */
export function restartChange(target: string, reason: string, stage: string): Change {
  return { kind: 'restart', target, before: null, after: null, summary: reason, disruptive: true, stage };
}

/** The credentials of a reader that a planned task will renew. */
function plannedCredentials(host: KubeadmHost, reader: Reader): readonly CredentialName[] {
  const names = new Set(credentialsReadBy(host, reader));
  return host.credentials
    .filter(({ name, holding }) => names.has(name) && holding.state === 'planned')
    .map(({ name }) => name);
}

/** The credential for which a port of this reader serves another certificate. */
function servesOther(world: World, host: KubeadmHost, reader: Reader, now: Date): CredentialName | undefined {
  if (reader === 'kubelet') return kubeletServesOther(world, host, now);
  return servingPorts(host).find((port) => {
    const served = port.component === reader ? servedAt(world, port) : undefined;
    if (served?.state !== 'serving') return false;
    return fingerprintOf(host, port.credential) !== served.certificate.fingerprint;
  })?.credential;
}

/** The serving pair of kubelet, if it serves another one and would start again. */
function kubeletServesOther(world: World, host: KubeadmHost, now: Date): CredentialName | undefined {
  const observed = world.find(kubeletServed(world));
  const onDisk = fingerprintOf(host, 'kubelet-server');
  if (observed?.state !== 'serving' || onDisk === undefined || observed.certificate.fingerprint === onDisk)
    return undefined;
  return unusableOf(host, 'kubelet', now) === undefined ? 'kubelet-server' : undefined;
}

/** Whether it runs: its process is visible, or the host hides its processes and the reader answers. */
export function isRunning(world: World, reader: Reader): boolean {
  return processOf(world, reader) !== undefined || (isHidden(world, reader) && answersNow(world, reader));
}

function answersNow(world: World, reader: Reader): boolean {
  if (reader === 'kubelet') return false;
  const host = world.get(kubernetesFiles);
  const ports = servingPorts(host).filter(({ component }) => component === reader);
  const health = healthOf(host, reader);
  return (
    ports.some((port) => servedAt(world, port).state === 'serving') ||
    (health !== undefined && world.get(health).status !== undefined)
  );
}

/**
 * On a host that hides its processes: whether a served certificate, or the health of a reader, shows that it has loaded the
 * files on disk. Not applicable to kubelet.
 */
function servesAsOnDisk(world: World, host: KubeadmHost, reader: Reader): boolean {
  if (reader === 'kubelet') return true;
  const ports = servingPorts(host).filter(({ component }) => component === reader);
  if (ports.length > 0) return ports.every((port) => ['serving', 'planned'].includes(servedAt(world, port).state));
  const health = healthOf(host, reader);
  return health !== undefined && isHealthy(reader, world.get(health));
}

/** The world after these readers, by their names, have been restarted. */
export function restarted(world: World, readers: ReadonlySet<string>): World {
  const host = world.get(kubernetesFiles);
  const table = world.get(processes);
  const kept = table.processes.filter(({ component }) => !readers.has(component));
  const started = readersOf(host)
    .filter((reader) => readers.has(reader))
    .map((component) => ({
      component,
      pid: 0,
      startTicks: 0,
      startedAt: Number.POSITIVE_INFINITY,
      within: 0,
      age: 0,
      identity: 'planned' as const,
    }));
  return servingPorts(host)
    .filter(({ component }) => readers.has(component))
    .reduce(
      (after, { address, port }) => after.set(served(address, port), { state: 'planned' }),
      world.set(processes, { ...table, processes: [...kept, ...started] }).set(kubernetesFiles, unparked(host)),
    );
}

/** Where to look for the cause if a reader does not run as it should. */
export const UNPROVEN_REMEDY =
  'find out why: journalctl -u kubelet -n 50, crictl ps -a, crictl logs CONTAINER; fix it and run again, or raise timeout';

/** What is still missing to prove that a reader runs with the certificates on disk; undefined if nothing is. */
export function unproven(world: World, reader: Reader, now: Date): string | undefined {
  const stale = staleness(world, reader, now);
  if (stale !== undefined) return `${reader} ${stale}`;
  if (reader === 'kubelet') return undefined;
  const host = world.get(kubernetesFiles);
  for (const port of servingPorts(host).filter(({ component }) => component === reader)) {
    const served = servedAt(world, port);
    if (served.state === 'not up') return `${endpointText(port)} does not serve yet (${served.reason})`;
  }
  const health = healthOf(host, reader);
  const answer = health && world.get(health);
  if (answer && !answer.isUnasked && !isHealthy(reader, answer)) return `${reader} ${describeAnswer(answer)}`;
  return undefined;
}

/** The readers that a reader needs to start. */
const STARTS_AFTER: Readonly<Record<Reader, readonly Reader[]>> = {
  kubelet: [],
  etcd: ['kubelet'],
  'kube-apiserver': ['kubelet', 'etcd'],
  'kube-controller-manager': ['kubelet', 'kube-apiserver'],
  'kube-scheduler': ['kubelet', 'kube-apiserver'],
};

/**
 * The unusable certificate on disk, its own or that of a reader it depends on, that keeps a reader from ever becoming healthy:
 * restarting it, or waiting for it, would be in vain.
 */
export function blockingCredential(host: KubeadmHost, reader: Reader, now: Date): CredentialName | undefined {
  const own = unusableOf(host, reader, now);
  if (own !== undefined) return own;
  for (const before of STARTS_AFTER[reader]) {
    const cause = blockingCredential(host, before, now);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** A reader starts with a certificate in such a condition; but etcd and the API server do not accept it from each other. */
const UNTRUSTED: ReadonlySet<Condition> = new Set([
  'foreign signer',
  'CA expired',
  'usage missing',
  'unsupported extension',
  'unsupported signature',
]);

/** The first credential of a reader that it cannot use. */
export function unusableOf(host: KubeadmHost, reader: Reader, now: Date): CredentialName | undefined {
  const names = new Set(credentialsReadBy(host, reader));
  return host.credentials.find((credential) => {
    if (!names.has(credential.name)) return false;
    const { condition } = assess(credential, onlyExpired(now));
    const isUntrusted = UNTRUSTED.has(condition);
    const isUseless = isUntrusted ? isNeededForEtcd(credential) : isUnusable(condition);
    if (isUseless) return true;
    // The run does not renew it, and still has to wait for its reader.
    if (credential.isOthers && !isNeededForEtcd(credential)) return false;
    return (leafOf(credential.holding)?.notAfter ?? Number.POSITIVE_INFINITY) < now.getTime();
  })?.name;
}
