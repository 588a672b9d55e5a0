import type { RefusePlan } from '../../core/plan.ts';
import { canonicalName } from '../../pki/alternative-name.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isKeyAlgorithm, type KeyAlgorithm } from '../../pki/public-key.ts';
import { type ClusterSettings, clusterVersion, rebuildSettings, UNKNOWN_VERSION } from '../cluster/cluster-settings.ts';
import { endpointRefusal } from '../cluster/kubeconfig-server.ts';
import type { EndpointSources } from '../cluster/shared-endpoint.ts';
import { type Dialect, dialectOf, takesCluster } from '../driver/dialect.ts';
import type { FoundKubeadm } from '../driver/kubeadm-driver.ts';
import type { Credential, KubeadmHost } from '../host/model.ts';
import { oldLeafOf, patternOf } from '../pattern.ts';
import { formatVersion, parseVersion, type Version } from '../version.ts';
import { identityByRule, identityLike, kubeletIdentity, type LeafIdentity } from './leaf-identity.ts';
import { sameNames, sameWords } from './pending-request.ts';

/** Who makes a private key and its request: the kubeadm of the host, or kplay, which passes the key to the host. */
export type RequestMaker = 'kubeadm' | 'kplay';

export interface RequestOrder {
  readonly credential: Credential;
  readonly maker: RequestMaker;
  readonly identity: LeafIdentity;
  /** The certificate to be replaced, if its identity is requested. */
  readonly pattern: Certificate | undefined;
  readonly keyAlgorithm: KeyAlgorithm;
}

export interface RequestOrders {
  readonly orders: readonly RequestOrder[];
  /** How to call kubeadm; undefined if kplay makes all of them. */
  readonly kubeadm: { readonly settings: ClusterSettings; readonly dialect: Dialect } | undefined;
}

export interface RequestParameters {
  readonly host: KubeadmHost;
  readonly credentials: readonly Credential[];
  /** `auto`: kubeadm if its request would match the old certificate, kplay otherwise. */
  readonly keys: 'auto' | RequestMaker;
  readonly extraNames: readonly string[];
  /** What may tell how the API is reached, besides the host itself. */
  readonly sources?: EndpointSources;
  /** The name of the host's node in the cluster; needed only for kubelet's certificate. */
  readonly nodeName: string | undefined;
  readonly kubeadm: FoundKubeadm;
}

/** How each request will be made, or why none may be. Pure. */
export function orderRequests(request: RequestParameters): RequestOrders | RefusePlan {
  const { host, credentials, keys } = request;
  const driver = keys === 'kplay' ? undefined : driverOf(request);
  if (keys === 'kubeadm' && (!driver || 'problem' in driver))
    return refusal(driver?.problem ?? 'the kubeadm of the host cannot be used');
  const kubeadm = driver && 'settings' in driver ? driver : undefined;
  const orders: RequestOrder[] = [];
  for (const credential of credentials) {
    const order = orderOne(credential, host, request, kubeadm);
    if ('action' in order) return order;
    orders.push(order);
  }
  return { orders, kubeadm: orders.some(({ maker }) => maker === 'kubeadm') ? kubeadm : undefined };
}

interface Driver {
  readonly settings: ClusterSettings;
  readonly dialect: Dialect;
  readonly version: Version;
}

function driverOf({ host, kubeadm, sources }: RequestParameters): Driver | { readonly problem: string } {
  const { version } = kubeadm;
  if (!version) return { problem: kubeadm.problem ?? 'there is no kubeadm' };
  const dialect = dialectOf(version);
  if (!dialect?.generateRequests) return { problem: `kubeadm ${formatVersion(version)} makes no requests` };
  const settings = rebuildSettings(host, formatVersion(version), sources);
  if ('missing' in settings) return { problem: `the host's files do not contain ${settings.missing}` };
  const cluster = parseVersion(settings.kubernetesVersion);
  if (cluster && !takesCluster(version, cluster))
    return { problem: `kubeadm ${formatVersion(version)} refuses a cluster of ${formatVersion(cluster)}` };
  return { settings, dialect, version };
}

