import type { SourceFile, SourceRange } from './source.ts';

/** An option of the command line, by its long name. */
export type OptionName = `--${string}`;

/** Where a problem is: at a place in a text, or in what one of these options was given. */
export type ProblemPlace = SourceRange | readonly OptionName[];

/** A problem with the user's input: what, where, and how to fix it. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** One line, no full stop, in the user's words: `unknown step 'cert.check'`. */
  readonly message: string;
  /** Where; absent for the command line itself. */
  readonly range?: SourceRange;
  /** The options that it is about, if it has no range. One that a file or a variable has set is told of there. */
  readonly options?: readonly OptionName[];
  /** What to do, in one line: `did you mean certs.check?`. */
  readonly hint?: string;
}

/** Collects problems so that all of them can be shown at once. */
export class Problems {
  readonly #all: Diagnostic[] = [];
  /** Positions and messages already reported, by path and text of a file: a file may contain thousands of mistakes. */
  readonly #reported = new Map<string, Map<string, Set<string>>>();

  error(message: string, place?: ProblemPlace, hint?: string): void {
    this.#add(diagnosticOf('error', message, place, hint));
  }

  warning(message: string, place?: ProblemPlace, hint?: string): void {
    this.#add(diagnosticOf('warning', message, place, hint));
  }

  /** Adds problems that were collected separately. */
  addAll(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) this.#add(diagnostic);
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
  #add(diagnostic: Diagnostic): void {
    const { message, range } = diagnostic;
    if (range) {
      const reported = this.#reportedIn(range.file);
      const key = `${range.start} ${message}`;
      if (reported.has(key)) return;
      reported.add(key);
    }
    this.#all.push(diagnostic);
  }

  /** A file is read again by each task that includes it: the path and the text tell which one it is. */
  #reportedIn({ path, text }: SourceFile): Set<string> {
    const byText = this.#reported.get(path) ?? new Map<string, Set<string>>();
    const reported = byText.get(text) ?? new Set();
    this.#reported.set(path, byText.set(text, reported));
    return reported;
  }
}

function diagnosticOf(
  severity: Diagnostic['severity'],
  message: string,
  place: ProblemPlace | undefined,
  hint: string | undefined,
): Diagnostic {
  return {
    severity,
    message,
    ...(place && ('file' in place ? { range: place } : { options: place })),
    ...(hint !== undefined && { hint }),
  };
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

  static of(message: string, place?: ProblemPlace, hint?: string): InputError {
    return new InputError([diagnosticOf('error', message, place, hint)]);
  }
}
