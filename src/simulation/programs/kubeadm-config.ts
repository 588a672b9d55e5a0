import { parseAllDocuments } from 'yaml';
import { parseDuration } from '../../core/duration.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { apiServerNamesOf, etcdNamesOf } from '../../kubeadm/cluster/cluster-settings.ts';
import { LEAF_VALIDITY_MS, type NameRule } from '../../kubeadm/table.ts';
import { isKeyAlgorithm, type KeyAlgorithm } from '../../pki/public-key.ts';
import { readHostFile } from '../host-files.ts';

/** The settings of a kubeadm configuration for certificates, whatever its version. */
export interface KubeadmConfig {
  readonly certificatesDirectory: string;
  readonly nodeName: string;
  readonly advertiseAddress: string;
  readonly bindPort: number;
  /** `10.20.0.10:6443` */
  readonly endpoint: string;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly validityMs: number;
  /** The names of a certificate with this rule. */
  namesFor(rule: NameRule, isPeer: boolean): readonly string[];
  /** PEM of the CA, by its path below the certificates directory. */
  read(name: string): string;
}

/** @throws {Error} if the file cannot be read, or lacks something that kubeadm needs */
export function readKubeadmConfig(path: string): KubeadmConfig {
  const documents = parseAllDocuments(readHostFile(path)).flatMap((document): readonly JsonObject[] => {
    const value: unknown = document.toJS();
    return isJsonObject(value) ? [value] : [];
  });
  const all: JsonObject = Object.assign({}, ...documents);
  const api = firstObject(all, ['localAPIEndpoint', 'apiEndpoint', 'api']);
  const networking = firstObject(all, ['networking']);
  const local = firstObject(firstObject(all, ['etcd']), ['local']);
  const etcd = Object.keys(local).length > 0 ? local : firstObject(all, ['etcd']);
  const advertiseAddress = text(api['advertiseAddress']) ?? '';
  const nodeName = text(firstObject(all, ['nodeRegistration'])['name']) ?? text(all['nodeName']) ?? '';
  const certificatesDirectory = text(all['certificatesDir']) ?? '/etc/kubernetes/pki';
  const bindPort = Number(api['bindPort'] ?? 6443);
  const shared = text(all['controlPlaneEndpoint']) ?? text(api['controlPlaneEndpoint']);
  const algorithm = text(all['encryptionAlgorithm']) ?? 'RSA-2048';
  const settings = {
    nodeName,
    advertiseAddress,
    serviceSubnet: text(networking['serviceSubnet']) ?? '10.96.0.0/12',
    dnsDomain: text(networking['dnsDomain']) ?? 'cluster.local',
    controlPlaneEndpoint: shared,
  };
  const apiNames = firstObject(all, ['apiServer'])['certSANs'] ?? all['apiServerCertSANs'];
  if (advertiseAddress === '' || nodeName === '') throw new Error(`${path} does not say the node's name and address`);
  return {
    certificatesDirectory,
    nodeName,
    advertiseAddress,
    bindPort,
    endpoint: shared ?? `${advertiseAddress}:${bindPort}`,
    keyAlgorithm: isKeyAlgorithm(algorithm) ? algorithm : 'RSA-2048',
    validityMs: validity(text(all['certificateValidityPeriod'])),
    namesFor(rule, isPeer) {
      if (rule === 'none') return [];
      if (rule === 'apiserver') return [...apiServerNamesOf(settings), ...texts(apiNames)];
      return [...etcdNamesOf(settings), ...texts(etcd[isPeer ? 'peerCertSANs' : 'serverCertSANs'])];
    },
    read: (name) => readHostFile(`${certificatesDirectory}/${name}`),
  };
}

/** `8760h0m0s`, in Go's format of durations. */
function validity(period: string | undefined): number {
  return period === undefined ? LEAF_VALIDITY_MS : parseDuration(period);
}

function firstObject(from: JsonObject, keys: readonly string[]): JsonObject {
  return keys.map((key) => from[key]).find(isJsonObject) ?? {};
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function texts(value: Json | undefined): readonly string[] {
  return isJsonArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
