import { stringify } from 'yaml';
import type { JsonObject } from '../../core/json.ts';
import type { ClusterSettings } from '../cluster/cluster-settings.ts';
import type { ConfigApi, Dialect } from './dialect.ts';

export interface ConfigOptions {
  readonly certificatesDirectory: string;
  /** Hours that new leaf certificates last; undefined for kubeadm's own default of 8760. */
  readonly validityHours: number | undefined;
  /** `RSA-2048`, `ECDSA-P256` …; omitted if the dialect does not support it. */
  readonly keyAlgorithm: string | undefined;
}

/**
 * A kubeadm configuration file in the dialect of the binary that will read it. Strict decoding only warns about fields of
 * another version and then ignores them, so unsupported fields must not be written.
 */
export function renderConfig(settings: ClusterSettings, dialect: Dialect, options: ConfigOptions): string {
  const documents =
    dialect.config === 'v1alpha1' || dialect.config === 'v1alpha2'
      ? [masterConfiguration(settings, dialect.config, options)]
      : [initConfiguration(settings, dialect.config), clusterConfiguration(settings, dialect, options)];
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

/** v1alpha1 (1.8 to 1.10) and v1alpha2 (1.11): everything in one document. */
function masterConfiguration(
  settings: ClusterSettings,
  api: 'v1alpha1' | 'v1alpha2',
  options: ConfigOptions,
): JsonObject {
  return defined({
    apiVersion: `kubeadm.k8s.io/${api}`,
    kind: 'MasterConfiguration',
    kubernetesVersion: `v${settings.kubernetesVersion}`,
    api: defined({
      advertiseAddress: settings.advertiseAddress,
      bindPort: settings.bindPort,
      controlPlaneEndpoint: settings.controlPlaneEndpoint,
    }),
    ...(api === 'v1alpha1' ? { nodeName: settings.nodeName } : { nodeRegistration: nodeRegistration(settings) }),
    networking: networking(settings),
    certificatesDir: options.certificatesDirectory,
    apiServerCertSANs: listed(settings.apiServerNames),
    etcd: api === 'v1alpha1' ? flatEtcd(settings) : etcd(settings),
  });
}

function initConfiguration(settings: ClusterSettings, api: ConfigApi): JsonObject {
  const endpoint = { advertiseAddress: settings.advertiseAddress, bindPort: settings.bindPort };
  return {
    apiVersion: `kubeadm.k8s.io/${api}`,
    kind: 'InitConfiguration',
    ...(api === 'v1alpha3' ? { apiEndpoint: endpoint } : { localAPIEndpoint: endpoint }),
    nodeRegistration: nodeRegistration(settings),
  };
}

function clusterConfiguration(settings: ClusterSettings, dialect: Dialect, options: ConfigOptions): JsonObject {
  const api = dialect.config;
  const names = listed(settings.apiServerNames);
  const algorithm =
    options.keyAlgorithm !== undefined && api === 'v1beta4' && dialect.keyAlgorithms.includes(options.keyAlgorithm)
      ? options.keyAlgorithm
      : undefined;
  return defined({
    apiVersion: `kubeadm.k8s.io/${api}`,
    kind: 'ClusterConfiguration',
    kubernetesVersion: `v${settings.kubernetesVersion}`,
    clusterName: settings.clusterName,
    imageRepository: settings.imageRepository,
    controlPlaneEndpoint: settings.controlPlaneEndpoint,
    certificatesDir: options.certificatesDirectory,
    networking: networking(settings),
    ...(api === 'v1alpha3' ? { apiServerCertSANs: names } : { apiServer: names && { certSANs: names } }),
    etcd: etcd(settings),
    encryptionAlgorithm: algorithm,
    certificateValidityPeriod:
      dialect.setsValidity && options.validityHours !== undefined ? `${options.validityHours}h0m0s` : undefined,
  });
}

function nodeRegistration(settings: ClusterSettings): JsonObject {
  return defined({ name: settings.nodeName, criSocket: settings.criSocket });
}

function networking(settings: ClusterSettings): JsonObject {
  return defined({
    serviceSubnet: settings.serviceSubnet,
    dnsDomain: settings.dnsDomain,
    podSubnet: settings.podSubnet,
  });
}

function etcd(settings: ClusterSettings): JsonObject {
  if (settings.externalEtcd) return { external: { ...settings.externalEtcd } };
  return {
    local: defined({
      dataDir: settings.etcdDataDirectory,
      serverCertSANs: listed(settings.etcdServerNames),
      peerCertSANs: listed(settings.etcdPeerNames),
    }),
  };
}

function flatEtcd(settings: ClusterSettings): JsonObject {
  return defined({
    dataDir: settings.etcdDataDirectory,
    serverCertSANs: listed(settings.etcdServerNames),
    peerCertSANs: listed(settings.etcdPeerNames),
    ...(settings.externalEtcd && { ...settings.externalEtcd }),
  });
}

function listed(names: readonly string[]): readonly string[] | undefined {
  return names.length > 0 ? names : undefined;
}

/** Without undefined fields. */
function defined(fields: Readonly<Record<string, JsonObject[string] | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}
