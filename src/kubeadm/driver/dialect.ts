import type { Version } from '../version.ts';

export type ConfigApi = 'v1alpha1' | 'v1alpha2' | 'v1alpha3' | 'v1beta1' | 'v1beta2' | 'v1beta3' | 'v1beta4';

/**
 * How to call one minor version of kubeadm: the binary on the host decides, not the cluster.
 *
 * Sources: cmd/kubeadm/app/cmd/{certs,phases,alpha}; kubernetes/kubernetes#97706 (alpha certs removed in 1.21), #94938 (certs
 * in 1.20), kubeadm#1216 (renew in 1.12), #94879 (kubeconfig user --config in 1.20); kubeadm-config.v1beta4 (1.31).
 */
export interface Dialect {
  readonly config: ConfigApi;
  /** Words before the name of a certificate to renew in place; undefined if unsupported. */
  readonly renew: readonly string[] | undefined;
  /**
   * Renewing removes the group system:masters from everything but kubeconfigs: in 1.29 only, in transition to its own groups
   * (kubernetes/kubernetes#121841; seen with 1.29.6, no longer with 1.33).
   */
  readonly renewTakesMasters: boolean;
  /** Words before the name of a certificate to create. */
  readonly phase: readonly string[];
  /** Words of the command that makes keys and requests for all certificates; undefined if unsupported. */
  readonly generateRequests: readonly string[] | undefined;
  /** Words of the command that prints a kubeconfig for any user. */
  readonly kubeconfigUser: readonly string[];
  /** `kubeconfig user` reads the configuration file; before 1.20 it took flags. */
  readonly kubeconfigUserReadsConfig: boolean;
  /** The configuration can set the lifetime of leaf certificates. */
  readonly setsValidity: boolean;
  /** Signs with the ECDSA key of a CA (kubernetes/kubernetes#76390, in 1.15). */
  readonly ecdsaAuthorities: boolean;
  /** The key algorithms that the configuration can set. */
  readonly keyAlgorithms: readonly string[];
}

export const OLDEST_MINOR = 8;
export const NEWEST_MINOR = 37;

/** @returns undefined for a kubeadm older than 1.8. Versions newer than the newest known one are treated like it. */
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

/**
 * Whether kubeadm accepts the version of a cluster: its own minor version or the previous one
 * (util.NormalizedKubernetesVersion).
 */
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

/** kubeadm#2163: since 1.19. */
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
