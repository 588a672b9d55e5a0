import type { Certificate } from '../../pki/certificate.ts';
import type { AuthorityName, Component, CredentialName } from '../table.ts';

/** A file as observed on a host. Never includes contents of private keys. */
export interface FileState {
  /** Absolute, without the rootfs. */
  readonly path: string;
  /** Octal, four digits: `0600`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch, by the host's clock; whole ones without fractions in file system or `stat`. Infinite: a planned task will write it. */
  readonly modifiedAt: number;
  /** Empty if the file was not read. */
  readonly sha256: string;
  /** SELinux context, if the host uses SELinux. */
  readonly label?: string;
  /** The target of a symbolic link, as written in it; the other fields then describe the target. */
  readonly link?: string;
  /** When the link itself was made, in the same form as `modifiedAt`. */
  readonly linkedAt?: number;
}

/** What is in a certificate's place, or what a plan will put there. */
export type Holding =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string }
  /** The session may not read it, or cannot tell whether it exists. */
  | { readonly state: 'hidden' }
  /** `chain` contains whatever follows the leaf in the same file. */
  | { readonly state: 'present'; readonly certificate: Certificate; readonly chain: readonly Certificate[] }
  /**
   * A planned task will make it. `notAfter`: milliseconds since the epoch; `replaces`: the leaf whose identity it gets; `names`: what it will be
   * for, further names included, if that matters; `chain`: what will follow it in its file.
   */
  | {
      readonly state: 'planned';
      readonly notAfter: number;
      readonly replaces?: Certificate;
      readonly names?: ServerNames;
      readonly chain: readonly Certificate[];
    };

/** The names and addresses that a certificate is for. */
export type ServerNames = Pick<Certificate, 'dnsNames' | 'ipAddresses'>;

/**
 * Whether the private key belongs to the certificate. `encrypted`: it needs a password, so nothing in Kubernetes can use it.
 * `unknown`: a form of key that cannot be compared without reading it. `hidden`: the session may not read it.
 */
export type KeyState = 'match' | 'mismatch' | 'absent' | 'encrypted' | 'unknown' | 'hidden';

/** A leaf certificate with its key, wherever it is kept: a pair of files, a kubeconfig, the kubelet's PEM. */
export interface Credential {
  readonly name: CredentialName;
  readonly kind: 'pair' | 'kubeconfig' | 'kubelet';
  readonly authority: AuthorityName;
  readonly holding: Holding;
  readonly key: KeyState;
  /** Its existing files, the certificate's first. */
  readonly files: readonly FileState[];
  /** The paths of the certificate and the key, whether or not they exist: the same path if one file contains both. */
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Whether the host's own CA of that name signed the certificate; undefined if unknown. */
  readonly signedByAuthority?: boolean;
  /** When its CA ends, in milliseconds since the epoch: no leaf can last longer. */
  readonly authorityEnd?: number;
  /**
   * When what verifies it ends, in milliseconds since the epoch: the first to end of the CAs between it and the one of the host that has
   * signed it. While a CA is replaced that is not the one that signs now. Absent if none has signed it.
   */
  readonly signerEnd?: number;
  /** The key of its CA has signed it, but it names another issuer, as after that CA was made again with another name: Kubernetes rejects it. */
  readonly isMisnamed?: boolean;
  /** What it, or a CA between it and its own, is signed with that Kubernetes does not verify: `SHA-1`, `MD5`… */
  readonly unverified?: string | undefined;
  /** Its CA is kept elsewhere (an external etcd's): it is renewed only on request. */
  readonly signedElsewhere?: boolean;
  /**
   * A flag names a path outside of kubeadm's directory, and no CA of the host has signed it: it belongs to somebody else and
   * is never replaced.
   */
  readonly isOthers?: true;
  /** kubelet signed it itself, with a CA that it did not keep. Nobody can verify it, so its expiry does no harm. */
  readonly selfSigned?: true;
  /** For kubelet's client certificate: kubelet's configuration keeps it from renewing it. */
  readonly isNeverRotated?: true;
  /** The certificate that an earlier task, or an interrupted run, has moved aside: the pattern for the new one. */
  readonly aside?: {
    readonly holding: Holding;
    readonly files: readonly FileState[];
    /** Like that of the credential. */
    readonly signedByAuthority?: boolean;
  };
  readonly kubeconfig?: KubeconfigShape;
  /** For a kubeconfig whose user has its certificate in a file: what that file contains. kplay does not renew it. */
  readonly named?: { readonly path: string; readonly holding: Holding };
}

