import type { FileState } from './model.ts';

/** A file of a host as the fact reads it: its metadata, and the part of its content that may leave the host. */
export interface RawFile {
  readonly state: FileState;
  /** `device:inode` of the file behind all links. */
  readonly inode?: string;
  /** CERTIFICATE blocks of a PEM file, in order; empty when there are none. */
  readonly certificates: string;
  /** The public halves of the private keys in it, as printed by the public-half program: of a kubeconfig, of each embedded key. */
  readonly publicHalves: readonly string[];
  /** Text of manifests and configuration files; of kubeconfigs with every secret removed on the host. */
  readonly text: string | undefined;
}

export interface RawFiles {
  readonly manifestsDirectory: string;
  /** Where /etc/kubernetes leads if a link takes its place, or that of a directory above it. */
  readonly realDirectory?: string;
  /** By absolute path, without the rootfs. */
  readonly files: ReadonlyMap<string, RawFile>;
  /** Paths at which there is no file, but a named pipe, a socket, a device, or a directory that is not empty. */
  readonly odd?: ReadonlySet<string>;
  /** Directories in which the session's user cannot make files, and files that this user cannot write. */
  readonly closed?: readonly string[];
  /** What the session's user may not read; absent if there is no such file. */
  readonly hidden?: {
    readonly user: string;
    /** Existing files. */
    readonly files: ReadonlySet<string>;
    /** Directories whose contents are not even listed. */
    readonly directories: readonly string[];
  };
}

/** Placeholder for secrets removed from a kubeconfig's text. */
export const HIDDEN_VALUE = 'KPLAY_HIDDEN';
/** Stands for a whole line of a kubeconfig that has stayed on the host, and for a comment. */
export const HIDDEN_LINE = '#';

/** Where leaf certificates that are being replaced are kept until the new ones are proven. */
export const ASIDE_DIRECTORY = '/etc/kubernetes/.kplay-aside';
/** Where a file is kept while its successor is made: its full path below the aside directory. */
export function asidePath(path: string): string {
  return `${ASIDE_DIRECTORY}${path}`;
}

/** The original path of a file in the aside directory. */
export function originalPath(aside: string): string {
  return aside.slice(ASIDE_DIRECTORY.length);
}

/** Where new files are made and checked before they are renamed into place. */
export const STAGING_DIRECTORY = '/etc/kubernetes/.kplay-staging';
