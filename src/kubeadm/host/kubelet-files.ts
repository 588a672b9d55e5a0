import { Problems } from '../../core/diagnostic.ts';
import { linkedPath } from '../../core/host-path.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { SourceFile } from '../../core/source.ts';
import { parseYaml, treeToJson } from '../../core/yaml/yaml.ts';
import { DEFAULT_KUBELET_PKI, KUBELET_CONFIG, KUBELET_FLAGS, KUBERNETES_DIRECTORY } from '../table.ts';
import { signedBy } from './credential-state.ts';
import type { ReadKubeconfig } from './kubeconfig.ts';
import type { Authority, Credential, Holding, KubeletSetup } from './model.ts';
import type { RawView } from './raw-view.ts';

export const KUBELET_KUBECONFIG = `${KUBERNETES_DIRECTORY}/kubelet.conf`;
const CLIENT_PAIR = `${DEFAULT_KUBELET_PKI}/kubelet-client-current.pem`;

/** How kubelet is set up, and its kubeconfig where that can be understood. */
export function kubeletIn(view: RawView): { readonly setup: KubeletSetup; readonly read: ReadKubeconfig | undefined } {
  const read = view.readKubeconfig(KUBELET_KUBECONFIG);
  const config = parseConfig(view.file(KUBELET_CONFIG)?.text);
  const flags = view.file(KUBELET_FLAGS)?.text ?? '';
  const flagEndpoint = /--container-runtime-endpoint=([^\s"]+)/.exec(flags)?.[1];
  const configEndpoint = textOf(config['containerRuntimeEndpoint']);
  const readable = read && 'shape' in read ? read : undefined;
  return {
    read: readable,
    setup: {
      file: view.file(KUBELET_KUBECONFIG)?.state,
      kubeconfig: readable?.shape,
      rotatesClientCertificate: config['rotateCertificates'] === true || /--rotate-certificates(?!=false)/.test(flags),
      containerRuntimeEndpoint: flagEndpoint ?? (configEndpoint === '' ? undefined : configEndpoint),
      clusterDomain: textOf(config['clusterDomain']),
    },
  };
}

/** Its configuration is there, and does not say that kubelet renews its certificate. One of before 1.11 has flags alone. */
export function isNeverRotated(view: RawView, { rotatesClientCertificate }: KubeletSetup): boolean {
  return view.file(KUBELET_CONFIG)?.text !== undefined && !rotatesClientCertificate;
}

/** Where a certificate and its private key are: one file, or two. */
export type PairPlace = Pick<Credential, 'certificatePath' | 'keyPath'>;

/** Where kubelet's client certificate and its key are, as kubelet.conf says; undefined when there is none. */
export function clientPlace(view: RawView, read: ReadKubeconfig | undefined): PairPlace | undefined {
  if (!read) {
    const mayBe = view.file(KUBELET_KUBECONFIG) && view.isHidden(KUBELET_KUBECONFIG);
    return mayBe ? { certificatePath: CLIENT_PAIR, keyPath: CLIENT_PAIR } : undefined;
  }
  const { method, certificateFile, keyFile } = read.shape;
  if (method === 'other') return undefined;
  return { certificatePath: placeOf(certificateFile), keyPath: placeOf(keyFile) };
}

/** What is in no file is in kubelet.conf itself. */
function placeOf(file: string | undefined): string {
  return file === undefined ? KUBELET_KUBECONFIG : linkedPath(KUBELET_KUBECONFIG, file);
}

/** The pair that kubelet serves: the one that it rotates, or else the one that it made itself. */
export function servingPair(view: RawView, authorities: readonly Authority[]): readonly Credential[] {
  const serving = `${DEFAULT_KUBELET_PKI}/kubelet.crt`;
  const rotated = `${DEFAULT_KUBELET_PKI}/kubelet-server-current.pem`;
  if (view.file(rotated))
    return [kubeletPair(view, 'kubelet-server', { certificatePath: rotated, keyPath: rotated }, authorities)];
  if (!view.file(serving)) return [];
  const holding = view.holding(serving);
  const keyPath = `${DEFAULT_KUBELET_PKI}/kubelet.key`;
  return [
    {
      name: 'kubelet-server',
      kind: 'kubelet',
      authority: 'ca',
      holding,
      key: view.key(keyPath, holding),
      files: view.states(serving, keyPath),
      certificatePath: serving,
      keyPath,
      ...(isSelfSigned(holding) && { selfSigned: true }),
    },
  ];
}

/** As kubelet makes it: by a CA of this name (k8s.io/client-go, util/cert: GenerateSelfSignedCertKey), older ones by itself. */
function isSelfSigned(holding: Holding): boolean {
  if (holding.state !== 'present') return false;
  const { issuer, selfIssued } = holding.certificate;
  return selfIssued || /-ca@\d+$/.test(issuer.commonName ?? '');
}

/** Certificate and key in one PEM file, as kubelet's certificate store keeps them, or in two. */
export function kubeletPair(
  view: RawView,
  name: 'kubelet-client' | 'kubelet-server',
  { certificatePath, keyPath }: PairPlace,
  authorities: readonly Authority[],
): Credential {
  const holding = view.holding(certificatePath);
  return {
    name,
    kind: 'kubelet',
    authority: 'ca',
    holding,
    key: view.key(keyPath, holding),
    files: view.states(certificatePath, keyPath),
    certificatePath,
    keyPath,
    ...signedBy(authorities, 'ca', holding),
  };
}

function parseConfig(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  const problems = new Problems();
  const tree = parseYaml(new SourceFile(KUBELET_CONFIG, text), problems, 'kubernetes');
  const value = tree && !problems.hasErrors ? treeToJson(tree) : undefined;
  return isJsonObject(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
