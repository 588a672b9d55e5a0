import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeDirectories } from '../core/make-directories.ts';
import { removeAbandoned, unfinishedName } from './unfinished-files.ts';
import { cacheDirectory } from './user-directories.ts';

/** The files have some megabytes each. Older ones belong to another version of kplay or of Node.js. */
const FILES_KEPT = 12;

/** Bits of a mode: users other than the owner may write. */
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** The user in whose cache directory code is kept. */
export interface CacheOwner {
  /** Throws if the system does not know the user, as for a user of a container that has no name. */
  readonly home: () => string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The user id of the process; undefined on systems without user ids. */
  readonly uid: number | undefined;
}

/**
 * Code that V8 has compiled, cached for the next start in a file in the user's cache directory. It only saves time,
 * so errors are not reported. A file that another user could have written is not read.
 */
export class CompiledCode {
  readonly #directory: string;
  readonly #file: string;
  readonly #uid: number;

  private constructor(directory: string, name: string, uid: number) {
    this.#directory = directory;
    this.#file = join(directory, name);
    this.#uid = uid;
  }

  /**
   * @param name of the code. Another source, or another version of Node.js, must have another name: V8 compares little more than lengths.
   * @returns undefined if nothing is to be cached: Node's own variable says so, or the home directory belongs to another user, as with
   * `sudo -E`, or cannot be read.
   */
  static of(name: string, { home, variables, uid }: CacheOwner): CompiledCode | undefined {
    if (variables['NODE_DISABLE_COMPILE_CACHE'] || uid === undefined) return undefined;
    try {
      const ofUser = home();
      if (statSync(ofUser).uid !== uid) return undefined;
      return new CompiledCode(join(cacheDirectory({ variables, home: ofUser }), 'compiled'), name, uid);
    } catch {
      return undefined;
    }
  }

  read(): Buffer | undefined {
    try {
      if (!this.#isPrivate()) return undefined;
      const file = openSync(this.#file, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const found = fstatSync(file);
        const isOwn = found.isFile() && found.uid === this.#uid && (found.mode & WRITABLE_BY_OTHERS) === 0;
        return isOwn ? readFileSync(file) : undefined;
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }

  write(code: Buffer): void {
    try {
      makeDirectories(this.#directory, 0o700);
      if (!this.#isPrivate()) return;
      this.#replace(code);
      this.#removeOld();
    } catch {
      // The next start compiles again.
    }
  }

  /** Renamed into place only after everything is on the disk: V8 does not notice when some is missing. */
  #replace(code: Buffer): void {
    const unfinished = unfinishedName(this.#file);
    const file = openSync(unfinished, 'wx', 0o600);
    try {
      writeFileSync(file, code);
      fsyncSync(file);
      renameSync(unfinished, this.#file);
    } finally {
      closeSync(file);
      rmSync(unfinished, { force: true });
    }
  }

  /** Whether no other user can put files there, or replace the directory or one above it. */
  #isPrivate(): boolean {
    const found = lstatSync(this.#directory);
    const isOwn = found.isDirectory() && found.uid === this.#uid && (found.mode & WRITABLE_BY_OTHERS) === 0;
    return isOwn && [resolve(this.#directory), realpathSync(this.#directory)].every((path) => this.#isGuarded(path));
  }

  /** Whether each part of the path belongs to the user or root and cannot be replaced by another user. */
  #isGuarded(path: string): boolean {
    const { uid, mode } = lstatSync(path);
    const isLink = (mode & constants.S_IFMT) === constants.S_IFLNK;
    const isOpen = !isLink && (mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0;
    if ((uid !== this.#uid && uid !== 0) || isOpen) return false;
    return dirname(path) === path || this.#isGuarded(dirname(path));
  }

  #removeOld(): void {
    removeAbandoned(this.#directory, Date.now());
    const files = readdirSync(this.#directory).map((name) => join(this.#directory, name));
    const written = new Map(files.map((file) => [file, statSync(file).mtimeMs]));
    const old = files.sort((one, other) => (written.get(other) ?? 0) - (written.get(one) ?? 0)).slice(FILES_KEPT);
    for (const file of old) rmSync(file, { force: true });
  }
}
