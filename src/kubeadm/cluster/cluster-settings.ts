import { canonicalName } from '../../pki/alternative-name.ts';
import { formatIp, ipBytes } from '../../pki/ip-address.ts';
import { NEWEST_MINOR } from '../driver/dialect.ts';
import { type Credential, type KubeadmHost, podOf, type ServerNames, type StaticPod } from '../host/model.ts';
import { patternOf } from '../pattern.ts';
import { parseVersion, type Version } from '../version.ts';
import { bindPortOf, hostPart, imageVersion, serverEndpoint } from './endpoints.ts';
import { type EndpointSources, NO_SOURCES, toldEndpoint } from './shared-endpoint.ts';

/** A host's kubeadm configuration, rebuilt from the host's own files without asking the API. */
export interface ClusterSettings {
  readonly kubernetesVersion: string;
  readonly imageRepository: string | undefined;
  readonly nodeName: string;
  readonly advertiseAddress: string;
  readonly bindPort: number;
  readonly controlPlaneEndpoint: string | undefined;
  /** Nothing tells whether there is a controlPlaneEndpoint; or nothing any more, once an earlier task has added names to apiserver.crt. */
  readonly endpointUnknown?: 'untold' | 'names added';
  readonly serviceSubnet: string;
  readonly podSubnet: string | undefined;
  readonly dnsDomain: string;
  readonly clusterName: string | undefined;
  readonly criSocket: string | undefined;
  readonly externalEtcd:
    | {
        readonly endpoints: readonly string[];
        readonly caFile: string;
        readonly certFile: string;
        readonly keyFile: string;
      }
    | undefined;
  readonly etcdDataDirectory: string | undefined;
  /** Names of the old certificates that kubeadm would not add by itself. */
  readonly apiServerNames: readonly string[];
  readonly etcdServerNames: readonly string[];
  readonly etcdPeerNames: readonly string[];
}

/** In place of a version, if neither a manifest nor kubeadm tells it. */
export const UNKNOWN_VERSION = '0.0.0';

/** The version of the cluster. An unknown one counts as the newest: older ones gave certificates the rights of system:masters. */
export function clusterVersion({ kubernetesVersion }: Pick<ClusterSettings, 'kubernetesVersion'>): Version {
  const version = parseVersion(kubernetesVersion);
  return version && version.major > 0 ? version : { major: 1, minor: NEWEST_MINOR, patch: 0 };
}

const DEFAULT_SERVICE_SUBNET = '10.96.0.0/12';
const DEFAULT_DNS_DOMAIN = 'cluster.local';

/**
 * The settings of a control plane host, each from the first of its own files that contains it.
 * @returns a description of what is missing if a required file does not contain it
 */
export function rebuildSettings(
  host: KubeadmHost,
  kubeadmVersion: string,
  sources: EndpointSources = NO_SOURCES,
): ClusterSettings | { readonly missing: string } {
  const api = podOf(host, 'kube-apiserver');
  const controller = podOf(host, 'kube-controller-manager');
  const advertiseAddress =
    api?.flags.get('--advertise-address') ?? addressOf(podOf(host, 'etcd')?.flags.get('--listen-peer-urls'));
  if (advertiseAddress === undefined)
    return { missing: 'the advertise address: no kube-apiserver or etcd manifest contains it' };
  if (host.nodeName === undefined)
    return { missing: "the node's name: neither certificates nor kubelet.conf contain it" };
  const bindPort = bindPortOf(api);
  const names = oldNames(host, 'apiserver');
  const kubernetesVersion = imageVersion(host) ?? kubeadmVersion.replace(/^v/, '');
  const { minor } = clusterVersion({ kubernetesVersion });
  // What users come through from outside is not among the names.
  const servers = sources.servers.filter((server) => !names || isCertified(names, server));
  const told = toldEndpoint(host, { address: advertiseAddress, port: bindPort }, { ...sources, servers }, minor);
  const base = {
    kubernetesVersion,
    imageRepository: repositoryOf(api?.image),
    nodeName: host.nodeName,
    advertiseAddress,
    bindPort,
    controlPlaneEndpoint: told === 'unknown' ? undefined : told.endpoint,
    serviceSubnet:
      api?.flags.get('--service-cluster-ip-range') ??
      controller?.flags.get('--service-cluster-ip-range') ??
      DEFAULT_SERVICE_SUBNET,
    podSubnet: controller?.flags.get('--cluster-cidr'),
    dnsDomain: dnsDomainOf(api, names, host),
    clusterName: controller?.flags.get('--cluster-name'),
    criSocket: host.kubelet.containerRuntimeEndpoint,
    externalEtcd: externalEtcdOf(host, api),
    etcdDataDirectory: podOf(host, 'etcd')?.flags.get('--data-dir'),
  };
  const apiServerNames = extraNamesOf(names, apiServerNamesOf(base));
  // A load balancer is among the names of the API server: without further ones there is none.
  const isUnknown = told === 'unknown' && (names === undefined || apiServerNames.length > 0);
  const replaced = replacedNames(host);
  const wasKnown = replaced !== undefined && extraNamesOf(replaced, apiServerNamesOf(base)).length === 0;
  return {
    ...base,
    ...(isUnknown && { endpointUnknown: wasKnown ? 'names added' : 'untold' }),
    apiServerNames,
    etcdServerNames: extraNamesOf(oldNames(host, 'etcd-server'), etcdNamesOf(base)),
    etcdPeerNames: extraNamesOf(oldNames(host, 'etcd-peer'), etcdNamesOf(base)),
  };
}

