import type { Certificate } from '../../pki/certificate.ts';
import type { AuthorityName, Component, CredentialName } from '../table.ts';

/** A file as it was seen on a host. Contents of private keys are never part of it. */
export interface FileState {
  /** Absolute, without the rootfs in front. */
  readonly path: string;
  /** Octal, four digits: `0600`. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch, by the host's clock; without fraction where the file system or the host's `stat` has none. */
  readonly modifiedAt: number;
  readonly sha256: string;
  /** SELinux context, where the host has SELinux. */
  readonly label?: string;
  /** The target of a symbolic link, as it is written in it; the other fields then describe that target. */
  readonly link?: string;
  /** When the link itself was made, in the same form as `modifiedAt`. */
  readonly linkedAt?: number;
}

/** What is in the place of a certificate, or what a plan will put there. */
export type Holding =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string }
  /** The session may not read it, or not even see whether it exists. */
  | { readonly state: 'hidden' }
  /** `chain` holds whatever follows the leaf in the same file. */
  | { readonly state: 'present'; readonly certificate: Certificate; readonly chain: readonly Certificate[] }
  /** Will be made by a planned task. */
  | { readonly state: 'planned'; readonly notAfter: number };

/**
 * Does the private key belong to the certificate? `unknown`: a form of key that cannot be compared without reading it. `hidden`: the
 * session may not read it.
 */
export type KeyState = 'match' | 'mismatch' | 'absent' | 'unknown' | 'hidden';

/** A leaf certificate with its key, wherever it is kept: a pair of files, a kubeconfig, the kubelet's PEM. */
export interface Credential {
  readonly name: CredentialName;
  readonly kind: 'pair' | 'kubeconfig' | 'kubelet';
  readonly authority: AuthorityName;
  readonly holding: Holding;
  readonly key: KeyState;
  /** Its files, the certificate's first. Files that do not exist are left out. */
  readonly files: readonly FileState[];
  /** Where the certificate and the key are, or belong: the same path where one file holds both. */
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Is the certificate signed by the host's own CA of that name? undefined: cannot be told. */
  readonly signedByAuthority?: boolean;
  /** When its CA ends, in milliseconds since the epoch. No leaf can last longer. */
  readonly authorityEnd?: number;
  /** Its CA is kept elsewhere (an external etcd's): it is renewed only when that is asked for. */
  readonly signedElsewhere?: boolean;
  /** A flag names it outside of kubeadm's own directory, and no CA of the host has signed it: it is somebody else's, and never replaced. */
  readonly isOthers?: true;
  /** kubelet has signed it itself, with a CA that it did not keep. Nobody can verify it, so its end harms nobody. */
  readonly selfSigned?: true;
  /** On kubelet's client certificate: kubelet's configuration keeps it from renewing this itself. */
  readonly isNeverRotated?: true;
  /** The certificate that an earlier task, or an interrupted run, has moved aside: the pattern for the new one. */
  readonly aside?: {
    readonly holding: Holding;
    readonly files: readonly FileState[];
    /** As that of the credential. */
    readonly signedByAuthority?: boolean;
  };
  readonly kubeconfig?: KubeconfigShape;
}

/** What a kubeconfig holds besides its keys. */
export interface KubeconfigShape {
  /** Name of the user entry of the current context. */
  readonly user: string | undefined;
  readonly cluster: string | undefined;
  /** `https://10.0.0.1:6443` */
  readonly server: string | undefined;
  /** How the user authenticates: embedded data, files, or something that is not a certificate. */
  readonly method: 'embedded' | 'files' | 'other';
  /** With `files`: the path of the certificate. */
  readonly certificateFile?: string;
  /** The path of the private key, when that is kept in a file. Told from the directory of the kubeconfig, as `certificateFile`, unless it begins with a slash. */
  readonly keyFile?: string;
  /** Names of all contexts. */
  readonly contexts: readonly string[];
  /** The lines, from 1, where the certificate and the key stand; undefined when they have no line to themselves. */
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
  readonly files: readonly FileState[];
  /** The components of the host that are told by a flag to know by a file what this CA signs. */
  readonly verifiers: readonly Verifier[];
}

