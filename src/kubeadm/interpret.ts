import { Problems } from '../core/diagnostic.ts';
import { baseName, directoryOf } from '../core/host-path.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import { SourceFile } from '../core/source.ts';
import { parseYaml, treeToJson } from '../core/yaml.ts';
import type { Certificate } from '../pki/certificate.ts';
import { keyState, signedBy } from './credential-state.ts';
import { holdingOf, type ReadKubeconfig, readKubeconfig } from './kubeconfig.ts';
import type {
  Authority,
  Credential,
  Holding,
  KeyState,
  KubeadmHost,
  KubeletSetup,
  OtherManifest,
  StaticPod,
} from './model.ts';
import { oldLeafOf } from './pattern.ts';
import { asidePath, originalPath, type RawFile, type RawFiles } from './raw-files.ts';
import { podIn, readStaticPod } from './static-pod.ts';
import {
  AUTHORITIES,
  type AuthorityName,
  DEFAULT_CERTIFICATES_DIRECTORY,
  DEFAULT_KUBELET_PKI,
  KUBECONFIGS,
  KUBELET_CONFIG,
  KUBELET_FLAGS,
  KUBERNETES_DIRECTORY,
  PAIRS,
  type PairEntry,
  SERVICE_ACCOUNT_BASE,
} from './table.ts';

const KUBELET_KUBECONFIG = `${KUBERNETES_DIRECTORY}/kubelet.conf`;

/** What the files of a host say of it as a member of a kubeadm cluster. Pure; whatever the files hold, it returns. */
export function interpretHost(raw: RawFiles): KubeadmHost {
  return new Interpreter(raw).host();
}

class Interpreter {
  readonly #raw: RawFiles;
  readonly #staticPods: readonly StaticPod[];
  readonly #certificatesDirectory: string;
  readonly #etcd: KubeadmHost['etcd'];
  readonly #authorities: readonly Authority[];
  /** By path: each is asked for more than once, and reading them is most of what a host costs the controller. */
  readonly #kubeconfigs = new Map<string, ReturnType<typeof readKubeconfig>>();

  constructor(raw: RawFiles) {
    this.#raw = raw;
    this.#staticPods = this.#readStaticPods();
    this.#certificatesDirectory = this.#findCertificatesDirectory();
    this.#etcd = this.#findEtcd();
    this.#authorities = AUTHORITIES.map(({ name, base }) => this.#authority(name, base));
  }

  host(): KubeadmHost {
    const kubelet = this.#kubelet();
    const isControlPlane = this.#staticPods.length > 0 || this.#file(this.#inPki('apiserver.crt')) !== undefined;
    const leaves = isControlPlane ? this.#controlPlaneCredentials() : [];
    const credentials = [...leaves, ...this.#kubeletCredentials(kubelet.read)];
    return {
      role: isControlPlane ? 'control-plane' : kubelet.read ? 'worker' : 'none',
      certificatesDirectory: this.#certificatesDirectory,
      manifestsDirectory: this.#raw.manifestsDirectory,
      authorities: this.#authorities,
      credentials,
      staticPods: this.#staticPods,
      otherManifests: this.#otherManifests(),
      serviceAccountFiles: [`${SERVICE_ACCOUNT_BASE}.key`, `${SERVICE_ACCOUNT_BASE}.pub`].flatMap((name) =>
        this.#states(this.#inPki(name)),
      ),
      etcd: this.#etcd,
      nodeName: this.#nodeName(credentials),
      kubelet: kubelet.setup,
    };
  }

  #file(path: string): RawFile | undefined {
    return this.#raw.files.get(path);
  }