/** The contents of a kubeconfig without its keys. */
export interface KubeconfigShape {
  /** Name of the user entry of the current context. */
  readonly user: string | undefined;
  readonly cluster: string | undefined;
  /** `https://10.0.0.1:6443`; undefined also if it is kept back because it may bring a login. */
  readonly server: string | undefined;
  /** The name or address that the API server's certificate has to be for; absent if it is not checked, or kept back. */
  readonly serverName?: string;
  /** The API server is reached through a proxy that the file names. Its address, which may bring a login, is kept back. */
  readonly isProxied?: true;
  /** How the user authenticates: embedded data, files, or something other than a certificate. */
  readonly method: 'embedded' | 'files' | 'other';
  /** With `files`: the path of the certificate. */
  readonly certificateFile?: string;
  /**
   * The path of the private key, if it is in a file. Like `certificateFile` relative to the kubeconfig's directory unless it
   * begins with a slash.
   */
  readonly keyFile?: string;
  /** Names of all contexts. */
  readonly contexts: readonly string[];
  /** It has no CA to verify the API server with. */
  readonly isWithoutAuthority?: true;
  /** Why nothing can connect with the file as it is, in a clause about its current context; undefined if something can. */
  readonly contextFault?: string;
  /** The lines, from 1, of the certificate and the key; undefined if they share lines with other data. */
  readonly lines?: { readonly certificate: number; readonly key: number };
}

export interface Authority {
  readonly name: AuthorityName;
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly certificate: Certificate | undefined;
  /** All certificates of the file: more than one while a CA is being replaced. */
  readonly bundle: readonly Certificate[];
  readonly key: KeyState;
  /** The key belongs to a later certificate of the file. What signs goes by the first one. */
  readonly keyOfLater?: true;
  readonly files: readonly FileState[];
  /** Of the components of the host. */
  readonly sha1: Sha1Support;
  /** The components of the host that verify this CA's certificates with a file set by a flag. */
  readonly verifiers: readonly Verifier[];
}

/** Whether components accept certificates signed with SHA-1: old ones do, and others if told to. Absent if nothing tells their version. */
export interface Sha1Support {
  readonly kubernetes?: boolean;
  readonly etcd?: boolean;
}

/** A component with the file that it uses for verification, which may or may not contain this host's own CA. */
export interface Verifier {
  readonly component: Component;
  readonly flag: string;
  readonly path: string;
  /** The credentials that it verifies with the file. */
  readonly known: readonly CredentialName[];
  /** The certificates in the file. */
  readonly trusted: readonly Certificate[];
}

/** The CAs in one of kubeadm's kubeconfigs: its reader trusts API servers with certificates signed by one of them. */
export interface KubeconfigTrust {
  readonly path: string;
  /** Its name for its cluster. */
  readonly cluster: string;
  /** `present` or `unreadable`. */
  readonly authorities: Holding;
  /** Where they are, if the kubeconfig names a file instead. */
  readonly authorityFile?: string;
}

/** A certificate that the API server serves under other names than its own. */
export interface ServerCertificate {
  readonly path: string;
  readonly holding: Holding;
  /** The CA of the host that has signed it. */
  readonly authority?: AuthorityName;
}

export interface StaticPod {
  readonly component: Component;
  /** Of its manifest, in its own place. */
  readonly file: FileState;
  /** The manifest is in the aside directory, hidden from kubelet, after an interrupted restart. */
  readonly parked?: true;
  /** Tag of its image, without the v: `1.33.13`. */
  readonly version: string | undefined;
  readonly image: string | undefined;
  /** Name of its container. */
  readonly container: string;
  /** Id of the pod, if the manifest sets one; otherwise kubelet generates it. */
  readonly uid: string | undefined;
  /** User id of its process. */
  readonly runsAs: number;
  /** Its command and arguments, the program first. */
  readonly command: readonly string[];
  /** `--name` to value, of its command and arguments. */
  readonly flags: ReadonlyMap<string, string>;
  /** The host's file that its `--kubeconfig` leads to, by the volumes of the manifest, or if these do not tell as the flag names it. */
  readonly kubeconfig?: string;
  /** In the same way, the certificates that `--tls-sni-cert-key` names. */
  readonly sniFiles?: readonly string[];
  /** Its environment tells Go to accept signatures with SHA-1. */
  readonly isToldSha1?: true;
}