/** A component with the file by which it knows others, of which this host's own CA may or may not be a part. */
export interface Verifier {
  readonly component: Component;
  readonly flag: string;
  readonly path: string;
  /** Whose certificates it verifies by that. */
  readonly known: readonly CredentialName[];
  /** What is in the file. */
  readonly trusted: readonly Certificate[];
}

/** The CAs in one of kubeadm's kubeconfigs: its reader trusts API servers whose certificates one of them has signed. */
export interface KubeconfigTrust {
  readonly path: string;
  /** As it calls its cluster. */
  readonly cluster: string;
  /** `present` or `unreadable`. */
  readonly authorities: Holding;
}

export interface StaticPod {
  readonly component: Component;
  /** Of its manifest, in its own place. */
  readonly file: FileState;
  /** The manifest is in the aside directory, out of kubelet's sight, where an interrupted restart has left it. */
  readonly parked?: true;
  /** Tag of its image, without the v: `1.33.13`. */
  readonly version: string | undefined;
  readonly image: string | undefined;
  /** Name of its container. */
  readonly container: string;
  /** Id of the pod, where the manifest gives one; else kubelet makes it. */
  readonly uid: string | undefined;
  /** User id of its process. */
  readonly runsAs: number;
  /** Its command and arguments, the program first. */
  readonly command: readonly string[];
  /** `--name` to value, of its command and arguments. */
  readonly flags: ReadonlyMap<string, string>;
}

/** A file in the manifests directory that runs none of kubeadm's components. */
export interface OtherManifest extends FileState {
  /** `namespace/name` of the pod that kubelet makes of it; undefined when it is no manifest of a pod. */
  readonly pod: string | undefined;
  /** Id of the pod, where the manifest gives one. */
  readonly podId: string | undefined;
  /** Names of its containers, including the init containers. */
  readonly containers: readonly string[];
  /** Credentials that it has loaded, as they were when it started. Never those of kubelet. */
  readonly reads: readonly CredentialName[];
  /** Other credentials that it can see. Whether it has loaded them cannot be told, or it would not be started again when it ends. */
  readonly mayRead: readonly CredentialName[];
}

/** A file that no step may write, whatever its name: that of a CA, or one that signs or verifies service account tokens. */
export interface Untouchable {
  readonly path: string;
  /** Why: `the service account key`, `kube-apiserver --client-ca-file`. */
  readonly because: string;
  /** `device:inode`, where the file is there. */
  readonly inode?: string;
  /** Further paths of the same file, through a link or as a second name. */
  readonly alsoAt: readonly string[];
}

/** Everything that is known of one host of a kubeadm cluster, from its own files. */
export interface KubeadmHost {
  readonly role: 'control-plane' | 'worker' | 'none';
  readonly certificatesDirectory: string;
  readonly manifestsDirectory: string;
  readonly authorities: readonly Authority[];
  readonly credentials: readonly Credential[];
  /** The CAs of those of kubeadm's own kubeconfigs that exist and name any. */
  readonly trust: readonly KubeconfigTrust[];
  readonly staticPods: readonly StaticPod[];
  /** Files in the manifests directory that kubelet runs although kubeadm did not put them there. */
  readonly otherManifests: readonly OtherManifest[];
  readonly serviceAccountFiles: readonly FileState[];
  /** The directories of certificates and manifests that exist. */
  readonly directories: readonly FileState[];
  /** What no step may write. */
  readonly untouchable: readonly Untouchable[];
  readonly etcd: 'stacked' | 'external' | 'none';
  readonly nodeName: string | undefined;
  readonly kubelet: KubeletSetup;
  /** The paths that the session may not read; absent when it could read everything. */
  readonly hidden?: { readonly user: string; readonly paths: readonly string[] };
}

export interface KubeletSetup {
  /** kubelet.conf */
  readonly file: FileState | undefined;
  readonly kubeconfig: KubeconfigShape | undefined;
  readonly rotatesClientCertificate: boolean;
  /** `unix:///run/containerd/containerd.sock` */
  readonly containerRuntimeEndpoint: string | undefined;
  readonly clusterDomain: string | undefined;
}