  #readKubeconfig(path: string): ReturnType<typeof readKubeconfig> | undefined {
    const text = this.#file(path)?.text;
    if (text === undefined) return undefined;
    const read = this.#kubeconfigs.get(path) ?? readKubeconfig(text);
    this.#kubeconfigs.set(path, read);
    return read;
  }

  #states(...paths: readonly string[]): readonly RawFile['state'][] {
    return [...new Set(paths)].flatMap((path) => this.#file(path)?.state ?? []);
  }

  #inPki(name: string): string {
    return `${this.#certificatesDirectory}/${name}`;
  }

  #inManifests(): readonly RawFile[] {
    const directory = `${this.#raw.manifestsDirectory}/`;
    return [...this.#raw.files.values()].filter(
      ({ state }) => state.path.startsWith(directory) && !state.path.slice(directory.length).includes('/'),
    );
  }

  #readStaticPods(): readonly StaticPod[] {
    const pods = this.#inManifests().flatMap(({ state, text }) => {
      const pod = text !== undefined && !ignoredByKubelet(state.path) ? readStaticPod(state, text) : undefined;
      return pod ?? [];
    });
    const present = new Set(pods.map(({ component }) => component));
    return [...pods, ...this.#parkedPods().filter(({ component }) => !present.has(component))];
  }

  /** What an interrupted restart has left out of kubelet's sight. */
  #parkedPods(): readonly StaticPod[] {
    const directory = asidePath(`${this.#raw.manifestsDirectory}/`);
    return [...this.#raw.files.values()].flatMap(({ state, text }): readonly StaticPod[] => {
      if (text === undefined || !state.path.startsWith(directory)) return [];
      const pod = readStaticPod({ ...state, path: originalPath(state.path) }, text);
      return pod ? [{ ...pod, parked: true }] : [];
    });
  }

  #otherManifests(): readonly OtherManifest[] {
    const known = new Set(this.#staticPods.map(({ file }) => file.path));
    return this.#inManifests().flatMap(({ state, text = '' }) =>
      known.has(state.path) || ignoredByKubelet(state.path) ? [] : [{ ...state, pod: podIn(text) }],
    );
  }

  #flag(component: string, flag: string): string | undefined {
    return this.#staticPods.find((pod) => pod.component === component)?.flags.get(flag);
  }

  /** From the flags of the pods that read it, else kubeadm's default. */
  #findCertificatesDirectory(): string {
    for (const [component, flag] of [
      ['kube-apiserver', '--client-ca-file'],
      ['kube-apiserver', '--tls-cert-file'],
      ['kube-controller-manager', '--root-ca-file'],
    ] as const) {
      const path = this.#flag(component, flag);
      if (path?.startsWith('/')) return directoryOf(path) || '/';
    }
    return DEFAULT_CERTIFICATES_DIRECTORY;
  }

  /** etcd whose manifest is out of the way, as an interrupted restart leaves it, is still the host's own. */
  #findEtcd(): KubeadmHost['etcd'] {
    if (this.#staticPods.some(({ component }) => component === 'etcd')) return 'stacked';
    const servers = this.#flag('kube-apiserver', '--etcd-servers');
    const hasPair = [this.#inPki('etcd/server.crt'), asidePath(this.#inPki('etcd/server.crt'))].some((path) =>
      this.#file(path),
    );
    if (servers !== undefined) return hasPair && servers.split(',').every(isLoopback) ? 'stacked' : 'external';
    return this.#file(this.#inPki('etcd/ca.crt')) ? 'stacked' : 'none';
  }

  /** The CA of an external etcd is where the API server is told that it is. */
  #authority(name: AuthorityName, base: string): Authority {
    const named =
      name === 'etcd-ca' && this.#etcd === 'external' ? this.#flag('kube-apiserver', '--etcd-cafile') : undefined;
    const certificatePath = named ?? this.#inPki(`${base}.crt`);
    const keyPath = `${certificatePath.replace(/\.(crt|pem)$/, '')}.key`;
    const holding = this.#holding(certificatePath);
    const bundle = holding.state === 'present' ? [holding.certificate, ...holding.chain] : [];
    return {
      name,
      certificatePath,
      keyPath,
      certificate: bundle[0],
      bundle,
      key: this.#key(keyPath, bundle[0]),
      files: this.#states(certificatePath, keyPath),
    };
  }

  #controlPlaneCredentials(): readonly Credential[] {
    const pairs = PAIRS.filter((row) => this.#etcd !== 'external' || !row.stackedEtcd || this.#isEtcdClient(row)).map(
      (row) => this.#pair(row),
    );
    const kubeconfigs = KUBECONFIGS.flatMap((row) => {
      const credential = this.#kubeconfig(row.name, `${KUBERNETES_DIRECTORY}/${row.name}`, row.authority);
      const exists = credential.files.length > 0 || credential.aside !== undefined;
      return exists || !row.optional ? [credential] : [];
    });
    return [...pairs, ...kubeconfigs];
  }

  /** Of an external etcd the host has the pair that its API server shows, if it shows one that is read. */
  #isEtcdClient({ flag }: PairEntry): boolean {
    return (
      flag?.component === 'kube-apiserver' && /\.(crt|pem)$/.test(this.#flag(flag.component, flag.certificate) ?? '')
    );
  }

  /** Whose CA is another machine's to keep: a pair for an external etcd, unless its CA key is here. */
  #isSignedElsewhere({ stackedEtcd, authority: name }: PairEntry): boolean {
    if (this.#etcd !== 'external' || !stackedEtcd) return false;
    return this.#authorities.find((authority) => authority.name === name)?.key !== 'match';
  }

  #pair(row: PairEntry): Credential {
    const certificatePath =
      (row.flag && this.#flag(row.flag.component, row.flag.certificate)) ?? this.#inPki(`${row.base}.crt`);
    const keyPath = (row.flag && this.#flag(row.flag.component, row.flag.key)) ?? this.#inPki(`${row.base}.key`);
    const holding = this.#holding(certificatePath);
    return {
      name: row.name,
      kind: 'pair',
      authority: row.authority,
      holding,
      key: this.#key(keyPath, leafOf(holding)),
      files: this.#states(certificatePath, keyPath),
      certificatePath,
      keyPath,
      ...signedBy(this.#authorities, row.authority, holding),
      ...(this.#isSignedElsewhere(row) && { signedElsewhere: true }),
      ...this.#asideOf([certificatePath, keyPath], row.authority),
    };
  }

  #kubeconfig(name: Credential['name'], path: string, authority: AuthorityName): Credential {
    const file = this.#file(path);
    const read = this.#readKubeconfig(path);
    const holding: Holding = !read
      ? { state: 'absent' }
      : 'unreadable' in read
        ? { state: 'unreadable', reason: read.unreadable }
        : read.holding;
    return {
      name,
      kind: 'kubeconfig',
      authority,
      holding,
      key: keyState(file?.publicHalves[0], leafOf(holding)),
      files: this.#states(path),
      certificatePath: path,
      keyPath: path,
      ...signedBy(this.#authorities, authority, holding),
      ...this.#asideOf([path], authority),
      ...this.#shapeOf(path),
    };
  }

  /** From the file, or from its copy that waits aside. */
  #shapeOf(path: string): Pick<Credential, 'kubeconfig'> {
    const read = this.#readKubeconfig(path) ?? this.#readKubeconfig(asidePath(path));
    return read && 'shape' in read ? { kubeconfig: read.shape } : {};
  }

  #kubelet(): { readonly setup: KubeletSetup; readonly read: ReadKubeconfig | undefined } {
    const read = this.#readKubeconfig(KUBELET_KUBECONFIG);
    const config = parseConfig(this.#file(KUBELET_CONFIG)?.text);
    const flags = this.#file(KUBELET_FLAGS)?.text ?? '';
    const flagEndpoint = /--container-runtime-endpoint=([^\s"]+)/.exec(flags)?.[1];
    const configEndpoint = textOf(config['containerRuntimeEndpoint']);
    const readable = read && 'shape' in read ? read : undefined;
    return {
      read: readable,
      setup: {
        file: this.#file(KUBELET_KUBECONFIG)?.state,
        kubeconfig: readable?.shape,
        rotatesClientCertificate: config['rotateCertificates'] === true,
        containerRuntimeEndpoint: flagEndpoint ?? (configEndpoint === '' ? undefined : configEndpoint),
        clusterDomain: textOf(config['clusterDomain']),
      },
    };
  }

  /** The client certificate from where kubelet.conf says it is, and the serving pair beside it. */
  #kubeletCredentials(read: ReadKubeconfig | undefined): readonly Credential[] {
    const credentials: Credential[] = [];
    if (read?.shape.method === 'embedded') {
      credentials.push({ ...this.#kubeconfig('kubelet-client', KUBELET_KUBECONFIG, 'ca'), kind: 'kubelet' });
    } else if (read?.shape.method === 'files') {
      const path = read.shape.certificateFile ?? `${DEFAULT_KUBELET_PKI}/kubelet-client-current.pem`;
      credentials.push({ ...this.#combined('kubelet-client', path), kubeconfig: read.shape });
    }
    const serving = `${DEFAULT_KUBELET_PKI}/kubelet.crt`;
    const rotated = `${DEFAULT_KUBELET_PKI}/kubelet-server-current.pem`;
    if (this.#file(rotated)) credentials.push(this.#combined('kubelet-server', rotated));
    else if (this.#file(serving)) {
      const holding = this.#holding(serving);
      const keyPath = `${DEFAULT_KUBELET_PKI}/kubelet.key`;
      credentials.push({
        name: 'kubelet-server',
        kind: 'kubelet',
        authority: 'ca',
        holding,
        key: this.#key(keyPath, leafOf(holding)),
        files: this.#states(serving, keyPath),
        certificatePath: serving,
        keyPath,
      });
    }
    return credentials;
  }

  /** Certificate and key in one PEM file, as kubelet's certificate store keeps them. */
  #combined(name: 'kubelet-client' | 'kubelet-server', path: string): Credential {
    const holding = this.#holding(path);
    return {
      name,
      kind: 'kubelet',
      authority: 'ca',
      holding,
      key: this.#key(path, leafOf(holding)),
      files: this.#states(path),
      certificatePath: path,
      keyPath: path,
      ...signedBy(this.#authorities, 'ca', holding),
    };
  }

  /** The copies that wait in the aside directory, named by their whole paths below it. */
  #asideOf(paths: readonly string[], authority: AuthorityName): Pick<Credential, 'aside'> {
    const asidePaths = paths.map(asidePath);
    const files = this.#states(...asidePaths);
    const [certificate] = asidePaths;
    if (files.length === 0 || certificate === undefined) return {};
    const read = this.#readKubeconfig(certificate);
    const holding = read && 'holding' in read ? read.holding : this.#holding(certificate);
    const { signedByAuthority } = signedBy(this.#authorities, authority, holding);
    return { aside: { holding, files, ...(signedByAuthority !== undefined && { signedByAuthority }) } };
  }

  #holding(path: string): Holding {
    const file = this.#file(path);
    if (!file) return { state: 'absent' };
    if (file.state.size === 0) return { state: 'unreadable', reason: 'it is empty' };
    return holdingOf(file.certificates);
  }

  #key(path: string, certificate: Certificate | undefined): KeyState {
    const file = this.#file(path);
    return file ? keyState(file.publicHalves[0], certificate) : 'absent';
  }

  /**
   * What the host says that its node is called: certificates know it better than the hostname does, those that its CA has
   * signed first.
   */
  #nodeName(credentials: readonly Credential[]): string | undefined {
    const naming = credentials.filter(({ name }) => NAMING.has(name));
    for (const credential of [...naming.filter(isSigned), ...naming]) {
      const commonName = oldLeafOf(credential)?.subject.commonName;
      if (commonName !== undefined) return commonName.replace(/^system:node:/, '');
    }
    const user = credentials.find(({ name }) => name === 'kubelet-client')?.kubeconfig?.user;
    return user?.startsWith('system:node:') ? user.slice('system:node:'.length) : this.#flag('etcd', '--name');
  }
}

/** Certificates whose CN names the node. */
const NAMING: ReadonlySet<Credential['name']> = new Set(['etcd-server', 'etcd-peer', 'kubelet-client']);

function isSigned({ holding, signedByAuthority, aside }: Credential): boolean {
  return (holding.state === 'present' ? signedByAuthority : aside?.signedByAuthority) === true;
}

/** The certificate that is there now, if one is. */
export function leafOf(holding: Holding | undefined): Certificate | undefined {
  return holding?.state === 'present' ? holding.certificate : undefined;
}

/** `https://127.0.0.1:2379` */
function isLoopback(url: string): boolean {
  return /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(url.trim());
}

/** kubelet passes over names that begin with a dot (pkg/kubelet/config/file_linux.go). */
function ignoredByKubelet(path: string): boolean {
  return baseName(path).startsWith('.');
}

function parseConfig(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  const problems = new Problems();
  const tree = parseYaml(new SourceFile(KUBELET_CONFIG, text), problems, 'kplay');
  const value = tree && !problems.hasErrors ? treeToJson(tree) : undefined;
  return isJsonObject(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
