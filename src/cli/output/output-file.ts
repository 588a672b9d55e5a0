import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, Problems } from '../../core/diagnostic.ts';
import { describeSystemError, isMissing } from '../../core/system-error.ts';

/** For the place of a small file: a disk without even that much is full. */
const RESERVED_BYTES = 4096;

/** So many characters are written at once. */
const CHUNK = 1 << 16;

/** What is written, as a whole or in pieces. */
type OutputText = string | Iterable<string>;

/** What kind of file it is. */
export interface OutputKind {
  /** The option that names it, for messages: `--out`. */
  readonly option: string;
  readonly mode: number;
  /** Others read it by its name, and may own what stands there: then neither a link nor a file of somebody else is replaced. */
  readonly isShared: boolean;
  /** To whom root gives it. Absent: it stays root's. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** What to do where it cannot be written. Absent: name another place with the option. */
  readonly remedy?: string;
}

/** For its owner alone: plans. */
const PRIVATE: OutputKind = { option: '--out', mode: 0o600, isShared: false };

/**
 * A file that is written at the end of a run and whose place is tried before anything is contacted. It is
 * made beside its place and renamed, so that neither the rights of an old file nor half of a new one are left there.
 */
export class OutputFile {
  readonly #path: string;
  readonly #target: string;
  /** Where it is written until it is whole; undefined for what is written in place, such as a pipe. */
  readonly #draft: string | undefined;
  readonly #kind: OutputKind;
  #file: number | undefined;

  private constructor(path: string, kind: OutputKind, target: string, draft: string | undefined, file: number) {
    this.#path = path;
    this.#kind = kind;
    this.#target = target;
    this.#draft = draft;
    this.#file = file;
  }

  /** @returns undefined when it could not be written, which has been added to `problems`. */
  static reserve(path: string, problems: Problems, kind: OutputKind = PRIVATE): OutputFile | undefined {
    if (path === '-') {
      problems.error(`${kind.option} takes a file, not -`, undefined, 'use a file name; for standard output use -o');
      return undefined;
    }
    try {
      const target = kind.isShared ? path : targetOf(path);
      if (kind.isShared && !mayReplace(path, problems)) return undefined;
      if (isInPlace(target)) return new OutputFile(path, kind, target, undefined, openSync(target, 'r+'));
      const draft = join(dirname(target), `.${basename(target)}.kplay-new-${process.pid}`);
      const output = new OutputFile(path, kind, target, draft, openSync(draft, 'ax', 0o600));
      output.#reserve();
      return output;
    } catch (error) {
      addUnwritable(path, error, problems, kind);
      return undefined;
    }
  }

  /**
   * Files that belong together: none is at its place before all are whole.
   * @throws {InputError} when the disk does not take one of them after all.
   */
  static writeTogether(files: readonly (readonly [file: OutputFile, text: OutputText])[]): void {
    try {
      for (const [file, text] of files) file.#attempt((descriptor) => file.#fill(descriptor, text));
      for (const [file] of files) file.#attempt(() => file.#place());
    } finally {
      for (const [file] of files) file.discard();
    }
  }

  /** @throws {InputError} when the disk does not take it after all. */
  write(text: OutputText): void {
    OutputFile.writeTogether([[this, text]]);
  }

  #fill(file: number, text: OutputText): void {
    // What is written goes to the end of the draft, which is its beginning then.
    if (this.#draft !== undefined) ftruncateSync(file, 0);
    for (const bytes of chunksOf(text)) writeFileSync(file, bytes);
    if (this.#draft === undefined) return;
    const { mode, owner } = this.#kind;
    if (owner && process.geteuid?.() === 0) fchownSync(file, owner.uid, owner.gid);
    fchmodSync(file, mode);
    fsyncSync(file);
  }

  #place(): void {
    if (this.#draft !== undefined) renameSync(this.#draft, this.#target);
    this.#close();
  }

  #attempt(action: (file: number) => void): void {
    const file = this.#open();
    try {
      action(file);
    } catch (error) {
      // Where the text itself is what failed, that is no matter of the disk.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      const problems = new Problems();
      addUnwritable(this.#path, error, problems, this.#kind);
      throw new InputError(problems.all);
    }
  }

  /** Leaves the place as it was; nothing after it was written. */
  discard(): void {
    if (this.#file === undefined) return;
    this.#close();
    if (this.#draft !== undefined) rmSync(this.#draft, { force: true });
  }

  #reserve(): void {
    const file = this.#open();
    try {
      writeFileSync(file, Buffer.alloc(RESERVED_BYTES, ' '));
      fsyncSync(file);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  #open(): number {
    if (this.#file === undefined) throw new Error(`${this.#path} has been written or given up`);
    return this.#file;
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** Adds to `problems` when no files can be made in a directory, which may not be there yet. */
export function checkOutputDirectory(path: string, problems: Problems): void {
  try {
    accessSync(existing(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    addUnwritable(path, error, problems, PRIVATE);
  }
}

/** A file at a place that others know is replaced where it is ours; root may replace all but what is no file of its own. */
function mayReplace(path: string, problems: Problems): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return true;
  const uid = process.geteuid?.() ?? 0;
  const why = status.isSymbolicLink()
    ? 'it is a link'
    : status.isFile() && uid !== 0 && status.uid !== uid
      ? 'it belongs to another user'
      : status.isFile() || status.isDirectory()
        ? undefined
        : 'it is not a regular file';
  if (why === undefined) return true;
  problems.error(`${path} is not written: ${why}`, undefined, 'remove it, or name another file');
  return false;
}

/** The directory itself, or the nearest above it that is there. */
function existing(path: string): string {
  try {
    if (statSync(path).isDirectory()) return path;
    throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' });
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    return existing(above);
  }
}

/** A link stays: what it leads to is replaced. A pipe, as `/dev/fd/3` may be, has no other name. */
function targetOf(path: string): string {
  try {
    return statSync(path).isFile() ? realpathSync(path) : path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return path;
  }
}

/** A pipe or a device cannot be replaced. */
function isInPlace(target: string): boolean {
  const status = statSync(target, { throwIfNoEntry: false });
  if (status?.isDirectory()) throw Object.assign(new Error(`${target} is a directory`), { code: 'EISDIR' });
  return status !== undefined && !status.isFile();
}

/** The bytes of a text, of small pieces many at once. */
function* chunksOf(text: OutputText): Iterable<Buffer> {
  let gathered = '';
  for (const piece of typeof text === 'string' ? [text] : text) {
    gathered += piece;
    if (gathered.length < CHUNK) continue;
    yield Buffer.from(gathered);
    gathered = '';
  }
  yield Buffer.from(gathered);
}

function addUnwritable(path: string, error: unknown, problems: Problems, { option, remedy }: OutputKind): void {
  const directory = dirname(path);
  const isWithout = isMissing(error) && !existsSync(directory);
  const why = isWithout ? `the directory ${directory} does not exist` : describeSystemError(error);
  const place = isWithout
    ? `create it, or choose another path with ${option}`
    : `choose a writable place with ${option}`;
  problems.error(`cannot write ${path}: ${why}`, undefined, remedy ?? place);
}
