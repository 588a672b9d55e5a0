import { count } from '../../core/count.ts';
import { formatDuration } from '../../core/duration.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isKeyAlgorithm, isUsableKey, type KeyAlgorithm } from '../../pki/public-key.ts';
import { isoDate } from '../../pki/time.ts';
import { type ClusterSettings, clusterVersion, rebuildSettings, UNKNOWN_VERSION } from '../cluster/cluster-settings.ts';
import { endpointRefusal, isFromScratch, kubeconfigServer } from '../cluster/kubeconfig-server.ts';
import type { EndpointSources } from '../cluster/shared-endpoint.ts';
import type { Dialect } from '../driver/dialect.ts';
import { type FoundKubeadm, type KubeadmDriver, kubeadmDriver } from '../driver/kubeadm-driver.ts';
import { distrustRefusal } from '../host/distrust.ts';
import { isSameAuthority } from '../host/kubeconfig-trust.ts';
import { confRemarks } from '../host/kubelet-files.ts';
import type { Authority, Credential, KubeadmHost } from '../host/model.ts';
import { isRewritten, oldLeafOf, patternOf, REWRITTEN } from '../pattern.ts';
import { LEAF_VALIDITY_MS } from '../table.ts';
import { formatVersion } from '../version.ts';
import { authorityRefusal } from './authority-refusal.ts';
import { isDueAtOnce, type RenewBefore } from './due.ts';
import { kubeadmRefusal } from './kubeadm-refusal.ts';
import { missingNames, missingUsages } from './lacking.ts';
import { identityOf, type LeafIdentity } from './leaf-identity.ts';

/** The user's choice of how to make leaves. `auto` and `renew` prefer to renew in place and create what cannot be renewed. */
export type Method = 'auto' | 'renew' | 'phase' | 'native';

/** How one leaf is made: `renew`, `phase` and `user` are kubeadm's commands, `native` is signed by kplay. */
export type Maker = 'renew' | 'phase' | 'user' | 'native';

export interface LeafOrder {
  readonly credential: Credential;
  readonly maker: Maker;
  readonly identity: LeafIdentity;
  /** The certificate that it replaces, in place or moved aside, whoever signed it. */
  readonly old: Certificate | undefined;
  /** The old certificate, if its identity is copied. */
  readonly pattern: Certificate | undefined;
  readonly keyAlgorithm: KeyAlgorithm;
  /** The chain after the old certificate, if it also leads from the new one's signer to a root: it is kept. */
  readonly chain: readonly Certificate[];
  /** The server of a kubeconfig that is written from scratch. */
  readonly server?: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** Differences from the old one, and other remarks. */
  readonly remarks: readonly string[];
}

export interface OrderRequest {
  readonly host: KubeadmHost;
  readonly credentials: readonly Credential[];
  readonly method: Method;
  /** The lifetime of the leaves in milliseconds; undefined for kubeadm's year. */
  readonly validity: number | undefined;
  readonly renewBefore: RenewBefore;
  readonly extraNames: readonly string[];
  readonly kubeadm: FoundKubeadm;
  readonly now: Date;
  /** When the host was observed: a CA that was made in the run begins after `now`. */
  readonly seenAt?: Date;
  /** The master that signs if the host has no CA key; `kubeadm` is then the master's. */
  readonly signer?: { readonly name: string; readonly host: KubeadmHost };
  /** The name of the host's node in the cluster, if known more reliably than from the host itself. */
  readonly nodeName?: string;
  /** What may tell how the API is reached, besides the host itself. */
  readonly sources?: EndpointSources;
}

export interface Orders {
  readonly orders: readonly LeafOrder[];
  readonly settings: ClusterSettings;
  readonly dialect: Dialect | undefined;
}

/** How each due leaf will be made, or why none may be. Pure: the plan shows these orders, and apply carries out exactly them. */
export function orderLeaves(request: OrderRequest): Orders | RefusePlan {
  const { host, credentials, method, kubeadm } = request;
  const signing = request.signer?.host ?? host;
  const authorities = authoritiesOf(signing, credentials);
  const broken = authorities.map((authority) => authorityRefusal(authority, request)).find(Boolean);
  if (broken) return broken;
  const driver = method === 'native' ? undefined : kubeadmDriver({ ...request, host: signing, authorities });
  if (driver && 'action' in driver) return driver;
  const rebuilt = rebuildSettings(
    signing,
    kubeadm.version ? formatVersion(kubeadm.version) : UNKNOWN_VERSION,
    request.sources,
  );
  if ('missing' in rebuilt) {
    return {
      action: 'refuse',
      code: 'files-incomplete',
      reason: `the host's files do not contain ${rebuilt.missing}`,
      remedy:
        'restore the static pod manifests (from a backup, or from another master of this cluster, with this host’s address), then run again',
    };
  }
  const settings = request.nodeName === undefined ? rebuilt : { ...rebuilt, nodeName: request.nodeName };
  const orders: LeafOrder[] = [];
  for (const credential of credentials) {
    const order = orderLeaf(credential, request, { authorities, driver, settings });
    if ('action' in order) return order;
    orders.push(order);
  }
  return { orders, settings, dialect: driver?.dialect };
}

/** The signer and maker of all leaves of a host. */
interface SigningContext {
  readonly authorities: readonly Authority[];
  readonly driver: KubeadmDriver | undefined;
  readonly settings: ClusterSettings;
}

