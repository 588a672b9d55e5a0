import type { Certificate } from '../../pki/certificate.ts';
import {
  AUTHORITIES,
  type AuthorityName,
  DEFAULT_KUBELET_PKI,
  KUBECONFIGS,
  KUBERNETES_DIRECTORY,
  PAIRS,
  type PairEntry,
  SERVICE_ACCOUNT_BASE,
} from '../table.ts';
import { asideOf } from './aside.ts';
import { certificatesDirectoryIn } from './certificates-directory.ts';
import { signedBy } from './credential-state.ts';
import { verifiersOf } from './distrust.ts';
import { certificatesIn, type ReadKubeconfig } from './kubeconfig.ts';
import { kubeconfigTrust } from './kubeconfig-trust.ts';
import {
  bootstrapAside,
  clientPlace,
  hasRotationDisabled,
  KUBELET_KUBECONFIG,
  kubeletIn,
  kubeletPair,
  type PairPlace,
  servingPair,
  withoutAsking,
} from './kubelet-files.ts';
import { otherManifestsIn, staticPodsIn } from './manifest-files.ts';
import type { Authority, Credential, Holding, KubeadmHost, Sha1Support, StaticPod } from './model.ts';
import { nodeNameIn } from './node-name.ts';
import { asidePath, type RawFiles } from './raw-files.ts';
import { emptyOptional, RawView } from './raw-view.ts';
import { sniCertificatesIn } from './sni-certificates.ts';
import { untouchables } from './untouchable.ts';
import { sha1SupportOf } from './unverified.ts';

/** Derives a host's role in a kubeadm cluster from its files. Pure; returns for any content. */
export function interpretHost(raw: RawFiles): KubeadmHost {
  const known = withoutAsking(raw);
  const host = new Interpreter(known).host();
  return known === raw ? host : { ...host, kubelet: { ...host.kubelet, isAsking: true } };
}

class Interpreter {
  readonly #files: RawFiles['files'];
  readonly #view: RawView;
  readonly #hidden: RawFiles['hidden'];
  readonly #staticPods: readonly StaticPod[];
  readonly #sha1: Sha1Support;
  readonly #certificatesDirectory: string;
  readonly #etcd: KubeadmHost['etcd'];
  readonly #authorities: readonly Authority[];

  constructor(raw: RawFiles) {
    this.#files = raw.files;
    this.#view = new RawView(raw);
    this.#hidden = raw.hidden;
    this.#staticPods = staticPodsIn(this.#view);
    this.#sha1 = sha1SupportOf(this.#staticPods);
    this.#certificatesDirectory = certificatesDirectoryIn(this.#view, this.#staticPods);
    this.#etcd = this.#findEtcd();
    this.#authorities = AUTHORITIES.map(({ name, base }) => this.#authority(name, base));
  }

