import type { Version } from '../version.ts';

export type ConfigApi = 'v1alpha1' | 'v1alpha2' | 'v1alpha3' | 'v1beta1' | 'v1beta2' | 'v1beta3' | 'v1beta4';

/**
 * How one minor version of kubeadm is spoken to: the binary on the host decides, not the cluster.
 *
 * Sources: cmd/kubeadm/app/cmd/{certs,phases,alpha}; kubernetes/kubernetes#97706 (alpha certs removed in 1.21), #94938 (certs
 * in 1.20), kubeadm#1216 (renew in 1.12), #94879 (kubeconfig user --config in 1.20); kubeadm-config.v1beta4 (1.31).
 */
export interface Dialect {
  readonly config: ConfigApi;
  /** Words before the name of a certificate to renew in place; undefined where kubeadm cannot. */
  readonly renew: readonly string[] | undefined;
  /**
   * To renew takes away the group system:masters, from all but kubeconfigs: in 1.29 alone, on the way to its own groups
   * (kubernetes/kubernetes#121841; seen with 1.29.6, and no more with 1.33).
   */
  readonly renewTakesMasters: boolean;
  /** Words before the name of a certificate to create. */
  readonly phase: readonly string[];
  /** Words of the command that makes keys and requests for all certificates; undefined where there is none. */
  readonly generateRequests: readonly string[] | undefined;
  /** Words of the command that prints a kubeconfig for any user. */
  readonly kubeconfigUser: readonly string[];
  /** `kubeconfig user` reads the configuration file; before 1.20 it took flags. */
  readonly kubeconfigUserReadsConfig: boolean;
  /** The configuration can set how long leaf certificates last. */
  readonly setsValidity: boolean;
  /** It signs with the ECDSA key of a CA (kubernetes/kubernetes#76390, in 1.15). */
  readonly ecdsaAuthorities: boolean;
  /** The configuration can set the algorithm of keys. */
  readonly keyAlgorithms: readonly string[];
}

export const OLDEST_MINOR = 8;
export const NEWEST_MINOR = 37;

/** @returns undefined for a kubeadm older than 1.8. Newer ones than are known are spoken to as the newest known. */
export function dialectOf(version: Version): Dialect | undefined {
  if (version.major !== 1 || version.minor < OLDEST_MINOR) return undefined;
  const { minor } = version;
  return {
    config: configApi(minor),
    renew: renewWords(minor),
    renewTakesMasters: minor === 29,
    phase: minor <= 12 ? ['alpha', 'phase', 'certs'] : ['init', 'phase', 'certs'],
    generateRequests: requestWords(minor),
    kubeconfigUser: kubeconfigWords(minor),
    kubeconfigUserReadsConfig: minor >= 20,
    setsValidity: minor >= 31,
    ecdsaAuthorities: minor >= 15,
    keyAlgorithms: keyAlgorithms(minor),
  };
}

/** A kubeadm takes the version of a cluster of its own minor or the one before (util.NormalizedKubernetesVersion). */
export function takesCluster(kubeadm: Version, cluster: Version): boolean {
  return kubeadm.major === cluster.major && kubeadm.minor - cluster.minor <= 1;
}

function configApi(minor: number): ConfigApi {
  if (minor <= 10) return 'v1alpha1';
  if (minor === 11) return 'v1alpha2';
  if (minor === 12) return 'v1alpha3';
  if (minor <= 14) return 'v1beta1';
  if (minor <= 21) return 'v1beta2';
  return minor <= 30 ? 'v1beta3' : 'v1beta4';
}

function renewWords(minor: number): readonly string[] | undefined {
  if (minor < 12) return undefined;
  if (minor === 12) return ['alpha', 'phase', 'certs', 'renew'];
  return minor <= 19 ? ['alpha', 'certs', 'renew'] : ['certs', 'renew'];
}

/** kubeadm#2163: from 1.19 on. */
function requestWords(minor: number): readonly string[] | undefined {
  if (minor < 19) return undefined;
  return minor === 19 ? ['alpha', 'certs', 'generate-csr'] : ['certs', 'generate-csr'];
}

function kubeconfigWords(minor: number): readonly string[] {
  if (minor <= 12) return ['alpha', 'phase', 'kubeconfig', 'user'];
  return minor <= 20 ? ['alpha', 'kubeconfig', 'user'] : ['kubeconfig', 'user'];
}

function keyAlgorithms(minor: number): readonly string[] {
  if (minor < 31) return ['RSA-2048'];
  const algorithms = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'ECDSA-P256'];
  return minor >= 34 ? [...algorithms, 'ECDSA-P384'] : algorithms;
}
