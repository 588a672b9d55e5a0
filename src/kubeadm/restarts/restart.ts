import { normalPath } from '../../core/host-path.ts';
import { isToBeWritten } from '../certificates/transition.ts';
import { bindPortOf, DEFAULT_API_PORT, type Endpoint } from '../cluster/endpoints.ts';
import { leafOf } from '../host/interpret.ts';
import { type FileState, type KubeadmHost, podOf, type StaticPod } from '../host/model.ts';
import { COMPONENTS, type Component, type CredentialName, PAIRS } from '../table.ts';
import { parseVersion } from '../version.ts';

/** A process that reads certificates: a static pod of the control plane, or kubelet. */
export type Reader = Component | 'kubelet';

/** What is known of a running reader. */
export interface RunningReader extends StartTime {
  readonly component: Reader;
}

/** When a process started. */
export interface StartTime {
  /** Seconds since the epoch, by the host's clock. Infinite: a planned task will start it. */
  readonly startedAt: number;
  /** Uncertainty of `startedAt` in seconds: it may be too late by as much. */
  readonly within: number;
}

/**
 * How many seconds after a file's change a process has to start to be known to have read the new version. `coarse`, with
 * clocks of whole seconds: one for the start of the process, one for a boot time that the kernel corrects, one for the
 * rounding of both. `fine`: what a busy host may take between reading the two clocks.
 */
const PROVABLE_AFTER_SECONDS = { coarse: 3, fine: 0.3 } as const;

/** The maximum of `secondsUntilProvable`: for files written at this moment. */
export const MAX_WAIT_SECONDS = PROVABLE_AFTER_SECONDS.coarse + 1;

/** The credentials that a component reads, by name: from its manifest's flags, so custom paths are respected. */
export function credentialsReadBy(host: KubeadmHost, reader: Reader): readonly CredentialName[] {
  if (reader === 'kubelet')
    return host.credentials.some(({ name }) => name === 'kubelet-client') ? ['kubelet-client'] : [];
  const pod = podOf(host, reader);
  if (!pod) return [];
  const paths = new Set([...pod.flags.values()].map(normalPath));
  return host.credentials
    .filter(({ certificatePath }) => paths.has(normalPath(certificatePath)))
    .map(({ name }) => name);
}

/** The end of the names of kubelet certificates made by kplay; kubelet's own names only contain the time. */
export const KPLAY_PEM = '-kplay.pem';

/**
 * kubelet makes its link immediately after writing the target (client-go's certificate_store.go). A link that is this many
 * seconds younger was made by somebody else, such as a rollback.
 */
const KUBELET_LINK_SECONDS = 10;

/**
 * The files whose change makes a running reader stale. kubelet uses certificates that it renews itself at once. So of its files only these
 * count: those that a plan will write, those that kplay has made, and those to which something other than kubelet has set the link.
 */
export function filesReadBy(host: KubeadmHost, reader: Reader): readonly FileState[] {
  const names = new Set(credentialsReadBy(host, reader));
  const files = host.credentials.filter(({ name }) => names.has(name)).flatMap((credential) => credential.files);
  if (reader !== 'kubelet') return files;
  const madeByKplay = files.filter(
    ({ modifiedAt, link, linkedAt = 0 }) =>
      isToBeWritten({ modifiedAt }) || link?.endsWith(KPLAY_PEM) || linkedAt > modifiedAt + KUBELET_LINK_SECONDS,
  );
  return host.kubelet.file ? [...madeByKplay, host.kubelet.file] : madeByKplay;
}

/**
 * A file that the reader loads at its start and that may be newer than the running process, which has to be restarted then; undefined
 * if all are certainly older. In doubt a file counts as not loaded: a needless restart is noticed at once, a stale certificate only
 * when it expires.
 */
export function unloadedFile(host: KubeadmHost, running: RunningReader): FileState | undefined {
  return newerFile(filesReadBy(host, running.component), running);
}

/** The first of these files that may be newer than a process that loads them at its start. */
export function newerFile(files: readonly FileState[], { startedAt, within }: StartTime): FileState | undefined {
  return files.find((file) => changedUntil(file) >= startedAt - within);
}

/**
 * A changed link makes its target the reader's file, however old the target is. A time in whole seconds has lost its fraction.
 */
function changedUntil({ modifiedAt, linkedAt = modifiedAt }: FileState): number {
  const changedAt = Math.max(modifiedAt, linkedAt);
  return Number.isInteger(changedAt) ? changedAt + 1 : changedAt;
}

/** Seconds until a process started then is certainly younger than its files. `clock` is the host's, in seconds. */
export function secondsUntilProvable(files: readonly FileState[], clock: number): number {
  const newest = Math.max(...files.map(changedUntil), 0);
  const wait = newest + PROVABLE_AFTER_SECONDS[Number.isInteger(clock) ? 'coarse' : 'fine'] - clock;
  // Waiting for a file from the future would not help.
  return wait > 0 && !isAheadOf(newest, clock) ? wait : 0;
}

/**
 * Files with a change time in the future, because the host's clock was set back: no restart would be later than that. `clock`
 * is the host's, in seconds.
 */
export function filesFromFuture(files: readonly FileState[], clock: number): readonly FileState[] {
  return files.filter((file) => isAheadOf(changedUntil(file), clock));
}

/** Whether a time is in the future by more than rounding explains. Planned changes have no time yet. */
function isAheadOf(changedAt: number, clock: number): boolean {
  return changedAt > clock + 1 && changedAt !== Number.POSITIVE_INFINITY;
}