function orderLeaf(
  credential: Credential,
  request: OrderRequest,
  { authorities, driver, settings }: SigningContext,
): LeafOrder | RefusePlan {
  const authority = authorities.find(({ name }) => name === credential.authority);
  const oldChain = oldChainOf(credential);
  // A chain belongs to its signer: it is kept if it begins with the CA that will sign the new leaf.
  const isSigners = oldChain.slice(0, 1).some((one) => isSameAuthority(one, authority?.certificate));
  const chain = isSigners ? oldChain : [];
  const unfit = distrustRefusal(credential, authority, chain, request.now) ?? endpointRefusal(credential, settings);
  if (unfit) return unfit;
  const old = oldLeafOf(credential);
  const pattern = patternOf(credential);
  const wanted = credential.name === 'apiserver' ? request.extraNames : [];
  const identity = identityOf(credential, settings, wanted, driver?.version ?? clusterVersion(settings));
  const isRenewable = oldChain.length === 0 && driver !== undefined && canRenew(credential, driver, pattern, wanted);
  const maker = makerOf(credential, driver, isRenewable && request.method !== 'phase');
  if (driver && pattern && maker !== 'native') {
    const refusal = kubeadmRefusal({ credential, pattern, identity, driver, settings, maker, isRenewable });
    if (refusal) return refusal;
  }
  const notAfter = endOf(credential, request, authority);
  if (typeof notAfter !== 'number') return notAfter;
  if (isDueAtOnce(credential, notAfter, request)) return dueAtOnce(credential, notAfter, request);
  const { keyAlgorithm, remark } = keyAlgorithmOf(old, driver);
  const clamped = notAfter < request.now.getTime() + (request.validity ?? LEAF_VALIDITY_MS);
  const remarks = [
    ...(chain.length > 0 ? [`${count(chain.length, 'certificate')} after it kept`] : []),
    ...(isRewritten(credential) ? [REWRITTEN] : []),
    ...(remark ? [remark] : []),
    ...(clamped ? [`expires with ${credential.authority}`] : []),
    ...identity.remarks,
    ...(credential.kind === 'kubelet' ? confRemarks(request.host) : []),
  ];
  const server = isFromScratch(credential) ? { server: kubeconfigServer(credential, settings) } : {};
  return { credential, maker, identity, old, pattern, keyAlgorithm, chain, notAfter, remarks, ...server };
}

/** Made by kplay itself, or by a command of kubeadm. */
function makerOf({ kind }: Credential, driver: KubeadmDriver | undefined, isRenewed: boolean): LeafOrder['maker'] {
  if (!driver) return 'native';
  if (kind !== 'pair') return 'user';
  return isRenewed ? 'renew' : 'phase';
}

/** The chain after the old certificate in its file, in place or moved aside. */
function oldChainOf({ holding, aside }: Credential): readonly Certificate[] {
  const old = holding.state === 'present' ? holding : aside?.holding;
  return old?.state === 'present' ? old.chain : [];
}

/** Whether `renew` can make a certificate that is alone in its file: not for a missing one, or a new name or usage. */
function canRenew(
  credential: Credential,
  driver: KubeadmDriver,
  pattern: Certificate | undefined,
  wanted: readonly string[],
): boolean {
  if (driver.dialect.renew === undefined || !pattern || missingUsages(credential.name, pattern).length > 0)
    return false;
  // Go does not even parse those with some of these keys.
  if (!isUsableKey(pattern.key)) return false;
  const named: Credential = { ...credential, holding: { state: 'present', certificate: pattern, chain: [] } };
  return missingNames(named, wanted).length === 0;
}

/** When the new leaf ends. kubeadm may make leaves that outlive their CA; those signed by kplay end with it at the latest. */
function endOf(
  credential: Credential,
  { method, now, validity }: OrderRequest,
  authority: Authority | undefined,
): number | RefusePlan {
  const end = now.getTime() + (validity ?? LEAF_VALIDITY_MS);
  const authorityEnd = authority?.certificate?.notAfter ?? Number.POSITIVE_INFINITY;
  if (end <= authorityEnd) return end;
  if (method === 'native') return authorityEnd;
  return {
    action: 'refuse',
    code: 'ca-expires-first',
    reason: `${credential.authority} expires ${isoDate(authorityEnd)}, before the new ${credential.name} would`,
    remedy:
      'choose method: native (its certificates expire with the CA at the latest) or a shorter validity, and plan to replace the CA, because no certificate can outlive it',
  };
}

function dueAtOnce({ name }: Credential, notAfter: number, { renewBefore }: OrderRequest): RefusePlan {
  const wanted = renewBefore.all ? '' : ` of ${formatDuration(renewBefore.milliseconds)}`;
  return {
    action: 'refuse',
    code: 'due-at-once',
    reason: `a new ${name} would expire ${isoDate(notAfter)}, within the renew_before${wanted}: it would be due at once`,
    remedy: 'choose a renew_before that is shorter than the lifetime of new certificates, or a longer validity',
  };
}

function keyAlgorithmOf(
  replaced: Certificate | undefined,
  driver: KubeadmDriver | undefined,
): { keyAlgorithm: KeyAlgorithm; remark?: string } {
  const old = replaced && isKeyAlgorithm(replaced.key) ? replaced.key : 'RSA-2048';
  if (!driver || driver.dialect.keyAlgorithms.includes(old)) {
    return replaced && replaced.key !== old
      ? { keyAlgorithm: old, remark: `key ${replaced.key} → ${old}` }
      : { keyAlgorithm: old };
  }
  return {
    keyAlgorithm: 'RSA-2048',
    remark: `key ${old} → RSA-2048: this kubeadm is only asked for RSA keys; method: native keeps the algorithm`,
  };
}

function authoritiesOf(host: KubeadmHost, credentials: readonly Credential[]): readonly Authority[] {
  const names = new Set(credentials.map(({ authority }) => authority));
  return host.authorities.filter(({ name }) => names.has(name));
}
