import { parseDuration } from '../../../src/core/duration.ts';
import { linkedPath } from '../../../src/core/host-path.ts';
import { type CredentialName, KUBECONFIGS, PAIRS, type PairName } from '../../../src/kubeadm/table.ts';
import { parseVersion } from '../../../src/kubeadm/version.ts';
import { groupsOf } from '../../../src/simulation/groups.ts';
import {
  FOREIGN_KEY,
  type LeafKey,
  NOW,
  newAuthority,
  newLeaf,
  RSA_KEY,
  signedAgain,
  type TestAuthority,
} from './keys.ts';
import { HIDDEN, kubeconfigText, type TestUser } from './kubeconfig-text.ts';
import { manifestsOf } from './manifests.ts';

/** A leaf that differs from a good one that ends in 364 days. */
export interface LeafDescription {
  /** In that time, or so long ago: `5d`, `-3d`; `with its CA`. */
  readonly ends?: string;
  readonly state?:
    | 'missing'
    | 'unreadable'
    | 'empty'
    | 'no key'
    | 'other key'
    | 'encrypted key'
    | 'foreign signer'
    | 'not yet valid'
    | 'SHA-1'
    | 'bundle';
  readonly organizations?: readonly string[];
  /** Besides those that kubeadm gives. */
  readonly names?: readonly string[];
  readonly commonName?: string;
  /** Extended key usages, if not those that kubeadm gives. */
  readonly usages?: readonly string[];
}

/** A host as a test describes it: what is not said is as kubeadm 1.33 leaves it. Plain data, so that it can stand in a data file. */
export interface HostDescription {
  readonly role?: 'control-plane' | 'worker' | 'none';
  readonly node?: string;
  readonly address?: string;
  /** Of the cluster. */
  readonly version?: string;
  readonly etcd?: 'stacked' | 'external';
  /** By kubeadm's names, `*` for all others; a text is a state or an end. */
  readonly leaves?: Readonly<Record<string, string | LeafDescription>>;
  /** `3650d`, `-1d`, `missing`, `no key`, `other key`, `encrypted key`. */
  readonly authorities?: Readonly<Record<string, string>>;
  /** CNs of its CAs, if not kubeadm's: with the keys, which are the same in all tests, they tell CAs apart. */
  readonly authorityNames?: Readonly<Record<string, string>>;
  /** What the CAs say that their keys are of; they are of ECDSA-P256. */
  readonly authorityKeys?: string;
  /** Leaves, kubeconfigs, and files by path, that an interrupted run has left in the aside directory. */
  readonly aside?: readonly string[];
  readonly kubelet?: {
    readonly conf?: 'files' | 'two files' | 'embedded' | 'missing' | 'empty' | 'cut off' | 'no user';
    readonly rotates?: boolean | 'yes';
    /** kubelet.conf names the host's own API server, as with 1.33 on masters. */
    readonly isLocal?: boolean;
  };
  readonly superAdmin?: boolean;
  /** Kubeconfigs in which the CA of another cluster is. */
  readonly estranged?: readonly string[];
  /** What kubeconfigs have in place of the data of their CA, by name; an empty text for none. */
  readonly authorityData?: Readonly<Record<string, string>>;
  /** Kubeconfigs that lead through a proxy. */
  readonly proxied?: readonly string[];
  /** Kubeconfigs without a current context. */
  readonly contextless?: readonly string[];
  readonly flags?: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly endpoint?: string;
  readonly certificatesDirectory?: string;
  /** How long ago a leaf’s files were written, by name; 30 days when not said. Less than none is in the future. */
  readonly written?: Readonly<Record<string, string>>;
  /** What the session may not read: paths of files, and of directories, which end with a slash. */
  readonly hidden?: readonly string[];
  /** Files that do not exist, by path. */
  readonly without?: readonly string[];
  /** Places where a named pipe is. */
  readonly odd?: readonly string[];
  /** Directories of certificates in which nobody can make files. */
  readonly closed?: readonly string[];
  /** Modes by path; of directories only those that are named here are known. */
  readonly modes?: Readonly<Record<string, string>>;
  /** User ids of owners by path, also of directories in `modes`; a path with a slash at its end is all files below it. */
  readonly owners?: Readonly<Record<string, number>>;
  /** Files that are links to others, by path: the targets have what would be in them, unless they have something of their own. */
  readonly links?: Readonly<Record<string, string>>;
  /** Further files, or others than these, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A file of a host, with all that stands in it. */
export interface HostFile {
  readonly path: string;
  readonly content: string;
  readonly mode: string;
  /** User id of the owner; root's when not said. */
  readonly uid?: number;
  /** Seconds since the epoch. */
  readonly modifiedAt: number;
  readonly link?: string;
  /** What the public-half program says of the key in it. */
  readonly half?: string;
}

export interface TestHost {
  readonly files: ReadonlyMap<string, HostFile>;
  readonly authorities: Readonly<Record<'ca' | 'etcd-ca' | 'front-proxy-ca', TestAuthority>>;
}

/** The keys that leaves get. Those of RSA are public halves only: good enough where nothing is written to a disk. */
export interface HostKeys {
  readonly of: (name: string) => LeafKey;
  readonly serviceAccount: string;
}

const WITHOUT_PRIVATE_PARTS: HostKeys = { of: () => RSA_KEY, serviceAccount: 'the service account key' };

const AUTHORITIES = [
  ['ca', 'ca', 'kubernetes'],
  ['etcd-ca', 'etcd/ca', 'etcd-ca'],
  ['front-proxy-ca', 'front-proxy-ca', 'front-proxy-ca'],
] as const;
const LATEST = { major: 1, minor: 37, patch: 0 };
const DAYS_30 = 30 * 86_400;
const KUBELET_PKI = '/var/lib/kubelet/pki';

/** The files of a described host. */
export function hostFiles(description: HostDescription = {}, keys: HostKeys = WITHOUT_PRIVATE_PARTS): TestHost {
  return new Builder(description, keys).build();
}

class Builder {
  readonly #described: HostDescription;
  readonly #keys: HostKeys;
  readonly #files = new Map<string, HostFile>();
  readonly #authorities: TestHost['authorities'];
  readonly #stranger = newAuthority('stranger', NOW.getTime() + parseDuration('10y'), 'kubernetes');
  readonly #pki: string;
  readonly #node: string;
  readonly #address: string;
  readonly #version: string;

