import type { FileState } from './model.ts';

/** A file of a host as the fact reads it: what it is, and the part of its content that may leave the host. */
export interface RawFile {
  readonly state: FileState;
  /** `device:inode` of the file, behind whatever links lead to it. */
  readonly inode?: string;
  /** CERTIFICATE blocks of a PEM file, in order; empty when there are none. */
  readonly certificates: string;
  /** What the public-half program says of the private key in it, for each key. */
  readonly publicHalves: readonly string[];
  /** Text of manifests and configuration files; kubeconfigs with every secret taken out on the host. */
  readonly text: string | undefined;
}

export interface RawFiles {
  readonly manifestsDirectory: string;
  /** By absolute path, without the rootfs. */
  readonly files: ReadonlyMap<string, RawFile>;
  /** What the user that asked may not read; absent when there is nothing of the kind. */
  readonly hidden?: {
    readonly user: string;
    /** Files that are there. */
    readonly files: ReadonlySet<string>;
    /** Of what is in these it is not even known whether it is there. */
    readonly directories: readonly string[];
  };
}

/** Stands in a kubeconfig's text where a secret was taken out. */
export const HIDDEN_VALUE = 'KPLAY_HIDDEN';

/** Where leaf certificates that are being replaced wait until the new ones have been proven. */
export const ASIDE_DIRECTORY = '/etc/kubernetes/.kplay-aside';
/** Where a file waits while its successor is made: its whole path below the aside directory. */
export function asidePath(path: string): string {
  return `${ASIDE_DIRECTORY}${path}`;
}

/** The path that a file of the aside directory had. */
export function originalPath(aside: string): string {
  return aside.slice(ASIDE_DIRECTORY.length);
}

/** Where new files are made and checked before they are renamed into place. */
export const STAGING_DIRECTORY = '/etc/kubernetes/.kplay-staging';
