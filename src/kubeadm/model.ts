import type { Certificate } from '../pki/certificate.ts';
import type { AuthorityName, Component, CredentialName } from './table.ts';

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
  /** Seconds since the epoch, by the host's clock; whole ones where the file system or the host's `stat` tells no more. */
  readonly modifiedAt: number;
  readonly sha256: string;
  /** SELinux context, where the host has SELinux. */
  readonly label?: string;
  /** Where a symbolic link points to; the rest then describes its target. */
  readonly link?: string;
  /** When that link itself was laid, as `modifiedAt` tells it. */
  readonly linkedAt?: number;
}

/** A certificate's place: what is in it now, or what a plan will put there. */
export type Holding =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string }
  /** The user that looked may not read it, or not even see whether it is there. */
  | { readonly state: 'hidden' }
  /** `chain` holds whatever follows the leaf in the same file. */
  | { readonly state: 'present'; readonly certificate: Certificate; readonly chain: readonly Certificate[] }
  /** Will be made by a planned task. */
  | { readonly state: 'planned'; readonly notAfter: number };

/**
 * Does the private key belong to the certificate? `unknown`: a form of key that cannot be compared without reading it; `hidden`:
 * the user that looked may not read it.
 */
export type KeyState = 'match' | 'mismatch' | 'absent' | 'unknown' | 'hidden';

/** A leaf certificate with its key, wherever it is kept: a pair of files, a kubeconfig, the kubelet's PEM. */
export interface Credential {
  readonly name: CredentialName;
  readonly kind: 'pair' | 'kubeconfig' | 'kubelet';
  readonly authority: AuthorityName;
  readonly holding: Holding;
  readonly key: KeyState;
  /** What it consists of, the certificate's file first. Files that do not exist are left out. */
  readonly files: readonly FileState[];
  /** Where the certificate, and where the key is or belongs. The same path twice where one file holds both. */
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Is the certificate signed by the host's own CA of that name? undefined: cannot be told. */
  readonly signedByAuthority?: boolean;
  /** When its CA ends, in milliseconds since the epoch: no leaf can last longer. */
  readonly authorityEnd?: number;
  /** Its CA is kept elsewhere (an external etcd's): it is renewed only when that is asked for. */
  readonly signedElsewhere?: boolean;
  /** Kubelet has signed it itself, with a CA that it kept nowhere: nobody can verify it, so that its end harms nobody. */
  readonly selfSigned?: true;
  /** Kubelet's client certificate where its configuration does not have kubelet renew it. */
  readonly isNeverRotated?: true;
  /** What an earlier task, or an interrupted run, has moved aside: the pattern for the new one. */
  readonly aside?: {
    readonly holding: Holding;
    readonly files: readonly FileState[];
    /** As that of the credential. */
    readonly signedByAuthority?: boolean;
  };
  readonly kubeconfig?: KubeconfigShape;
}

/** What a kubeconfig says besides its keys. */
export interface KubeconfigShape {
  /** Name of the user entry of the current context. */
  readonly user: string | undefined;
  readonly cluster: string | undefined;
  /** `https://10.0.0.1:6443` */
  readonly server: string | undefined;
  /** How the user proves who it is: embedded data, files, or something that is no certificate. */
  readonly method: 'embedded' | 'files' | 'other';
  /** With `files`: the path of the certificate. */
  readonly certificateFile?: string;
  /** The path of the private key, when that is kept in a file. Told from the directory of the kubeconfig, as `certificateFile`, unless it begins with a slash. */
  readonly keyFile?: string;
  /** Names of all contexts. */
  readonly contexts: readonly string[];
  /** The lines, from 1, where the certificate and the key stand; undefined when they have no line to themselves. */
  readonly lines?: { readonly certificate: number; readonly key: number };
  /** SHA-256 of the DER of the CA that it trusts, when that is embedded. */
  readonly authorityFingerprint?: string;
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
}

/** The CAs that stand in a kubeconfig of kubeadm's: by one of them its reader knows the API server. */
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
  /** The manifest is out of kubelet's sight: an interrupted restart has left it in the aside directory. */
  readonly parked?: true;
  /** Tag of its image, without the v: `1.33.13`. */
  readonly version: string | undefined;
  readonly image: string | undefined;
  /** Name of its container. */
  readonly container: string;
  /** Id of the pod, where the manifest gives it one: kubelet makes one else. */
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
}

/** A file that no step writes, whatever it is called: a CA's, or one that signs or verifies service account tokens. */
export interface Untouchable {
  readonly path: string;
  /** What makes it one: `the service account key`, `kube-apiserver --client-ca-file`. */
  readonly because: string;
  /** `device:inode`, where the file is there. */
  readonly inode?: string;
  /** Further paths that lead to the same file, by a link or as a second name. */
  readonly alsoAt: readonly string[];
}

/** Everything that is known of one host of a kubeadm cluster, from its own files. */
export interface KubeadmHost {
  readonly role: 'control-plane' | 'worker' | 'none';
  readonly certificatesDirectory: string;
  readonly manifestsDirectory: string;
  readonly authorities: readonly Authority[];
  readonly credentials: readonly Credential[];
  /** Of kubeadm's own kubeconfigs that are there, those that say. */
  readonly trust: readonly KubeconfigTrust[];
  readonly staticPods: readonly StaticPod[];
  /** Files in the manifests directory that kubelet runs although kubeadm did not put them there. */
  readonly otherManifests: readonly OtherManifest[];
  readonly serviceAccountFiles: readonly FileState[];
  /** Of certificates and manifests, those that are there. */
  readonly directories: readonly FileState[];
  /** What no step may write. */
  readonly untouchable: readonly Untouchable[];
  readonly etcd: 'stacked' | 'external' | 'none';
  readonly nodeName: string | undefined;
  readonly kubelet: KubeletSetup;
  /** What the user that looked may not read; absent when it could read everything. */
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
