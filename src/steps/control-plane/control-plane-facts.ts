import type { FactRef } from '../../core/fact.ts';
import { shortened } from '../../core/shortened.ts';
import type { World } from '../../core/world.ts';
import { type Answer, answer } from '../../facts/answer.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type Served, served } from '../../facts/certificates/served.ts';
import { processes } from '../../facts/processes/processes.ts';
import { DEFAULT_API_PORT } from '../../kubeadm/cluster/endpoints.ts';
import { leafOf } from '../../kubeadm/host/interpret.ts';
import { type Credential, type KubeadmHost, podOf, type StaticPod } from '../../kubeadm/host/model.ts';
import { impostorOf, type NamedProcess, processesOf } from '../../kubeadm/restarts/reader-process.ts';
import {
  apiEndpoint,
  apiHealthPath,
  ETCD_METRICS_PORT,
  etcdMetricsEndpoint,
  guessedPorts,
  KUBELET_PORT,
  newerFile,
  type Reader,
  type ServingPort,
  type StartTime,
  servingPorts,
} from '../../kubeadm/restarts/restart.ts';
import type { Component } from '../../kubeadm/table.ts';
import { parseVersion } from '../../kubeadm/version.ts';

/** kubeadm's ports for these two, on loopback; /healthz needs no authentication (constants.go). */
const HEALTH_PORTS = { 'kube-controller-manager': 10257, 'kube-scheduler': 10259 } as const;

/** Their ports before 1.13: until then the scheduler had no other (CHANGELOG-1.12 and -1.13). */
const CLEAR_HEALTH_PORTS = { 'kube-controller-manager': 10252, 'kube-scheduler': 10251 } as const;

function servesInTheClear({ version: text }: StaticPod): boolean {
  const version = parseVersion(text ?? '');
  return version !== undefined && version.minor < 13;
}

/**
 * The processes of the control plane, what they serve, and their health: guessed addresses at first, those of the manifests
 * once known.
 */
export function controlPlaneFacts(known: World, address: string | undefined): readonly FactRef[] {
  const host = known.find(kubernetesFiles);
  const ports = host ? servingPorts(host) : guessedPorts(address);
  const health = host ? healthAnswers(host) : GUESSED_HEALTH;
  return [kubernetesFiles, processes, ...ports.map(({ address: at, port }) => served(at, port)), ...health];
}

const GUESSED_HEALTH: readonly FactRef<Answer>[] = [
  answer({ kind: 'http', address: '127.0.0.1', port: ETCD_METRICS_PORT, path: '/health' }),
  answer({ kind: 'https', address: '127.0.0.1', port: DEFAULT_API_PORT, path: '/readyz' }),
  ...Object.values(HEALTH_PORTS).map((port) => answer({ kind: 'https', address: '127.0.0.1', port, path: '/healthz' })),
];

function healthAnswers(host: KubeadmHost): readonly FactRef<Answer>[] {
  return host.staticPods.flatMap(({ component }) => healthOf(host, component) ?? []);
}

/** What a reader serves and its health, if its manifest tells where. */
export function readerFacts(host: KubeadmHost, reader: Reader): readonly FactRef[] {
  const ports = servingPorts(host).filter(({ component }) => component === reader);
  const health = reader === 'kubelet' ? undefined : healthOf(host, reader);
  return [...ports.map(({ address, port }) => served(address, port)), ...(health ? [health] : [])];
}

/**
 * The fact that tells which certificate kubelet serves. It is needed only if the pair on disk is younger than the process, which has not
 * made it itself. Then either the cluster has signed it, or somebody has put it there, as a rollback does, and the files do not tell which.
 */
export function kubeletServed(known: World): FactRef<Served> | undefined {
  const [host, table] = [known.find(kubernetesFiles), known.find(processes)];
  const [running] = host && table ? processesOf(host, table, 'kubelet') : [];
  const pair = host?.credentials.find(({ name }) => name === 'kubelet-server');
  if (!running || !pair) return undefined;
  return newerFile(pair.files, running) && !isMadeBy(running, pair) ? served('127.0.0.1', KUBELET_PORT) : undefined;
}

