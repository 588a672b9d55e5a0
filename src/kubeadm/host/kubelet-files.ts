import { linkedPath } from '../../core/host-path.ts';
import { isJsonObject, type JsonObject, textOf } from '../../core/json.ts';
import {
  DEFAULT_KUBELET_PKI,
  KUBELET_CONFIG,
  KUBELET_EXTRA_FLAGS,
  KUBELET_FLAGS,
  KUBERNETES_DIRECTORY,
} from '../table.ts';
import { asideOf } from './aside.ts';
import { signedBy } from './credential-state.ts';
import { ANONYMOUS, type ReadKubeconfig, UNINTELLIGIBLE } from './kubeconfig.ts';
import { kubeletFlag } from './kubelet-flags.ts';
import { readKubeletYaml } from './manifest.ts';
import type { Authority, Credential, Holding, KubeadmHost, KubeletSetup } from './model.ts';
import { asidePath, type RawFiles } from './raw-files.ts';
import { RawView } from './raw-view.ts';

export const KUBELET_KUBECONFIG = `${KUBERNETES_DIRECTORY}/kubelet.conf`;
export const CLIENT_PAIR = `${DEFAULT_KUBELET_PKI}/kubelet-client-current.pem`;

/** The `--bootstrap-kubeconfig` of kubeadm's unit (10-kubeadm.conf). */
export const BOOTSTRAP_CONF = `${KUBERNETES_DIRECTORY}/bootstrap-kubelet.conf`;

/** What a renewal does to kubelet.conf: where it is aside, and where it embeds the certificate. */
export function confRemarks({ kubelet }: Pick<KubeadmHost, 'kubelet'>): readonly string[] {
  return [
    ...(kubelet.aside ? [`kubelet.conf is put back before, from ${kubelet.aside.path}`] : []),
    ...(kubelet.kubeconfig?.method === 'embedded' ? [`kubelet.conf refers to ${CLIENT_PAIR} afterwards`] : []),
  ];
}

/** The configuration of kubelet, and its kubeconfig if intelligible. */
export function kubeletIn(view: RawView): { readonly setup: KubeletSetup; readonly read: ReadKubeconfig | undefined } {
  const path = confPath(view);
  const read = view.readKubeconfig(path);
  const config = configIn(view.file(KUBELET_CONFIG)?.text);
  const flags = flagsIn(view);
  const flagEndpoint = kubeletFlag(flags, '--container-runtime-endpoint');
  const configEndpoint = textOf(config['containerRuntimeEndpoint']);
  const unreadable = whyUnreadable(view, path, read);
  const readable = unreadable === undefined && read && 'shape' in read ? read : undefined;
  const store = readable?.shape.method === 'embedded' ? view.file(CLIENT_PAIR)?.state : undefined;
  const aside = path === KUBELET_KUBECONFIG ? undefined : view.file(path)?.state;
  const bootstrap = aside ? undefined : view.file(BOOTSTRAP_CONF)?.state;
  return {
    read: readable,
    setup: {
      file: view.file(KUBELET_KUBECONFIG)?.state,
      ...(aside && { aside }),
      ...(unreadable !== undefined && { unreadable }),
      kubeconfig: readable?.shape,
      ...(store && { store }),
      ...(bootstrap && { bootstrap }),
      rotatesClientCertificate: rotationFlag(flags) ?? config['rotateCertificates'] === true,
      containerRuntimeEndpoint: (flagEndpoint ?? configEndpoint) || undefined,
      clusterDomain: textOf(config['clusterDomain']),
    },
  };
}

/**
 * The files without the kubelet.conf of a bootstrap that is not over. kubelet writes it as soon as it asks for a certificate (client-go,
 * bootstrap.LoadClientConfig): until it has one, nothing can connect with that file, and it says nothing about the node. The file that
 * counts is then the one that the bootstrap has moved aside. Other files are returned as they are.
 */
export function withoutAsking(raw: RawFiles): RawFiles {
  const view = new RawView(raw);
  const [kept, read] = [asidePath(KUBELET_KUBECONFIG), KUBELET_KUBECONFIG].map((path) => view.readKubeconfig(path));
  if (!kept || 'unreadable' in kept || !read || 'unreadable' in read) return raw;
  const { certificateFile } = read.shape;
  if (certificateFile === undefined || view.holding(placeOf(certificateFile)).state !== 'absent') return raw;
  return { ...raw, files: new Map([...raw.files].filter(([path]) => path !== KUBELET_KUBECONFIG)) };
}

/** Of kubelet.conf: its place, or the one aside if it is there instead. */
function confPath(view: RawView): string {
  const aside = asidePath(KUBELET_KUBECONFIG);
  return !view.file(KUBELET_KUBECONFIG) && view.file(aside) ? aside : KUBELET_KUBECONFIG;
}

/** The files of kubelet's flags as one: the later ones take precedence. */
function flagsIn(view: RawView): string {
  return [KUBELET_FLAGS, ...KUBELET_EXTRA_FLAGS].map((path) => view.file(path)?.text ?? '').join('\n');
}

/** What `--rotate-certificates` says, as Go reads it; undefined without one. A flag takes precedence over the configuration. */
function rotationFlag(flags: string): boolean | undefined {
  const value = kubeletFlag(flags, '--rotate-certificates');
  return value === undefined ? undefined : !/^(0|f|false)$/i.test(value);
}

