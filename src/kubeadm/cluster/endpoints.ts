import { type KubeadmHost, type KubeconfigShape, podOf, type StaticPod } from '../host/model.ts';

export interface Endpoint {
  /** An address or a name. */
  readonly address: string;
  readonly port: number;
}

/** The address at which the host's own API server is advertised; undefined if its manifest does not tell. */
export function advertisedEndpoint(host: KubeadmHost): Endpoint | undefined {
  const api = podOf(host, 'kube-apiserver');
  const address = api?.flags.get('--advertise-address');
  return address === undefined ? undefined : { address, port: bindPortOf(api) };
}

/** Where kubelet reaches the API; undefined if its kubeconfig cannot be read. */
export function kubeletEndpoint({ kubelet }: KubeadmHost): Endpoint | undefined {
  return serverEndpoint(kubelet.kubeconfig);
}

/** The host and port in the server of a kubeconfig; undefined if it is unknown. */
export function serverEndpoint(kubeconfig: Pick<KubeconfigShape, 'server'> | undefined): Endpoint | undefined {
  return urlEndpoint(kubeconfig?.server ?? '', 443);
}

/** The host and port of a URL; undefined if it is none. @param defaultPort if it names none */
export function urlEndpoint(url: string, defaultPort: number): Endpoint | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  return { address: hostPart(hostname), port: Number(port || defaultPort) };
}

/** kubeadm's port of the API server (constants.go). */
export const DEFAULT_API_PORT = 6443;

/** The port that the API server is told to serve. */
export function bindPortOf(api: StaticPod | undefined): number {
  return Number(api?.flags.get('--secure-port') ?? DEFAULT_API_PORT);
}

/** Host part of `host`, `host:port` or `[v6]:port`. */
export function hostPart(endpoint: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(endpoint);
  if (bracketed) return bracketed[1] ?? endpoint;
  return endpoint.split(':').length === 2 ? (endpoint.split(':')[0] ?? endpoint) : endpoint;
}

const VERSIONED = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** The version of the control plane, `1.33.13`, by the first of its images with a tag: others may be named by a digest. */
export function imageVersion(host: KubeadmHost): string | undefined {
  return VERSIONED.flatMap((component) => podOf(host, component)?.version ?? [])[0];
}
