import type { SourceFile, SourceRange } from './source.ts';

/** A problem with the user's input: what, where, and how to fix it. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** One line, no full stop, in the user's words: `unknown step 'cert.check'`. */
  readonly message: string;
  /** Where; absent for the command line itself. */
  readonly range?: SourceRange;
  /** What to do, in one line: `did you mean certs.check?`. */
  readonly hint?: string;
}

/** Collects problems so that all of them can be shown at once. */
export class Problems {
  readonly #all: Diagnostic[] = [];
  /** Positions and messages already reported, by file: a file may contain thousands of mistakes. */
  readonly #reported = new Map<SourceFile, Set<string>>();

  error(message: string, range?: SourceRange, hint?: string): void {
    this.#add('error', message, range, hint);
  }

  warning(message: string, range?: SourceRange, hint?: string): void {
    this.#add('warning', message, range, hint);
  }

  /** Adds problems that were collected separately. */
  addAll(diagnostics: readonly Diagnostic[]): void {
    for (const { severity, message, range, hint } of diagnostics) this.#add(severity, message, range, hint);
  }

  get all(): readonly Diagnostic[] {
    return this.#all;
  }

  get hasErrors(): boolean {
    return this.#all.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** Whether an error at the start of this range has been reported. */
  hasErrorAt({ file, start }: SourceRange): boolean {
    return this.#all.some(
      ({ severity, range }) => severity === 'error' && range?.file === file && range.start === start,
    );
  }

  /** Throws one InputError with everything collected if any of it is an error. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new InputError(this.#all);
  }

  /** Reports each message only once per position. */
  #add(severity: Diagnostic['severity'], message: string, range?: SourceRange, hint?: string): void {
    if (range) {
      const reported = this.#reported.get(range.file) ?? new Set();
      const key = `${range.start} ${message}`;
      if (reported.has(key)) return;
      this.#reported.set(range.file, reported.add(key));
    }
    this.#all.push({ severity, message, ...(range && { range }), ...(hint !== undefined && { hint }) });
  }
}

/**
 * In reading order: problems of the command line as a whole, then file by file from top to bottom. Parts of kplay check
 * subject by subject, and so find problems in another order.
 */
export function inReadingOrder<T extends Pick<Diagnostic, 'range'>>(diagnostics: readonly T[]): readonly T[] {
  const pathOf = ({ range }: T): string => range?.file.path ?? '';
  return diagnostics.toSorted((one, other) => {
    const [path, otherPath] = [pathOf(one), pathOf(other)];
    if (path !== otherPath) return path < otherPath ? -1 : 1;
    return (one.range?.start ?? 0) - (other.range?.start ?? 0);
  });
}

/** The user's input is wrong; nothing was contacted. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('; '));
    this.diagnostics = diagnostics;
  }

  static of(message: string, range?: SourceRange, hint?: string): InputError {
    const problems = new Problems();
    problems.error(message, range, hint);
    return new InputError(problems.all);
  }
}