  constructor(description: HostDescription, keys: HostKeys) {
    this.#described = description;
    this.#keys = keys;
    this.#pki = description.certificatesDirectory ?? '/etc/kubernetes/pki';
    this.#node = description.node ?? 'master-1';
    this.#address = description.address ?? '10.0.0.1';
    this.#version = description.version ?? '1.33.13';
    const [ca, etcdCa, frontProxyCa] = AUTHORITIES.map(([name, , commonName]) =>
      newAuthority(name, this.#authorityEnd(name), description.authorityNames?.[name] ?? commonName),
    ) as [TestAuthority, TestAuthority, TestAuthority];
    this.#authorities = { ca, 'etcd-ca': etcdCa, 'front-proxy-ca': frontProxyCa };
  }

  build(): TestHost {
    const { role = 'control-plane', etcd = 'stacked', files = {}, without = [] } = this.#described;
    if (role === 'control-plane') {
      for (const [name, base] of AUTHORITIES) if (name !== 'etcd-ca' || etcd === 'stacked') this.#authority(name, base);
      for (const pair of PAIRS) if (!pair.stackedEtcd || etcd === 'stacked') this.#pair(pair.name);
      if (etcd === 'external') this.#externalEtcd();
      for (const { name } of KUBECONFIGS)
        if (name !== 'super-admin.conf' || this.#described.superAdmin) this.#kubeconfig(name);
      for (const [component, text] of this.#manifests())
        this.#add(`/etc/kubernetes/manifests/${component}.yaml`, text, '0600');
      this.#add(`${this.#pki}/sa.key`, this.#keys.serviceAccount, '0600');
      this.#add(`${this.#pki}/sa.pub`, 'the public half', '0600');
    }
    if (role === 'worker') this.#add(`${this.#pki}/ca.crt`, this.#authorities.ca.pem, '0644');
    if (role !== 'none') this.#kubelet();
    for (const name of this.#described.aside ?? []) this.#moveAside(name);
    for (const [path, content] of Object.entries(files)) this.#add(path, content, '0600');
    for (const path of [...without, ...(this.#described.odd ?? [])]) this.#files.delete(path);
    for (const [path, target] of Object.entries(this.#described.links ?? {})) this.#link(path, target);
    for (const [path, mode] of Object.entries(this.#described.modes ?? {})) {
      const file = this.#files.get(path);
      if (file) this.#files.set(path, { ...file, mode });
      else this.#add(path, '', mode);
    }
    for (const [path, uid] of Object.entries(this.#described.owners ?? {}))
      for (const [name, file] of this.#files)
        if (name === path || (path.endsWith('/') && name.startsWith(path))) this.#files.set(name, { ...file, uid });
    return { files: this.#files, authorities: this.#authorities };
  }

  #add(path: string, content: string, mode: string, more: Partial<HostFile> = {}): void {
    this.#files.set(path, { path, content, mode, modifiedAt: NOW.getTime() / 1000 - DAYS_30, ...more });
  }

  #link(path: string, link: string): void {
    const own = this.#files.get(path);
    const target = this.#files.get(linkedPath(path, link)) ?? own;
    if (!target) return;
    this.#files.set(linkedPath(path, link), { ...target, path: linkedPath(path, link) });
    this.#files.set(path, { ...target, path, link });
  }

  #leaf(name: string): LeafDescription {
    const { leaves = {} } = this.#described;
    const said = leaves[name] ?? leaves['*'] ?? {};
    if (typeof said !== 'string') return said;
    return /^-?[\d]/.test(said) || said === 'with its CA' ? { ends: said } : ({ state: said } as LeafDescription);
  }

  #authorityEnd(name: string): number {
    const said = this.#described.authorities?.[name] ?? '3000d';
    return NOW.getTime() + (/^-?\d/.test(said) ? signedDuration(said) : parseDuration('3000d'));
  }

  #authority(name: 'ca' | 'etcd-ca' | 'front-proxy-ca', base: string): void {
    const said = this.#described.authorities?.[name];
    const { pem, key } = this.#authorities[name];
    if (said !== 'missing') this.#add(`${this.#pki}/${base}.crt`, pem, '0644');
    if (said === 'no key') return;
    const { text, half } = instead(said) ?? key;
    this.#add(`${this.#pki}/${base}.key`, text, '0600', { half });
  }

  #pair(name: PairName): void {
    const { base } = PAIRS.find((pair) => pair.name === name) ?? { base: name };
    const { state } = this.#leaf(name);
    const at = this.#writtenAt(name);
    if (state !== 'missing') this.#add(`${this.#pki}/${base}.crt`, this.#certificate(name), '0644', at);
    if (state === 'missing' || state === 'no key') return;
    const { text, half } = instead(state) ?? this.#keys.of(name);
    this.#add(`${this.#pki}/${base}.key`, text, '0600', { half, ...at });
  }

  /** The API server's pair for an etcd elsewhere, and its CA: without the key, unless it is kept among kubeadm's own. */
  #externalEtcd(): void {
    const authority = this.#described.flags?.['kube-apiserver']?.['--etcd-cafile'] ?? '/etc/etcd/ca.crt';
    const { pem, key } = this.#authorities['etcd-ca'];
    this.#add(authority, pem, '0644');
    if (authority.startsWith(this.#pki))
      this.#add(authority.replace(/crt$/, 'key'), key.text, '0600', { half: key.half });
    this.#add('/etc/etcd/client.crt', this.#certificate('apiserver-etcd-client'), '0644');
    const own = this.#keys.of('apiserver-etcd-client');
    this.#add('/etc/etcd/client.key', own.text, '0600', { half: own.half });
  }

  #writtenAt(name: string): Pick<HostFile, 'modifiedAt'> {
    const ago = this.#described.written?.[name];
    return { modifiedAt: NOW.getTime() / 1000 - (ago === undefined ? DAYS_30 : signedDuration(ago) / 1000) };
  }

  #certificate(name: string): string {
    const leaf = this.#leaf(name);
    if (leaf.state === 'empty') return '';
    if (leaf.state === 'unreadable')
      return '-----BEGIN CERTIFICATE-----\nTm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';
    const signer = this.#signerOf(name);
    const ends =
      leaf.ends === 'with its CA' ? signer.certificate.notAfter : NOW.getTime() + signedDuration(leaf.ends ?? '364d');
    const pem = newLeaf(leaf.state === 'foreign signer' ? this.#stranger : signer, {
      ...identity(name, this.#node, this.#address, this.#version),
      ...this.#identityDifference(name, leaf),
      notAfter: ends,
      ...(leaf.state === 'not yet valid' && { notBefore: NOW.getTime() + 3_600_000 }),
      publicKey: this.#keys.of(name).publicKey,
    });
    if (leaf.state === 'SHA-1') return signedAgain(pem, signer);
    return leaf.state === 'bundle' ? `${pem}${signer.pem}` : pem;
  }

  #identityDifference(name: string, { organizations, names = [], commonName, usages }: LeafDescription) {
    const usual = identity(name, this.#node, this.#address, this.#version);
    return {
      subject: {
        commonName: commonName ?? usual.subject.commonName,
        organizations: organizations ?? usual.subject.organizations,
      },
      ...(usages && { extendedKeyUsages: usages }),
      dnsNames: [...usual.dnsNames, ...names.filter((text) => !isAddress(text))],
      ipAddresses: [...usual.ipAddresses, ...names.filter(isAddress)],
    };
  }

  #signerOf(name: string): TestAuthority {
    // Kubelet makes a CA for it, and keeps that nowhere.
    if (name === 'kubelet-server')
      return newAuthority('stranger', NOW.getTime() + parseDuration('10y'), `${this.#node}-ca@1700000000`);
    const pair = PAIRS.find((row) => row.name === name);
    return this.#authorities[pair?.authority ?? 'ca'];
  }

  #kubeconfig(name: string): void {
    const leaf = this.#leaf(name);
    const path = `/etc/kubernetes/${name}`;
    if (leaf.state === 'missing') return;
    if (leaf.state === 'empty') {
      this.#add(path, '', '0600');
      return;
    }
    const key = instead(leaf.state) ?? this.#keys.of(name);
    const user = {
      name: identity(name, this.#node, this.#address, this.#version).subject.commonName,
      certificate: this.#certificate(name),
      key: key.text,
    };
    const local = name === 'admin.conf' || name === 'super-admin.conf' ? undefined : this.#localServer();
    this.#add(path, this.#kubeconfigText(name, user, local), '0600', { half: key.half, ...this.#writtenAt(name) });
  }

  #localServer(): string {
    const host = this.#address.includes(':') ? `[${this.#address}]` : this.#address;
    return `https://${host}:${this.#described.flags?.['kube-apiserver']?.['--secure-port'] ?? 6443}`;
  }

  #kubeconfigText(name: string, user: TestUser, server: string | undefined): string {
    const { endpoint, estranged = [], authorityData = {}, proxied = [], contextless = [] } = this.#described;
    const shared = endpoint === undefined ? this.#localServer() : `https://${endpoint}`;
    const whole = kubeconfigText({
      server: server ?? shared,
      authority: (estranged.includes(name) ? this.#stranger : this.#authorities.ca).pem,
      users: [user],
    });
    const data = authorityData[name];
    const given = data === undefined ? whole : whole.replace(/(certificate-authority-data:).*/, `$1 ${data}`);
    const text = contextless.includes(name) ? given.replace(/^current-context: .*\n/m, '') : given;
    return proxied.includes(name) ? text.replace(/^ {4}server:/m, `    proxy-url: ${HIDDEN}\n$&`) : text;
  }

  #manifests(): ReadonlyMap<string, string> {
    const { etcd = 'stacked', flags = {} } = this.#described;
    return manifestsOf({
      node: this.#node,
      address: this.#address,
      version: this.#version,
      etcd,
      flags,
      certificatesDirectory: this.#pki,
    });
  }

  #kubelet(): void {
    const { conf = 'files', rotates = true, isLocal = false } = this.#described.kubelet ?? {};
    const key = this.#keys.of('kubelet-client');
    const other = this.#leaf('kubelet-client').state === 'other key' ? FOREIGN_KEY : key;
    const commonName = `system:node:${this.#node}`;
    this.#add(
      '/var/lib/kubelet/config.yaml',
      `kind: KubeletConfiguration\nclusterDomain: cluster.local\nrotateCertificates: ${rotates}\ncontainerRuntimeEndpoint: ""\nstaticPodPath: /etc/kubernetes/manifests\n`,
      '0644',
    );
    this.#add(
      '/var/lib/kubelet/kubeadm-flags.env',
      'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock"\n',
      '0644',
    );
    if (conf === 'missing') return;
    const current = `${KUBELET_PKI}/kubelet-client-current.pem`;
    const certificate = this.#certificate('kubelet-client');
    const at = this.#writtenAt('kubelet-client');
    const user: TestUser =
      conf === 'embedded'
        ? { name: commonName, certificate, key: other.text }
        : {
            name: commonName,
            certificate:
              conf === 'two files'
                ? { certificateFile: 'kubelet/node.crt', keyFile: '/etc/kubernetes/kubelet/node.key' }
                : { certificateFile: current, keyFile: current },
          };
    const text = this.#kubeconfigText('kubelet.conf', user, isLocal ? this.#localServer() : undefined);
    const damaged = {
      empty: '',
      'cut off': `${text.slice(0, text.indexOf('users:'))}users:\n- name: "x`,
      'no user': text.slice(0, text.indexOf('users:')),
    };
    this.#add(
      '/etc/kubernetes/kubelet.conf',
      conf in damaged ? damaged[conf as keyof typeof damaged] : text,
      '0600',
      conf === 'embedded' ? { half: other.half } : {},
    );
    if ((conf === 'files' || conf in damaged) && this.#leaf('kubelet-client').state !== 'missing') {
      const link = `${KUBELET_PKI}/kubelet-client-2026-10-25-12-00-00.pem`;
      const content = `${certificate}${other.text}`;
      this.#add(link, content, '0600', { half: other.half, ...at });
      this.#add(current, content, '0600', { half: other.half, link, ...at });
    }
    if (conf === 'two files') {
      this.#add('/etc/kubernetes/kubelet/node.crt', certificate, '0644', at);
      this.#add('/etc/kubernetes/kubelet/node.key', other.text, '0600', { half: other.half, ...at });
    }
    const made = this.#writtenAt('kubelet-server');
    this.#add(`${KUBELET_PKI}/kubelet.crt`, this.#certificate('kubelet-server'), '0644', made);
    const serving = this.#keys.of('kubelet-server');
    this.#add(`${KUBELET_PKI}/kubelet.key`, serving.text, '0600', { half: serving.half, ...made });
  }

