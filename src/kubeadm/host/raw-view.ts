import { linkedPath, normalPath } from '../../core/host-path.ts';
import { KUBECONFIGS, KUBERNETES_DIRECTORY } from '../table.ts';
import { keyState } from './credential-state.ts';
import { ANONYMOUS, holdingOf, ownHalf, readKubeconfig } from './kubeconfig.ts';
import type { Credential, Holding, KeyState } from './model.ts';
import type { RawFile, RawFiles } from './raw-files.ts';

const EMPTY: Holding = { state: 'unreadable', reason: 'it is empty' };

/** Whether a path in a manifest tells which file of the host it is: a relative one begins in the image, and kubelet replaces variables (`$(NAME)`). */
export function namesHostFile(path: string): boolean {
  return path.startsWith('/') && !path.includes('$(');
}

/** Reads the files of a host. A file that the session may not read is never treated as missing. */
export class RawView {
  readonly manifestsDirectory: string;
  readonly #raw: RawFiles;
  /** By path: each is requested several times, and parsing them is most of what a host costs the controller. */
  readonly #kubeconfigs = new Map<string, ReturnType<typeof readKubeconfig>>();

  constructor(raw: RawFiles) {
    this.#raw = raw;
    this.manifestsDirectory = raw.manifestsDirectory;
  }

  all(): Iterable<RawFile> {
    return this.#raw.files.values();
  }

  file(path: string): RawFile | undefined {
    return this.#raw.files.get(path);
  }

  /** The path at which kubeadm has a file that is named by where /etc/kubernetes really is. */
  ownPath(path: string): string {
    const { realDirectory } = this.#raw;
    const isBelow = realDirectory !== undefined && path.startsWith(`${realDirectory}/`);
    return isBelow ? `${KUBERNETES_DIRECTORY}${path.slice(realDirectory.length)}` : path;
  }

  /** Where a file below /etc/kubernetes really is. */
  realPath(path: string): string {
    const { realDirectory = KUBERNETES_DIRECTORY } = this.#raw;
    return path.startsWith(`${KUBERNETES_DIRECTORY}/`)
      ? `${realDirectory}${path.slice(KUBERNETES_DIRECTORY.length)}`
      : path;
  }

  /**
   * Whether a path means this place, written differently or through another name of a directory. A link at the path leads away
   * from the place: its target is elsewhere.
   */
  isPlace(path: string, place: string): boolean {
    const isWrittenAlike = normalPath(path) === normalPath(place);
    const [pathInode, placeInode] = [this.file(path)?.inode, this.file(place)?.inode];
    if (pathInode === undefined || placeInode === undefined) return isWrittenAlike;
    return pathInode === placeInode && (isWrittenAlike || this.file(place)?.state.link === undefined);
  }

  /** Whether the session may not read the file, or cannot tell whether it exists. */
  isHidden(path: string): boolean {
    const { hidden } = this.#raw;
    if (!hidden) return false;
    if (hidden.files.has(path)) return true;
    return !this.#raw.files.has(path) && hidden.directories.some((directory) => path.startsWith(`${directory}/`));
  }

  readKubeconfig(path: string): ReturnType<typeof readKubeconfig> | undefined {
    const text = this.file(path)?.text;
    if (text === undefined) return undefined;
    const read = this.#kubeconfigs.get(path) ?? readKubeconfig(text);
    this.#kubeconfigs.set(path, read);
    return read;
  }

  states(...paths: readonly string[]): readonly RawFile['state'][] {
    return [...new Set(paths)].flatMap((path) => this.file(path)?.state ?? []);
  }

  /** The files of the manifests directory itself. */
  manifests(): readonly RawFile[] {
    const directory = `${this.manifestsDirectory}/`;
    return [...this.all()].filter(
      ({ state }) => state.path.startsWith(directory) && !state.path.slice(directory.length).includes('/'),
    );
  }

  holding(path: string, read: (pem: string) => Holding = holdingOf): Holding {
    if (this.isHidden(path)) return { state: 'hidden' };
    const file = this.file(path);
    if (!file) return this.#withoutFile(path);
    if (file.state.size === 0) return EMPTY;
    if (file.certificates === '') return { state: 'unreadable', reason: 'there is no PEM certificate in it' };
    return read(file.certificates);
  }

  #withoutFile(path: string): Holding {
    if (!namesHostFile(path))
      return { state: 'unreadable', reason: `its manifest names ${path}: which file that is on the host is not known` };
    return this.isOdd(path) ? { state: 'unreadable', reason: 'it is not a file' } : { state: 'absent' };
  }

  /** Directories in which the session cannot make files, and files that it cannot write. */
  get closed(): readonly string[] {
    return this.#raw.closed ?? [];
  }

  oddAmong(paths: readonly string[]): readonly string[] {
    return [...new Set(paths)].filter((path) => this.isOdd(path));
  }

  /** Whether there is neither a file nor a directory at the path, but something else. */
  isOdd(path: string): boolean {
    return this.#raw.odd?.has(path) === true;
  }

  /** The certificate in a kubeconfig for the user of its current context. */
  kubeconfigHolding(path: string): Holding {
    if (this.isHidden(path)) return { state: 'hidden' };
    if (this.file(path)?.state.size === 0) return EMPTY;
    const read = this.readKubeconfig(path);
    if (!read) return this.#withoutFile(path);
    if ('unreadable' in read) return { state: 'unreadable', reason: read.unreadable };
    return read.isAnonymous ? { state: 'unreadable', reason: ANONYMOUS } : read.holding;
  }

  /** The file in which the user of a kubeconfig has its certificate, if it has one there. */
  namedBy(path: string): Pick<Credential, 'named'> {
    const read = this.readKubeconfig(path);
    const file = read && 'shape' in read ? read.shape.certificateFile : undefined;
    if (file === undefined) return {};
    const named = linkedPath(path, file);
    // Of a file with such a name only the key is read.
    const isRead = !/\.(key|conf|pub)$/.test(named);
    return { named: { path: named, holding: isRead ? this.holding(named) : { state: 'absent' } } };
  }

  /** The relation of the private key at a path to a certificate. */
  key(path: string, holding: Holding): KeyState {
    if (this.isHidden(path)) return 'hidden';
    return keyState(this.#publicHalf(path), holding.state === 'present' ? holding.certificate : undefined);
  }

  #publicHalf(path: string): string | undefined {
    const { text = '', publicHalves = [] } = this.file(path) ?? {};
    const read = this.readKubeconfig(path);
    return read && 'shape' in read ? ownHalf(read.shape, text, publicHalves) : publicHalves[0];
  }
}

/**
 * kubeconfigs that only some masters have, and that are empty here: kubelet makes such a file for a pod that mounts it (kube-vip's
 * FileOrCreate). kubeadm fills none: renewing one is an error (`missing context`).
 */
export function emptyOptional(view: RawView): readonly string[] {
  return KUBECONFIGS.filter(({ optional }) => optional)
    .map(({ name }) => `${KUBERNETES_DIRECTORY}/${name}`)
    .filter((path) => view.file(path)?.state.size === 0);
}