/**
 * Whether a running kubelet has made its serving pair itself, as it does at its start without one: the subject ends with the time
 * (k8s.io/client-go, util/cert: GenerateSelfSignedCertKey).
 */
function isMadeBy({ startedAt, within }: StartTime, { holding, selfSigned }: Credential): boolean {
  const [, madeAt] = /@(\d+)$/.exec(leafOf(holding)?.subject.commonName ?? '') ?? [];
  return selfSigned === true && madeAt !== undefined && Number(madeAt) + 1 >= startedAt - within;
}

/** The health endpoint of a component; undefined if it has none without authentication. */
export function healthOf(host: KubeadmHost, component: Component): FactRef<Answer> | undefined {
  const pod = podOf(host, component);
  if (!pod) return undefined;
  if (component === 'kube-apiserver') return answer({ kind: 'https', ...apiEndpoint(pod), path: apiHealthPath(pod) });
  if (component === 'etcd') {
    const endpoint = etcdMetricsEndpoint(pod);
    return endpoint && answer({ kind: 'http', ...endpoint, path: '/health' });
  }
  const isClear = servesInTheClear(pod);
  const [bindFlag, portFlag] = isClear ? ['--address', '--port'] : ['--bind-address', '--secure-port'];
  const bind = pod.flags.get(bindFlag) ?? '127.0.0.1';
  const address = bind === '0.0.0.0' || bind === '::' ? '127.0.0.1' : bind;
  const port = Number(pod.flags.get(portFlag) ?? (isClear ? CLEAR_HEALTH_PORTS : HEALTH_PORTS)[component]);
  // "If 0, don't serve HTTPS at all" (their own help); and so of HTTP.
  if (port === 0) return undefined;
  return answer({ kind: isClear ? 'http' : 'https', address, port, path: '/healthz' });
}

/** The answers of a healthy server that requires a certificate: `--anonymous-auth=false`, or no role for anonymous users. */
const WITHHELD: readonly (number | undefined)[] = [401, 403];

/**
 * Whether it reports that it is healthy. A server that rejects anonymous requests counts as healthy: its clients prove the
 * rest.
 */
export function isHealthy(component: Component, { status, text }: Answer): boolean {
  if (component === 'etcd') return status === 200 && /"health"\s*:\s*"?true/.test(text);
  return status === 200 || WITHHELD.includes(status);
}

/** The alarm of an etcd cluster: its members are up, and all of them report it as unhealthy. */
export function alarmIn({ text }: Answer): string | undefined {
  return /"reason"\s*:\s*"ALARM (\w+)/.exec(text)?.[1];
}

/** An answer in one line, for people: `answers 500, etcd: context deadline exceeded`. */
export function describeAnswer({ status, text }: Answer): string {
  const line = shortened(text.trim().split('\n').at(-1) ?? '', 160);
  if (status === undefined) return `does not answer${line === '' ? '' : `: ${line}`}`;
  return `answers ${status}${line === '' ? '' : `, ${line}`}`;
}

/** The running process of a reader; the youngest if an old one is still ending. */
export function processOf(world: World, reader: Reader): NamedProcess | undefined {
  return allProcessesOf(world, reader)[0];
}

/** All running processes of this reader. */
export function allProcessesOf(world: World, reader: Reader): readonly NamedProcess[] {
  return processesOf(world.get(kubernetesFiles), world.get(processes), reader);
}

/**
 * Whether it is unknown if this reader runs: the host does not show its processes, for instance when observed from a container.
 */
export function isHidden(world: World, reader: Reader): boolean {
  return !world.get(processes).visible && processOf(world, reader) === undefined;
}

/** A process with the name of a reader that is not that reader, if the reader itself is not running. */
export function impostorAt(world: World, reader: Reader): string | undefined {
  return impostorOf(world.get(kubernetesFiles), world.get(processes), reader);
}

/** What was seen on a port, which `controlPlaneFacts` ask. */
export function servedAt(world: World, { address, port }: ServingPort): Served {
  return world.get(served(address, port));
}