/** A file in the manifests directory that is not one of kubeadm's components. */
export interface OtherManifest extends FileState {
  /** `namespace/name` of the resulting pod; undefined if it is not a pod's manifest. */
  readonly pod: string | undefined;
  /** Id of the pod, if the manifest sets one. */
  readonly podId: string | undefined;
  /** Names of its containers, including the init containers. */
  readonly containers: readonly string[];
  /** Credentials that it loaded when it started. Never those of kubelet. */
  readonly reads: readonly CredentialName[];
  /** Other credentials visible to it: it may or may not have loaded them, or it would not be restarted when it ends. */
  readonly mayRead: readonly CredentialName[];
}

/** A file that no step may write, whatever its name: of a CA, or one that signs or verifies service account tokens. */
export interface Untouchable {
  readonly path: string;
  /** Why: `the service account key`, `kube-apiserver --client-ca-file`. */
  readonly because: string;
  /** `device:inode`, if the file exists. */
  readonly inode?: string;
  /** Further paths of the same file, through links or hard links. */
  readonly alsoAt: readonly string[];
}

/** Everything known about one host of a kubeadm cluster, from its own files. */
export interface KubeadmHost {
  /** `etcd`: it runs a member of an etcd for masters elsewhere, and nothing else of the control plane. */
  readonly role: 'control-plane' | 'etcd' | 'worker' | 'none';
  readonly certificatesDirectory: string;
  readonly manifestsDirectory: string;
  readonly authorities: readonly Authority[];
  readonly credentials: readonly Credential[];
  /** What `--tls-sni-cert-key` names: somebody else's, and never replaced. */
  readonly sniCertificates: readonly ServerCertificate[];
  /** The CAs in those of kubeadm's own kubeconfigs that exist and contain any. */
  readonly trust: readonly KubeconfigTrust[];
  readonly staticPods: readonly StaticPod[];
  /** Files in the manifests directory that kubelet runs although kubeadm did not put them there. */
  readonly otherManifests: readonly OtherManifest[];
  readonly serviceAccountFiles: readonly FileState[];
  /** Existing directories of certificates and manifests. */
  readonly directories: readonly FileState[];
  /** The files that no step may write. */
  readonly untouchable: readonly Untouchable[];
  readonly etcd: 'stacked' | 'external' | 'none';
  readonly nodeName: string | undefined;
  readonly kubelet: KubeletSetup;
  /** The places of certificates and keys where there is something that is no file, such as a named pipe. */
  readonly odd: readonly string[];
  /** kubeconfigs that only some masters have, and that are empty here: nothing is written to them. */
  readonly leftEmpty: readonly string[];
  /** The directories of certificates in which the session cannot make files, and the files that it cannot write. */
  readonly closed: readonly string[];
  /** The paths that the session may not read; absent if it could read everything. */
  readonly hidden?: { readonly user: string; readonly paths: readonly string[] };
}

/** The CA that signs for the API server, `ca`; undefined without its files. */
export function clusterAuthority({ authorities }: Pick<KubeadmHost, 'authorities'>): Authority | undefined {
  return authorities.find(({ name }) => name === 'ca');
}

/** The static pod of a component; undefined without its manifest, and for kubelet, which is none. */
export function podOf({ staticPods }: KubeadmHost, component: Component | 'kubelet'): StaticPod | undefined {
  return staticPods.find((pod) => pod.component === component);
}

export interface KubeletSetup {
  /** kubelet.conf */
  readonly file: FileState | undefined;
  /** Why kubelet.conf, which is there, is not understood: so kubelet's client certificate is not known. */
  readonly unreadable?: string;
  /** kubelet.conf in the aside directory, while there is none in its place: a bootstrap has moved it there and is not over, or was cut off. */
  readonly aside?: FileState;
  /** In its place is the one with which kubelet asks for a certificate: what is aside counts. */
  readonly isAsking?: true;
  /** Of the one aside if that is all there is. Undefined also if it is not understood. */
  readonly kubeconfig: KubeconfigShape | undefined;
  /** Where kubelet keeps its pair, while kubelet.conf embeds another copy: a renewal has kubelet.conf name that place. */
  readonly store?: FileState;
  /** bootstrap-kubelet.conf, which usually no longer exists. Not that of a bootstrap that has left kubelet.conf aside. */
  readonly bootstrap?: FileState;
  readonly rotatesClientCertificate: boolean;
  /** `unix:///run/containerd/containerd.sock` */
  readonly containerRuntimeEndpoint: string | undefined;
  readonly clusterDomain: string | undefined;
}
