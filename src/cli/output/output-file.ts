import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, type OptionName, Problems } from '../../core/diagnostic.ts';
import { describeSystemError, isMissing, systemErrorCode } from '../../core/system-error.ts';
import { isInPlace, targetOf, whyNotFollowed, whyNotReplaced, whyNotShared } from './output-place.ts';

/** Tried before the run: a disk without even that much space is full. */
const TRIED_BYTES = 4096;

/** The mode bits with which others than the owner may read a file. */
const READABLE = 0o044;

/** The number of characters written at once. */
const CHUNK = 1 << 16;

/** The content, as a whole or in pieces. */
type OutputText = string | Iterable<string>;

/** The kind of an output file. */
export interface OutputKind {
  /** The option that names it: `--out`. Absent: an argument does. */
  readonly option?: OptionName;
  readonly mode: number;
  /** Other programs read it by its name and may own the existing file: neither links nor, unless root runs kplay, files of other users are replaced. */
  readonly isShared: boolean;
  /** The owner to whom root gives it. Absent: root. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** A hint for when it cannot be written. Default: give the option another path. */
  readonly remedy?: string;
}

/** Readable only by its owner: for plans. */
const PRIVATE: OutputKind = { option: '--out', mode: 0o600, isShared: false };

/**
 * A file that is written at the end of a run, checked for writability before any host is contacted. It is written beside its path and
 * renamed, so that neither the mode of an old file nor half of a new one remains.
 */
export class OutputFile {
  readonly #path: string;
  readonly #target: string;
  /** The path while it is incomplete; undefined for files that are written in place, such as pipes. */
  readonly #draft: string | undefined;
  readonly #kind: OutputKind;
  /** Open while it is written; a pipe already before. */
  #file: number | undefined;
  #isOver = false;

  private constructor(path: string, kind: OutputKind, target: string, draft: string | undefined, file?: number) {
    this.#path = path;
    this.#kind = kind;
    this.#target = target;
    this.#draft = draft;
    this.#file = file;
  }

  /** @returns undefined when it cannot be written, which is added to `problems`. */
  static reserve(path: string, problems: Problems, kind: OutputKind = PRIVATE): OutputFile | undefined {
    if (path === '-') {
      problems.error(
        `${kind.option ?? 'this'} takes a file, not -`,
        placeOf(kind),
        'use a file name; for standard output use -o',
      );
      return undefined;
    }
    try {
      const foreign = kind.isShared ? whyNotShared(path) : whyNotFollowed(path);
      if (foreign !== undefined) {
        problems.error(`${path} is not written: ${foreign}`, placeOf(kind), 'remove it, or name another file');
        return undefined;
      }
      const target = kind.isShared ? path : targetOf(path);
      if (isInPlace(target)) return new OutputFile(path, kind, target, undefined, openSync(target, 'r+'));
      // Not the process id: in a container it is the same each time, and a killed run may have left its file.
      const draft = join(dirname(target), `.${basename(target)}.kplay-new-${randomBytes(6).toString('hex')}`);
      tryToWrite(draft, kind.mode);
      const fixed = whyNotReplaced(target);
      if (fixed !== undefined) {
        problems.error(`${path} cannot be replaced: ${fixed}`, placeOf(kind), 'mend that, or name another file');
        return undefined;
      }
      return new OutputFile(path, kind, target, draft);
    } catch (error) {
      addUnwritable(path, error, problems, kind);
      return undefined;
    }
  }

  /**
   * Writes files that belong together: none is renamed before all are complete.
   * @throws {InputError} when one of them cannot be written after all.
   */
  static writeTogether(files: readonly (readonly [file: OutputFile, text: OutputText])[]): void {
    try {
      for (const [file, text] of files) file.#attempt((descriptor) => file.#fill(descriptor, text));
      for (const [file] of files) file.#attempt(() => file.#place());
    } finally {
      for (const [file] of files) file.discard();
    }
  }

  /** @throws {InputError} when it cannot be written after all. */
  write(text: OutputText): void {
    OutputFile.writeTogether([[this, text]]);
  }