function orderOne(
  credential: Credential,
  host: KubeadmHost,
  request: RequestParameters,
  driver: Driver | undefined,
): RequestOrder | RefusePlan {
  const { keys, extraNames } = request;
  const [old, pattern] = [oldLeafOf(credential), patternOf(credential)];
  const wanted = credential.name === 'apiserver' ? extraNames : [];
  const identity = identityFor(credential, request, wanted, driver);
  if ('action' in identity) return identity;
  if ('missing' in identity) {
    return {
      action: 'refuse',
      code: 'files-incomplete',
      reason: `the old ${credential.name} cannot be read, and the host's files do not contain ${identity.missing}`,
      remedy: 'restore the certificate from a backup, or the static pod manifests, then run again',
    };
  }
  const keyAlgorithm = old && isKeyAlgorithm(old.key) ? old.key : 'RSA-2048';
  const order = { credential, identity, pattern, keyAlgorithm };
  const difference = driver && kubeadmDifference(order, host, driver, wanted);
  if (driver && difference === undefined) return { ...order, maker: 'kubeadm' };
  if (keys === 'kubeadm') return refusal(`kubeadm would not request the same ${credential.name}: ${difference ?? ''}`);
  return { ...order, maker: 'kplay' };
}

function identityFor(
  credential: Credential,
  { host, nodeName, sources }: RequestParameters,
  wanted: readonly string[],
  driver: Driver | undefined,
): LeafIdentity | RefusePlan | { readonly missing: string } {
  if (credential.kind === 'kubelet')
    return nodeName === undefined ? { missing: 'the name of its node' } : kubeletIdentity(credential, nodeName);
  const pattern = patternOf(credential);
  if (pattern) return identityLike(credential.name, pattern, wanted);
  const settings = driver?.settings ?? rebuildSettings(host, UNKNOWN_VERSION, sources);
  if ('missing' in settings) return settings;
  const refusal = credential.kind === 'pair' ? endpointRefusal(credential, settings) : undefined;
  return refusal ?? identityByRule(credential, settings, wanted, driver?.version ?? clusterVersion(settings));
}

/** How kubeadm's own request would differ from what is required; undefined if it would not, as far as is known. */
function kubeadmDifference(
  { credential, identity, pattern, keyAlgorithm }: Omit<RequestOrder, 'maker'>,
  host: KubeadmHost,
  { settings, dialect, version }: Driver,
  wanted: readonly string[],
): string | undefined {
  const { name } = credential;
  if (name === 'kubelet-client') return 'it makes none for a kubelet that has joined';
  if (name === 'apiserver-etcd-client' && host.etcd === 'external') return 'it makes none for an external etcd';
  if (!dialect.keyAlgorithms.includes(keyAlgorithm)) return `it makes no key of ${keyAlgorithm}`;
  const own = identityByRule(credential, settings, wanted, version);
  if (own.commonName !== identity.commonName) return `it would name ${own.commonName}, not ${identity.commonName}`;
  if (!sameWords(own.organizations, identity.organizations)) return 'it would give it other groups';
  const names = [...own.dnsNames, ...own.ipAddresses, ...namesBesides(name, settings)].map(canonicalName);
  if (!sameNames(names, [...identity.dnsNames, ...identity.ipAddresses].map(canonicalName)))
    return 'it would give it other names';
  const isPlain = !pattern || (pattern.otherNames.length === 0 && isKubeadmSubject(pattern.subject.text));
  return isPlain ? undefined : 'it does not support some parts of its identity';
}

/** The names that the rebuilt configuration adds. */
function namesBesides(name: Credential['name'], settings: ClusterSettings): readonly string[] {
  if (name === 'apiserver') return settings.apiServerNames;
  if (name === 'etcd-server') return settings.etcdServerNames;
  return name === 'etcd-peer' ? settings.etcdPeerNames : [];
}

function isKubeadmSubject(text: string): boolean {
  return text.split(/, |\+/).every((part) => /^(CN|O)=/.test(part));
}

function refusal(reason: string): RefusePlan {
  return {
    action: 'refuse',
    code: 'request-keys',
    reason,
    remedy:
      'leave keys at auto, or choose keys: kplay, with which the key is made in kplay’s memory and handed to the host',
  };
}
