import { NEWEST_MINOR } from '../driver/dialect.ts';
import type { KubeadmHost } from '../host/model.ts';
import type { CredentialName } from '../table.ts';
import { advertisedEndpoint, type Endpoint, hostPart } from './endpoints.ts';

/** What may tell how the API is reached, besides the host's own kubeconfigs. */
export interface EndpointSources {
  /** Other hosts of the cluster. */
  readonly hosts: readonly KubeadmHost[];
  /** The servers of users' kubeconfigs for this cluster. */
  readonly servers: readonly string[];
}

/** Where all hosts reach the API: none if masters are addressed directly, unknown if nothing tells. */
export type ToldEndpoint = { readonly endpoint: string | undefined } | 'unknown';

export const NO_SOURCES: EndpointSources = { hosts: [], servers: [] };
const DIRECT: ToldEndpoint = { endpoint: undefined };

/** Since then kubelet of a master uses the API server of its own host (ControlPlaneKubeletLocalMode). */
const LOCAL_KUBELET_MINOR = 33;

/**
 * controlPlaneEndpoint: the load balancer, or the address that moves between masters; undefined if masters are addressed
 * directly.
 */
export function sharedEndpoint(host: KubeadmHost): Endpoint | undefined {
  const own = advertisedEndpoint(host);
  const told = own && toldEndpoint(host, own, NO_SOURCES, NEWEST_MINOR);
  const endpoint = told === undefined || told === 'unknown' ? undefined : told.endpoint;
  if (endpoint === undefined) return undefined;
  const address = hostPart(endpoint);
  return {
    address,
    port: Number(/:(\d+)$/.exec(endpoint.slice(endpoint.indexOf(address) + address.length))?.[1] ?? 443),
  };
}

/**
 * The shared endpoint, by the host's own kubeconfigs, else by others.
 * @param own the address of its own API server
 * @param minor of the cluster's version
 */
export function toldEndpoint(
  host: KubeadmHost,
  own: Endpoint,
  { hosts, servers }: EndpointSources,
  minor: number,
): ToldEndpoint {
  const administrators = serversOf(host, ['admin.conf', 'super-admin.conf']);
  const kubelet = serversOf(host, ['kubelet-client']);
  const shared = [...administrators, ...kubelet].find((server) => !isOf(own, server));
  if (shared !== undefined) return { endpoint: shared };
  if (administrators.length > 0 || (kubelet.length > 0 && minor < LOCAL_KUBELET_MINOR)) return DIRECT;
  return toldByOthers(
    own,
    hosts.filter((other) => other !== host),
    servers,
  );
}

/** A server that a kubeconfig names, and the address of the master that it is on, if it is on one. */
interface Named {
  readonly server: string;
  readonly on: Endpoint | undefined;
}

/**
 * What others reach the API at. A master that names itself, and that nobody else names, tells nothing. A user may reach it from outside of
 * the cluster, so users count only if no host tells anything.
 */
function toldByOthers(own: Endpoint, hosts: readonly KubeadmHost[], servers: readonly string[]): ToldEndpoint {
  const masters = [own, ...hosts.flatMap((host) => advertisedEndpoint(host) ?? [])];
  const byHosts = hosts.flatMap((host): readonly Named[] => {
    const on = host.role === 'control-plane' ? advertisedEndpoint(host) : undefined;
    return serversOf(host, TELLING[host.role]).map((server) => ({ server, on }));
  });
  const byUsers = servers.flatMap(plainServer).map((server) => ({ server, on: undefined }));
  const telling = byHosts.filter((one) => !namesItself(one) || byHosts.some((other) => isAlso(one, other)));
  const [named = []] = [telling, byUsers, byHosts]
    .map((all) => all.filter(isElsewhere))
    .filter(({ length }) => length > 0);
  return toldBy(named, own, masters);
}

function namesItself({ server, on }: Named): boolean {
  return on !== undefined && isOf(on, server);
}

/** Whether another host names the same server. */
function isAlso(one: Named, other: Named): boolean {
  return other.server === one.server && other.on !== one.on;
}

/** The kubeconfigs of other hosts that lead to the shared endpoint. */
const TELLING: Readonly<Record<KubeadmHost['role'], readonly CredentialName[]>> = {
  'control-plane': ['admin.conf', 'super-admin.conf'],
  worker: ['kubelet-client'],
  etcd: [],
  none: [],
};

/** A load balancer on each host of its own is no shared one. */
function isElsewhere({ server }: Named): boolean {
  return !/^(127\.|localhost|\[::1\])/.test(server);
}

/**
 * An address of one master is shared only if all of them name it: without a load balancer kubeadm lets no other master join, unless they
 * were told the address of the first one. That this one names itself tells nothing: somebody may have pointed its file there.
 */
function toldBy(named: readonly Named[], own: Endpoint, masters: readonly Endpoint[]): ToldEndpoint {
  const shared = named.find(({ server }) => !masters.some((master) => isOf(master, server)));
  if (shared) return { endpoint: shared.server };
  const [first, ...others] = new Set(named.map(({ server }) => server));
  if (first === undefined) return 'unknown';
  if (others.length > 0 || isOf(own, first)) return DIRECT;
  return named.every(({ on }) => on && isOf(on, first)) ? 'unknown' : { endpoint: first };
}

/** `10.0.0.1:6443` of `https://10.0.0.1:6443/`, for those of these kubeconfigs that can be read. */
function serversOf({ credentials }: KubeadmHost, names: readonly CredentialName[]): readonly string[] {
  return names.flatMap((name) =>
    plainServer(credentials.find((credential) => credential.name === name)?.kubeconfig?.server ?? ''),
  );
}

function plainServer(server: string): readonly string[] {
  const plain = server.replace(/^https:\/\//, '').replace(/\/$/, '');
  return plain === '' ? [] : [plain];
}

function isOf({ address, port }: Endpoint, server: string): boolean {
  return server === `${address}:${port}` || server === `[${address}]:${port}`;
}
