import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The text of a file of an embedded host, by its path on this machine. A named pipe into which nobody writes counts as empty:
 * waiting for it would stop all hosts, which live in this process.
 * @throws {Error} if it does not exist
 */
export function readHostFile(place: string): string {
  const fd = openSync(place, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

/** The files of an embedded host. Paths are the host's own; `root` is the directory that stands for its `/`. */
export class HostFiles {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The path on this machine of a path on the host. */
  at(path: string): string {
    return join(this.root, path);
  }

  exists(path: string): boolean {
    return existsSync(this.at(path));
  }

  /** @throws {Error} if it does not exist */
  read(path: string): string {
    return readHostFile(this.at(path));
  }

  /** Undefined if there is no such file, or it vanishes during reading. */
  readIfThere(path: string): string | undefined {
    try {
      return this.read(path);
    } catch {
      return undefined;
    }
  }

  /** The names in a directory; none if it does not exist. */
  list(path: string): readonly string[] {
    return this.exists(path) ? readdirSync(this.at(path)) : [];
  }

  /** Creates its directory if necessary. */
  write(path: string, content: string | Uint8Array, mode = 0o644): void {
    this.makeDirectory(dirname(path));
    writeFileSync(this.at(path), content, { mode });
    // The mode above is subject to the umask, and ignored for existing files.
    chmodSync(this.at(path), mode);
  }

  makeDirectory(path: string, mode = 0o755): void {
    if (existsSync(this.at(path))) return;
    mkdirSync(this.at(path), { recursive: true, mode });
    chmodSync(this.at(path), mode);
  }

  setMode(path: string, mode: number): void {
    chmodSync(this.at(path), mode);
  }

  /** A link whose target is a path of the host, written so that it resolves inside of the host's root. */
  link(path: string, target: string): void {
    this.makeDirectory(dirname(path));
    this.remove(path);
    symlinkSync(this.at(target), this.at(path));
  }

  /** Creates the directory of the new path if necessary. */
  move(from: string, to: string): void {
    this.makeDirectory(dirname(to));
    renameSync(this.at(from), this.at(to));
  }

  remove(path: string): void {
    rmSync(this.at(path), { force: true, recursive: true });
  }

  /** Sets the time of everything below a path, so that it looks as old as intended. */
  age(path: string, time: Date): void {
    const place = this.at(path);
    if (lstatSync(place).isDirectory()) for (const name of readdirSync(place)) this.age(join(path, name), time);
    lutimesSync(place, time, time);
  }
}
