import {
  chmodSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of an embedded host. Paths are the host's own; `root` is the directory that stands for its `/`. */
export class HostFiles {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Where a path of the host is on this machine. */
  at(path: string): string {
    return join(this.root, path);
  }

  exists(path: string): boolean {
    return existsSync(this.at(path));
  }

  /** @throws {Error} when it does not exist. */
  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  /** Undefined when there is no such file, or it vanishes while it is read. */
  readIfThere(path: string): string | undefined {
    try {
      return this.read(path);
    } catch {
      return undefined;
    }
  }

  /** The names in a directory; none when there is no such directory. */
  list(path: string): readonly string[] {
    return this.exists(path) ? readdirSync(this.at(path)) : [];
  }

  /** Its directory is made as well. */
  write(path: string, content: string | Uint8Array, mode = 0o644): void {
    this.makeDirectory(dirname(path));
    writeFileSync(this.at(path), content, { mode });
    // The mode above is cut by the umask, and does nothing for a file that exists.
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

  /** A link whose target is a path of the host: it is written so that it resolves inside the box. */
  link(path: string, target: string): void {
    this.makeDirectory(dirname(path));
    this.remove(path);
    symlinkSync(this.at(target), this.at(path));
  }

  /** The directory of the new place is made as well. */
  move(from: string, to: string): void {
    this.makeDirectory(dirname(to));
    renameSync(this.at(from), this.at(to));
  }

  remove(path: string): void {
    rmSync(this.at(path), { force: true, recursive: true });
  }

  /** Gives everything below a path the same time, so that it looks as old as it is meant to be. */
  age(path: string, time: Date): void {
    const place = this.at(path);
    if (lstatSync(place).isDirectory()) for (const name of readdirSync(place)) this.age(join(path, name), time);
    lutimesSync(place, time, time);
  }
}