type NameSettings = Pick<
  ClusterSettings,
  'nodeName' | 'advertiseAddress' | 'serviceSubnet' | 'dnsDomain' | 'controlPlaneEndpoint'
>;

/** The names that kubeadm gives apiserver.crt by default (pki_helpers.go, GetAPIServerAltNames). */
export function apiServerNamesOf(settings: NameSettings): readonly string[] {
  const service = settings.serviceSubnet.split(',').map((subnet) => firstAddress(subnet.trim()));
  const endpoint = settings.controlPlaneEndpoint === undefined ? [] : [hostPart(settings.controlPlaneEndpoint)];
  return [
    settings.nodeName,
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${settings.dnsDomain}`,
    ...service.slice(0, 1).flatMap((address) => address ?? []),
    settings.advertiseAddress,
    ...endpoint,
  ];
}

/** The extra names of the API server's certificate. kubeadm adds its own; repeating them would duplicate them in old versions. */
export function additionalNames(settings: ClusterSettings, wanted: readonly string[]): readonly string[] {
  const own = new Set(apiServerNamesOf(settings).map(canonicalName));
  return [...new Set([...settings.apiServerNames, ...wanted])].filter((name) => !own.has(canonicalName(name)));
}

/** The names that kubeadm gives etcd/server.crt and etcd/peer.crt by default. */
export function etcdNamesOf(settings: Pick<NameSettings, 'nodeName' | 'advertiseAddress'>): readonly string[] {
  return [settings.nodeName, 'localhost', settings.advertiseAddress, '127.0.0.1', '::1'];
}

/** First usable address of a subnet: `10.96.0.1` for `10.96.0.0/12`, and for `10.96.7.0/12` too. */
export function firstAddress(subnet: string): string | undefined {
  const [address = '', length] = subnet.split('/');
  const bytes = ipBytes(address);
  if (!bytes) return undefined;
  const network = bytes.map((byte, index) => {
    const hostBits = Math.min(8, Math.max(0, (index + 1) * 8 - Number(length ?? bytes.length * 8)));
    return (byte >> hostBits) << hostBits;
  });
  const last = network.length - 1;
  network[last] = (network[last] ?? 0) + 1;
  return formatIp(network);
}

/**
 * The names in a leaf that the CA has signed. If an earlier task will make the leaf, they are the names that it will have: a run reads them
 * from the new leaf, and has to conclude the same as the plan.
 */
function oldNames(host: KubeadmHost, name: Credential['name']): ServerNames | undefined {
  const credential = host.credentials.find((candidate) => candidate.name === name);
  const planned = credential?.holding.state === 'planned' ? credential.holding.names : undefined;
  return planned ?? patternOf(credential);
}

/** The names of the API server's certificate before an earlier task. */
function replacedNames({ credentials }: KubeadmHost): ServerNames | undefined {
  const api = credentials.find(({ name }) => name === 'apiserver');
  return api?.holding.state === 'planned' ? api.holding.replaces : undefined;
}

/** Whether a certificate has the name or address in a URL. */
function isCertified({ dnsNames, ipAddresses }: ServerNames, server: string): boolean {
  const name = canonicalName(serverEndpoint({ server })?.address ?? '');
  return [...dnsNames, ...ipAddresses].some((one) => canonicalName(one) === name);
}

function extraNamesOf(certificate: ServerNames | undefined, standard: readonly string[]): readonly string[] {
  if (!certificate) return [];
  const known = new Set(standard.map(canonicalName));
  return [...certificate.dnsNames, ...certificate.ipAddresses].filter((name) => !known.has(canonicalName(name)));
}

/** `https://10.0.0.1:2380` gives `10.0.0.1`. */
function addressOf(url: string | undefined): string | undefined {
  const authority = /^https?:\/\/([^/,]+)/.exec(url ?? '')?.[1];
  return authority === undefined ? undefined : hostPart(authority);
}

function dnsDomainOf(api: StaticPod | undefined, names: ServerNames | undefined, host: KubeadmHost): string {
  const issuer = (api?.flags.get('--service-account-issuer') ?? '')
    .split(',')
    .flatMap((url) => /^https:\/\/kubernetes\.default\.svc\.(.+)$/.exec(url)?.[1] ?? [])[0];
  const prefix = 'kubernetes.default.svc.';
  const inNames = names?.dnsNames.find((name) => name.startsWith(prefix))?.slice(prefix.length);
  return inNames ?? issuer ?? host.kubelet.clusterDomain ?? DEFAULT_DNS_DOMAIN;
}

function repositoryOf(image: string | undefined): string | undefined {
  const repository = image?.slice(0, image.lastIndexOf('/'));
  return repository === '' ? undefined : repository;
}

function externalEtcdOf(host: KubeadmHost, api: StaticPod | undefined): ClusterSettings['externalEtcd'] {
  if (host.etcd !== 'external') return undefined;
  return {
    endpoints: (api?.flags.get('--etcd-servers') ?? '').split(',').filter((endpoint) => endpoint !== ''),
    caFile: api?.flags.get('--etcd-cafile') ?? '',
    certFile: api?.flags.get('--etcd-certfile') ?? '',
    keyFile: api?.flags.get('--etcd-keyfile') ?? '',
  };
}