  #fill(opened: number, text: OutputText): void {
    const file = withoutReading(opened, this.#target);
    this.#file = file;
    for (const bytes of chunksOf(text)) writeFileSync(file, bytes);
    if (this.#draft === undefined) return;
    const { mode, owner } = this.#kind;
    if (owner && process.geteuid?.() === 0) fchownSync(file, owner.uid, owner.gid);
    setMode(file, mode);
    fsyncSync(file);
  }

  #place(): void {
    if (this.#draft !== undefined) putInPlace(this.#draft, this.#target, this.#kind.mode);
    this.#close();
  }

  #attempt(action: (file: number) => void): void {
    try {
      action(this.#open());
    } catch (error) {
      // An error in producing the text is not a file system error.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      const problems = new Problems();
      addUnwritable(this.#path, error, problems, this.#kind);
      throw new InputError(problems.all);
    }
  }

  /** Keeps an old file; nothing can be written afterwards. */
  discard(): void {
    if (this.#isOver) return;
    this.#close();
    if (this.#draft !== undefined) rmSync(this.#draft, { force: true });
  }

  #open(): number {
    if (this.#isOver) throw new Error(`${this.#path} has been written or given up`);
    this.#file ??= openSync(this.#draft ?? this.#target, 'ax', 0o600);
    return this.#file;
  }

  #close(): void {
    this.#isOver = true;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** A file that is a mount point, as the only file of this machine that a container was given, cannot be replaced: it is overwritten. */
function putInPlace(draft: string, target: string, mode: number): void {
  try {
    renameSync(draft, target);
  } catch (error) {
    if (systemErrorCode(error) !== 'EBUSY') throw error;
    overwrite(target, readFileSync(draft), mode);
    rmSync(draft);
  }
}

/** Nobody may read it in the end who might not read a new file of that mode: such a file, of another owner, stays as it was. */
function overwrite(target: string, content: Buffer, mode: number): void {
  const file = openSync(target, constants.O_WRONLY);
  try {
    const old = fstatSync(file).mode & 0o777;
    if ((old & ~mode & READABLE) !== 0) fchmodSync(file, old & mode);
    ftruncateSync(file);
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a pipe for writing only. One that is open for reading as well (`r+`) needs no other reader when it is opened, but kplay would be its
 * reader, and wait for itself as soon as the pipe is full. The new one is opened before the old one is closed: otherwise that would wait for
 * a reader. From then on it is an error if nobody reads.
 * @returns what to write to
 */
function withoutReading(file: number, path: string): number {
  const pipe = fstatSync(file);
  if (!pipe.isFIFO()) return file;
  const writing = openSync(path, constants.O_WRONLY);
  const { dev, ino } = fstatSync(writing);
  const isSame = dev === pipe.dev && ino === pipe.ino;
  closeSync(isSame ? file : writing);
  return isSame ? writing : file;
}

/** Creates a file, writes it and removes it: nothing stands there while the run is under way, however it ends. */
function tryToWrite(path: string, mode: number): void {
  const file = openSync(path, 'ax', 0o600);
  try {
    writeFileSync(file, Buffer.alloc(TRIED_BYTES, ' '));
    setMode(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}

/** A file system without modes, as vfat, refuses all but its own. That is good enough for what anybody may read. */
function setMode(file: number, mode: number): void {
  try {
    fchmodSync(file, mode);
  } catch (error) {
    if ((mode & READABLE) === 0 || systemErrorCode(error) !== 'EPERM') throw error;
  }
}

/** Adds to `problems` when no files can be created in a directory, which may not exist yet. */
export function checkOutputDirectory(path: string, problems: Problems): void {
  try {
    accessSync(nearestExisting(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    addUnwritable(path, error, problems, PRIVATE);
  }
}

/** The directory itself, or its nearest existing ancestor. */
function nearestExisting(path: string): string {
  try {
    if (statSync(path).isDirectory()) return path;
    throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' });
  } catch (error) {
    const parent = dirname(path);
    if (!isMissing(error) || parent === path) throw error;
    return nearestExisting(parent);
  }
}

/** The bytes of a text, with small pieces combined. */
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

function addUnwritable(path: string, error: unknown, problems: Problems, kind: OutputKind): void {
  const { option, remedy } = kind;
  const directory = dirname(path);
  const isWithout = isMissing(error) && !existsSync(directory);
  const why = isWithout ? `the directory ${directory} does not exist` : describeSystemError(error);
  const hint = `${isWithout ? 'create it, or choose another path' : 'choose a writable place'}${option ? ` with ${option}` : ''}`;
  problems.error(`cannot write ${path}: ${why}`, placeOf(kind), remedy ?? hint);
}

function placeOf({ option }: OutputKind): readonly OptionName[] {
  return option ? [option] : [];
}
