import type { RefusePlan } from '../../core/plan.ts';
import { type Authority, type KubeadmHost, podOf } from '../host/model.ts';
import { compareVersions, formatVersion, parseVersion, type Version } from '../version.ts';
import { type Dialect, dialectOf, OLDEST_MINOR, takesCluster } from './dialect.ts';

/** The kubeadm that makes the leaves, and how to call it. */
export interface KubeadmDriver {
  readonly version: Version;
  readonly dialect: Dialect;
}

/** The kubeadm on a host, as far as it is known. */
export interface FoundKubeadm {
  readonly version: Version | undefined;
  /** Why no usable one exists, in a clause. */
  readonly problem: string | undefined;
}

interface DriverRequest {
  /** The host whose kubeadm it is: the one that signs. */
  readonly host: KubeadmHost;
  /** The CAs that sign. */
  readonly authorities: readonly Authority[];
  readonly kubeadm: FoundKubeadm;
  /** Milliseconds; undefined for kubeadm's year. */
  readonly validity: number | undefined;
}

/** @returns a refusal if this kubeadm cannot make them */
export function kubeadmDriver({ host, authorities, kubeadm, validity }: DriverRequest): KubeadmDriver | RefusePlan {
  const { version } = kubeadm;
  const native = 'or choose method: native, which needs no kubeadm and reads the CA key into kplay’s memory to sign';
  if (!version) {
    return {
      action: 'refuse',
      code: 'kubeadm-missing',
      reason: kubeadm.problem ?? 'there is no kubeadm',
      remedy: `install the kubeadm of the cluster's version, ${native}`,
    };
  }
  const dialect = dialectOf(version);
  if (!dialect) {
    return {
      action: 'refuse',
      code: 'kubeadm-version',
      reason: `kubeadm ${formatVersion(version)} is older than 1.${OLDEST_MINOR}`,
      remedy: `upgrade it, ${native}`,
    };
  }
  const cluster = parseVersion(podOf(host, 'kube-apiserver')?.version ?? '');
  if (
    cluster &&
    (version.minor < cluster.minor || version.major < cluster.major) &&
    compareVersions(version, cluster) < 0
  ) {
    return {
      action: 'refuse',
      code: 'kubeadm-version',
      reason: `kubeadm ${formatVersion(version)} is older than the cluster, ${formatVersion(cluster)}`,
      remedy: `install kubeadm ${formatVersion(cluster)}, ${native}`,
    };
  }
  if (cluster && !takesCluster(version, cluster)) {
    return {
      action: 'refuse',
      code: 'kubeadm-version',
      reason: `kubeadm ${formatVersion(version)} is more than one minor version newer than the cluster, ${formatVersion(cluster)}, and refuses it`,
      remedy: `install kubeadm ${formatVersion(cluster)}, ${native}`,
    };
  }
  const unusable = dialect.ecdsaAuthorities
    ? undefined
    : authorities.find(({ certificate }) => certificate?.key.startsWith('ECDSA'));
  if (unusable) {
    return {
      action: 'refuse',
      code: 'kubeadm-cannot',
      reason: `kubeadm ${formatVersion(version)} signs with RSA keys only, and that of ${unusable.name} is ${unusable.certificate?.key}`,
      remedy: 'choose method: native',
    };
  }
  if (validity !== undefined && !dialect.setsValidity) {
    return {
      action: 'refuse',
      code: 'kubeadm-cannot',
      reason: `kubeadm ${formatVersion(version)} cannot make certificates that last longer or shorter than a year`,
      remedy: 'leave validity out, or choose method: native',
    };
  }
  return { version, dialect };
}