/**
 * Why kubelet.conf is not understood; undefined if it is, or if it is missing or hidden. A disk that was full leaves it empty or cut off,
 * and of keys in quotes nothing leaves the host.
 */
function whyUnreadable(view: RawView, path: string, read: ReturnType<RawView['readKubeconfig']>): string | undefined {
  const file = view.file(path);
  if (!file || view.isHidden(path)) return undefined;
  if (file.state.size === 0) return 'it is empty';
  if (!read || 'unreadable' in read) return UNINTELLIGIBLE;
  return read.isAnonymous ? ANONYMOUS : undefined;
}

/** Whether kubelet's configuration exists and does not enable rotation. Before 1.11 there were only flags. */
export function hasRotationDisabled(view: RawView, { rotatesClientCertificate }: KubeletSetup): boolean {
  return view.file(KUBELET_CONFIG)?.text !== undefined && !rotatesClientCertificate;
}

/** Everything that a bootstrap has moved aside, if kubelet.conf still is there, or the certificate that it names is in its place no more. */
export function bootstrapAside(
  view: RawView,
  authorities: readonly Authority[],
  { certificatePath, keyPath }: PairPlace,
  { aside }: KubeletSetup,
): Pick<Credential, 'aside'> {
  if (!aside && view.holding(certificatePath).state !== 'absent') return {};
  return asideOf(view, authorities, [certificatePath, keyPath, KUBELET_KUBECONFIG, BOOTSTRAP_CONF], 'ca');
}

/** Whether a bootstrap was cut off and has left kubelet without what it needs: that is put back before kubelet gets another certificate. */
export function isCutOff({ kubelet, credentials }: Pick<KubeadmHost, 'kubelet' | 'credentials'>): boolean {
  const client = credentials.find(({ name }) => name === 'kubelet-client');
  return kubelet.aside !== undefined || (client?.aside !== undefined && client.holding.state === 'absent');
}

/** Whether kubelet.conf is aside, and not in its place. */
export function isConfAside({ files, aside }: Credential): boolean {
  const isAside = aside?.files.some(({ path }) => path === asidePath(KUBELET_KUBECONFIG)) === true;
  return isAside && !files.some(({ path }) => path === KUBELET_KUBECONFIG);
}

/** The files of a certificate and its private key: one, or two. */
export type PairPlace = Pick<Credential, 'certificatePath' | 'keyPath'>;

/**
 * The files of kubelet's client certificate and key, according to kubelet.conf; undefined without one. What is not known while that is
 * hidden or not understood counts as unreadable, too, and not as missing.
 */
export function clientPlace(view: RawView, read: ReadKubeconfig | undefined): PairPlace | undefined {
  if (!read) {
    const conf = confPath(view);
    if (!view.file(conf)) return undefined;
    const path = view.isHidden(conf) ? CLIENT_PAIR : KUBELET_KUBECONFIG;
    return { certificatePath: path, keyPath: path };
  }
  const { method, certificateFile, keyFile } = read.shape;
  if (method === 'other') return undefined;
  return { certificatePath: placeOf(certificateFile), keyPath: placeOf(keyFile) };
}

/** Without a file it is in kubelet.conf itself. */
function placeOf(file: string | undefined): string {
  return file === undefined ? KUBELET_KUBECONFIG : linkedPath(KUBELET_KUBECONFIG, file);
}

/**
 * The certificate that kubelet is told to serve, instead of one that it makes itself; undefined without one. A flag takes precedence over
 * the configuration.
 */
function namedServing(view: RawView): string | undefined {
  const flag = kubeletFlag(flagsIn(view), '--tls-cert-file');
  const file = flag ?? textOf(configIn(view.file(KUBELET_CONFIG)?.text)['tlsCertFile']) ?? '';
  return file === '' ? undefined : linkedPath(KUBELET_CONFIG, file);
}

/** The pair that kubelet serves, if that is in its own directory: the rotated one, or else the one that it made itself, or is told to serve. */
export function servingPair(view: RawView, authorities: readonly Authority[]): readonly Credential[] {
  const serving = `${DEFAULT_KUBELET_PKI}/kubelet.crt`;
  const rotated = `${DEFAULT_KUBELET_PKI}/kubelet-server-current.pem`;
  if (view.file(rotated))
    return [kubeletPair(view, 'kubelet-server', { certificatePath: rotated, keyPath: rotated }, authorities)];
  const named = namedServing(view);
  // What it has made before it was told to serve another one is of no use to anybody.
  if (!view.file(serving) || (named !== undefined && named !== serving)) return [];
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
      ...(named === undefined && isSelfSigned(holding) && { selfSigned: true }),
    },
  ];
}

/**
 * As made by kubelet: signed by a CA of this name (k8s.io/client-go, util/cert: GenerateSelfSignedCertKey); older ones by
 * itself.
 */
function isSelfSigned(holding: Holding): boolean {
  if (holding.state !== 'present') return false;
  const { issuer, issuerHash, subjectHash } = holding.certificate;
  return issuerHash === subjectHash || /-ca@\d+$/.test(issuer.commonName ?? '');
}

/** Certificate and key in one PEM file, as in kubelet's certificate store, or in two. */
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

function configIn(text = ''): JsonObject {
  const value = readKubeletYaml(text);
  return isJsonObject(value) ? value : {};
}