  host(): KubeadmHost {
    const kubelet = kubeletIn(this.#view);
    const role = this.#role();
    const leaves = role === 'control-plane' ? this.#controlPlaneCredentials() : this.#etcdCredentials(role);
    const credentials = [...leaves, ...this.#kubeletCredentials(kubelet)];
    return {
      role,
      certificatesDirectory: this.#certificatesDirectory,
      manifestsDirectory: this.#view.manifestsDirectory,
      authorities: this.#authorities,
      credentials,
      sniCertificates: sniCertificatesIn(this.#view, this.#staticPods, this.#authorities, credentials),
      trust: kubeconfigTrust(this.#view),
      staticPods: this.#staticPods,
      otherManifests: otherManifestsIn(this.#view, this.#staticPods, credentials),
      serviceAccountFiles: [`${SERVICE_ACCOUNT_BASE}.key`, `${SERVICE_ACCOUNT_BASE}.pub`].flatMap((name) =>
        this.#view.states(this.#pkiPath(name)),
      ),
      directories: this.#view.states(
        KUBERNETES_DIRECTORY,
        this.#certificatesDirectory,
        this.#pkiPath('etcd'),
        this.#view.manifestsDirectory,
        DEFAULT_KUBELET_PKI,
      ),
      odd: this.#view.oddAmong(credentials.flatMap(({ certificatePath, keyPath }) => [certificatePath, keyPath])),
      leftEmpty: emptyOptional(this.#view),
      closed: this.#view.closed,
      untouchable: untouchables(this.#files, this.#certificatesDirectory),
      etcd: this.#etcd,
      nodeName: nodeNameIn(credentials, this.#staticPods),
      kubelet: kubelet.setup,
      ...(this.#hidden && {
        hidden: { user: this.#hidden.user, paths: [...this.#hidden.directories, ...this.#hidden.files] },
      }),
    };
  }

  /** A master that has lost its manifests still has other files of masters: only etcd's is left on a host for etcd. */
  #role(): KubeadmHost['role'] {
    const isThere = (path: string): boolean => this.#view.file(path) !== undefined;
    const ofServer = [this.#pkiPath('apiserver.crt'), `${this.#view.manifestsDirectory}/kube-apiserver.yaml`];
    const others = [
      ...ofServer,
      ...['apiserver.key', 'front-proxy-ca.crt', 'sa.key', 'sa.pub'].map((name) => this.#pkiPath(name)),
      ...KUBECONFIGS.map(({ name }) => `${KUBERNETES_DIRECTORY}/${name}`),
    ].some((path) => isThere(path) || isThere(asidePath(path)));
    const isEtcdAlone = !others && this.#staticPods.every(({ component }) => component === 'etcd') && !this.#hidden;
    if (this.#staticPods.length > 0) return isEtcdAlone ? 'etcd' : 'control-plane';
    if (ofServer.some(isThere)) return 'control-plane';
    return isThere(KUBELET_KUBECONFIG) || isThere(asidePath(KUBELET_KUBECONFIG)) ? 'worker' : 'none';
  }

  #pkiPath(name: string): string {
    return `${this.#certificatesDirectory}/${name}`;
  }

  #flag(component: string, flag: string): string | undefined {
    return this.#staticPods.find((pod) => pod.component === component)?.flags.get(flag);
  }

  /** An etcd whose manifest is parked after an interrupted restart still belongs to the host. */
  #findEtcd(): KubeadmHost['etcd'] {
    if (this.#staticPods.some(({ component }) => component === 'etcd')) return 'stacked';
    const servers = this.#flag('kube-apiserver', '--etcd-servers');
    const hasPair = [this.#pkiPath('etcd/server.crt'), asidePath(this.#pkiPath('etcd/server.crt'))].some((path) =>
      this.#view.file(path),
    );
    if (servers !== undefined) return hasPair && servers.split(',').every(isLoopback) ? 'stacked' : 'external';
    return this.#view.file(this.#pkiPath('etcd/ca.crt')) ? 'stacked' : 'none';
  }

  /** The CA of an external etcd is where the API server's flag says. */
  #authority(name: AuthorityName, base: string): Authority {
    const named =
      name === 'etcd-ca' && this.#etcd === 'external' ? this.#flag('kube-apiserver', '--etcd-cafile') : undefined;
    const certificatePath = named ?? this.#pkiPath(`${base}.crt`);
    const keyPath = `${certificatePath.replace(/\.(crt|pem)$/, '')}.key`;
    const holding = this.#view.holding(certificatePath);
    const bundle = certificatesIn(holding);
    const key = this.#view.key(keyPath, holding);
    const isOfLater =
      key === 'mismatch' &&
      bundle.some((certificate) => this.#view.key(keyPath, { state: 'present', certificate, chain: [] }) === 'match');
    return {
      name,
      certificatePath,
      keyPath,
      certificate: bundle[0],
      bundle,
      key,
      ...(isOfLater && { keyOfLater: true as const }),
      sha1: this.#sha1,
      files: this.#view.states(certificatePath, keyPath),
      verifiers: verifiersOf(this.#view, this.#staticPods, name),
    };
  }

  #controlPlaneCredentials(): readonly Credential[] {
    const pairs = PAIRS.filter((row) => !row.stackedEtcd || this.#belongsToEtcd(row)).map((row) => this.#pair(row));
    const kubeconfigs = KUBECONFIGS.flatMap((row) => {
      const credential = this.#kubeconfig(row.name, `${KUBERNETES_DIRECTORY}/${row.name}`, row.authority);
      const exists = credential.files.some(({ size }) => size > 0) || credential.aside !== undefined;
      return exists || !row.optional ? [credential] : [];
    });
    return [...pairs, ...kubeconfigs];
  }

  /** On a host for etcd: what its member needs, and clients that were made there. */
  #etcdCredentials(role: KubeadmHost['role']): readonly Credential[] {
    if (role !== 'etcd') return [];
    return PAIRS.filter((row) => row.stackedEtcd && this.#belongsToEtcd(row)).flatMap((row) => {
      const pair = this.#pair(row);
      return row.servedBy === 'etcd' || pair.files.length > 0 || pair.aside ? [pair] : [];
    });
  }

  /** With an external etcd the host has only the pair that its API server uses, if there is one. */
  #belongsToEtcd(row: PairEntry): boolean {
    if (this.#etcd !== 'external') return !this.#isInTheClear(row);
    const { flag } = row;
    return flag?.component === 'kube-apiserver' && (this.#flag(flag.component, flag.certificate) ?? '') !== '';
  }

  /** Up to 1.9 kubeadm's etcd had no certificates: no flag names them, and none exist. */
  #isInTheClear({ flag, base }: PairEntry): boolean {
    const { component, certificate } = flag ?? { component: 'etcd', certificate: '--cert-file' };
    const isRun = this.#staticPods.some((pod) => pod.component === component);
    if (!isRun || this.#flag(component, certificate) !== undefined) return false;
    const paths = ['crt', 'key'].map((end) => this.#pkiPath(`${base}.${end}`));
    return !paths.some((path) => this.#view.file(path) || this.#view.file(asidePath(path)));
  }

  /** Whether another machine keeps the CA: a pair for an external etcd, unless its CA key is on this host. */
  #isSignedElsewhere({ stackedEtcd, authority: name }: PairEntry): boolean {
    if (this.#etcd !== 'external' || !stackedEtcd) return false;
    return this.#authorities.find((authority) => authority.name === name)?.key !== 'match';
  }

  #pair(row: PairEntry): Credential {
    const certificatePath =
      (row.flag && this.#flag(row.flag.component, row.flag.certificate)) ?? this.#pkiPath(`${row.base}.crt`);
    const keyPath = (row.flag && this.#flag(row.flag.component, row.flag.key)) ?? this.#pkiPath(`${row.base}.key`);
    const holding = this.#view.holding(certificatePath);
    const signed = signedBy(this.#authorities, row.authority, holding, row.name);
    const signedElsewhere = this.#isSignedElsewhere(row);
    // In kubeadm's own directory a foreign certificate is a mistake; if a flag points elsewhere, it is intended.
    const own = this.#pkiPath(`${row.base}.crt`);
    const isForeign = signed.signedByAuthority === false && !this.#view.isPlace(certificatePath, own);
    return {
      name: row.name,
      kind: 'pair',
      authority: row.authority,
      holding,
      key: this.#view.key(keyPath, holding),
      files: this.#view.states(certificatePath, keyPath),
      certificatePath,
      keyPath,
      ...signed,
      ...(signedElsewhere && { signedElsewhere: true }),
      ...(isForeign && !signedElsewhere && { isOthers: true as const }),
      ...asideOf(this.#view, this.#authorities, [certificatePath, keyPath], row.authority),
    };
  }

  #kubeconfig(name: Credential['name'], path: string, authority: AuthorityName): Credential {
    const holding = this.#view.kubeconfigHolding(path);
    return {
      name,
      kind: 'kubeconfig',
      authority,
      holding,
      key: this.#view.key(path, holding),
      files: this.#view.states(path),
      certificatePath: path,
      keyPath: path,
      ...signedBy(this.#authorities, authority, holding),
      ...asideOf(this.#view, this.#authorities, [path], authority),
      ...this.#shapeOf(path),
      ...this.#view.namedBy(path),
    };
  }

  /** From the file, or from its copy in the aside directory. */
  #shapeOf(path: string): Pick<Credential, 'kubeconfig'> {
    const read = this.#view.readKubeconfig(path) ?? this.#view.readKubeconfig(asidePath(path));
    return read && 'shape' in read ? { kubeconfig: read.shape } : {};
  }

  /** The client certificate at the place that kubelet.conf names, and the serving pair beside it. */
  #kubeletCredentials({ read, setup }: ReturnType<typeof kubeletIn>): readonly Credential[] {
    const place = clientPlace(this.#view, read);
    const rotation = hasRotationDisabled(this.#view, setup) ? { isNeverRotated: true as const } : {};
    const { unreadable: reason } = setup;
    const lost = reason === undefined ? {} : { holding: { state: 'unreadable', reason } as const };
    const client = place
      ? [
          {
            ...this.#kubeletClient(place, read),
            ...bootstrapAside(this.#view, this.#authorities, place, setup),
            ...rotation,
            ...lost,
          },
        ]
      : [];
    return [...client, ...servingPair(this.#view, this.#authorities)];
  }

  #kubeletClient(place: PairPlace, read: ReadKubeconfig | undefined): Credential {
    if (place.certificatePath !== KUBELET_KUBECONFIG) {
      const pair = kubeletPair(this.#view, 'kubelet-client', place, this.#authorities);
      return { ...pair, ...(read && { kubeconfig: read.shape }) };
    }
    const embedded = this.#kubeconfig('kubelet-client', KUBELET_KUBECONFIG, 'ca');
    const { keyPath } = place;
    return {
      ...embedded,
      kind: 'kubelet',
      key: this.#view.key(keyPath, embedded.holding),
      files: this.#view.states(KUBELET_KUBECONFIG, keyPath),
      keyPath,
    };
  }
}

/** The certificate that is there now, if one is. */
export function leafOf(holding: Holding | undefined): Certificate | undefined {
  return holding?.state === 'present' ? holding.certificate : undefined;
}

/** `https://127.0.0.1:2379` */
function isLoopback(url: string): boolean {
  return /^https?:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(url.trim());
}