  #moveAside(name: string): void {
    const base = PAIRS.find((row) => row.name === name)?.base;
    const file = name.startsWith('/') ? name : `/etc/kubernetes/${name}`;
    for (const path of base === undefined ? [file] : [`${this.#pki}/${base}.crt`, `${this.#pki}/${base}.key`]) {
      const file = this.#files.get(path);
      if (!file) continue;
      this.#files.delete(path);
      this.#files.set(`/etc/kubernetes/.kplay-aside${path}`, { ...file, path: `/etc/kubernetes/.kplay-aside${path}` });
    }
  }
}

/** The key that a description puts in the place of the right one. */
function instead(state: string | undefined): Pick<LeafKey, 'text' | 'half'> | undefined {
  if (state === 'other key') return FOREIGN_KEY;
  return state === 'encrypted key' ? { text: 'an encrypted key', half: 'encrypted' } : undefined;
}

/** Whom kubeadm makes a leaf for (reference, sections 1.1 to 1.3). */
function identity(name: string, node: string, address: string, version: string) {
  const pair = PAIRS.find((row) => row.name === name);
  const names =
    pair?.names === 'apiserver'
      ? [
          'kubernetes',
          'kubernetes.default',
          'kubernetes.default.svc',
          'kubernetes.default.svc.cluster.local',
          node,
          '10.96.0.1',
          address,
        ]
      : pair?.names === 'etcd'
        ? [node, 'localhost', address, '127.0.0.1', '::1']
        : [];
  return {
    subject: {
      commonName: commonNameOf(name, node),
      organizations: name === 'kubelet-server' ? [] : groupsOf(name as CredentialName, parseVersion(version) ?? LATEST),
    },
    dnsNames: names.filter((text) => !isAddress(text)),
    ipAddresses: names.filter(isAddress),
    extendedKeyUsages: pair?.usages ?? (name === 'kubelet-server' ? ['serverAuth'] : ['clientAuth']),
  };
}

function commonNameOf(name: string, node: string): string {
  if (name === 'kubelet-client') return `system:node:${node}`;
  if (name === 'kubelet-server') return `${node}@1700000000`;
  const commonName = [...PAIRS, ...KUBECONFIGS].find((row) => row.name === name)?.commonName ?? 'node';
  return commonName === 'node' ? node : commonName;
}

export function signedDuration(text: string): number {
  return text.startsWith('-') ? -parseDuration(text.slice(1)) : parseDuration(text);
}

function isAddress(text: string): boolean {
  return text.includes(':') || /^[\d.]+$/.test(text);
}