/** A port that serves a certificate, and the credential that it must be. */
export interface ServingPort {
  readonly credential: CredentialName;
  readonly component: Component;
  readonly address: string;
  readonly port: number;
}

/** kubeadm's ports (constants.go). */
export const ETCD_CLIENT_PORT = 2379;
export const ETCD_PEER_PORT = 2380;
/** kubelet's port for logs and metrics. */
export const KUBELET_PORT = 10_250;
/** `--listen-metrics-urls` of kubeadm's etcd manifest: plain HTTP on loopback. */
export const ETCD_METRICS_PORT = 2381;

/** The ports on which a host serves its certificates, according to its manifests; none if they cannot be read. */
export function servingPorts(host: KubeadmHost): readonly ServingPort[] {
  return host.staticPods.flatMap((pod): readonly ServingPort[] => {
    const { component } = pod;
    if (component === 'kube-apiserver') return [{ credential: 'apiserver', component, ...apiEndpoint(pod) }];
    if (component !== 'etcd') return [];
    // Without a certificate it serves plain HTTP.
    const ports: readonly ServingPort[] = [
      { credential: 'etcd-server', component, ...etcdEndpoint(pod, '--listen-client-urls', ETCD_CLIENT_PORT) },
      { credential: 'etcd-peer', component, ...etcdEndpoint(pod, '--listen-peer-urls', ETCD_PEER_PORT) },
    ];
    return ports.filter(({ credential }) => host.credentials.some(({ name }) => name === credential));
  });
}

/** The ports of a host of which only the inventory's address is known, for the first observation. */
export function guessedPorts(address: string | undefined): readonly Pick<ServingPort, 'address' | 'port'>[] {
  return [
    { address: '127.0.0.1', port: DEFAULT_API_PORT },
    { address: '127.0.0.1', port: ETCD_CLIENT_PORT },
    ...(address === undefined ? [] : [{ address, port: ETCD_PEER_PORT }]),
  ];
}

/** Where to ask the API server of a host for its health. */
export function apiEndpoint(pod: StaticPod): Endpoint {
  const bind = pod.flags.get('--bind-address') ?? '0.0.0.0';
  const anywhere = bind === '0.0.0.0' || bind === '::';
  return { address: anywhere ? '127.0.0.1' : bind, port: bindPortOf(pod) };
}

/**
 * The path at which an API server reports whether it is ready: `/readyz` since 1.16; `/healthz` before, and if the manifest
 * does not tell the version.
 */
export function apiHealthPath(pod: StaticPod | undefined): string {
  const version = parseVersion(pod?.version ?? '');
  return version && version.minor >= 16 ? '/readyz' : '/healthz';
}

/** Loopback if etcd listens on it, else the first address of the flag. */
function etcdEndpoint(pod: StaticPod, flag: string, port: number): Endpoint {
  const urls = (pod.flags.get(flag) ?? `https://127.0.0.1:${port}`).split(',');
  const endpoints = urls.flatMap((url) => listenerOf(url) ?? []);
  const anywhere = endpoints.find(({ address }) => address === '0.0.0.0' || address === '::');
  if (anywhere) return { address: '127.0.0.1', port: anywhere.port };
  return endpoints.find(({ address }) => address === '127.0.0.1') ?? endpoints[0] ?? { address: '127.0.0.1', port };
}

/**
 * `http://127.0.0.1:2381` of etcd, where it serves health and metrics without a certificate: a listener for metrics alone, or
 * one for plain-text clients, as kubeadm had it up to 1.9. Undefined if every listener requires a certificate.
 */
export function etcdMetricsEndpoint(pod: StaticPod): Endpoint | undefined {
  const urls = ['--listen-metrics-urls', '--listen-client-urls'].flatMap(
    (flag) => pod.flags.get(flag)?.split(',') ?? [],
  );
  const [plain] = urls.flatMap((url) => (url.trim().startsWith('http:') ? (listenerOf(url) ?? []) : []));
  return plain;
}

/** Where a URL of etcd's listeners listens, `https://[::]:2379`; undefined without a port, which etcd demands. */
function listenerOf(url: string): Endpoint | undefined {
  const match = /^https?:\/\/(?:\[([^\]]+)\]|([^:/]+)):(\d+)/.exec(url.trim());
  const address = match?.[1] ?? match?.[2];
  return match && address !== undefined ? { address, port: Number(match[3]) } : undefined;
}

/** The component that serves a pair, from the table. */
export function serverOf(name: CredentialName): Component | undefined {
  return PAIRS.find((pair) => pair.name === name)?.servedBy;
}

/**
 * The fingerprint of the certificate in a credential's file; undefined if there is none to compare. Serial numbers do not tell: up to
 * Kubernetes 1.27 each serving certificate that a kubelet made has the same (k8s.io/client-go, util/cert).
 */
export function fingerprintOf(host: KubeadmHost, name: CredentialName): string | undefined {
  return leafOf(host.credentials.find((credential) => credential.name === name)?.holding)?.fingerprint;
}

/** The readers of a host, in the order of restarts: kubelet first, since it restarts the others. */
export function readersOf(host: KubeadmHost): readonly Reader[] {
  const pods = COMPONENTS.filter((component) => host.staticPods.some((pod) => pod.component === component));
  return host.credentials.some(({ name }) => name === 'kubelet-client') ? ['kubelet', ...pods] : pods;
}
