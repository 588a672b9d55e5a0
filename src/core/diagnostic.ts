import type { SourceFile, SourceRange } from './source.ts';

/** Something wrong with what the user wrote: what, where, and what to do about it. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** One line, no full stop, in the user's words: `unknown step 'cert.check'`. */
  readonly message: string;
  /** Where; absent for the command line itself. */
  readonly range?: SourceRange;
  /** What to do, in one line: `did you mean certs.check?`. */
  readonly hint?: string;
}

/** Collects problems so that all of them are shown at once. */
export class Problems {
  readonly #all: Diagnostic[] = [];
  /** Where something begins and what is said of it, by file: a file may hold thousands of mistakes. */
  readonly #said = new Map<SourceFile, Set<string>>();

  error(message: string, range?: SourceRange, hint?: string): void {
    this.#add('error', message, range, hint);
  }

  warning(message: string, range?: SourceRange, hint?: string): void {
    this.#add('warning', message, range, hint);
  }

  /** Takes over what was collected apart. */
  addAll(diagnostics: readonly Diagnostic[]): void {
    for (const { severity, message, range, hint } of diagnostics) this.#add(severity, message, range, hint);
  }

  get all(): readonly Diagnostic[] {
    return this.#all;
  }

  get hasErrors(): boolean {
    return this.#all.some((diagnostic) => diagnostic.severity === 'error');
  }

  /** Throws one InputError that carries everything collected, when there is an error among it. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new InputError(this.#all);
  }

  /** What has been said of this place already is not said again. */
  #add(severity: Diagnostic['severity'], message: string, range?: SourceRange, hint?: string): void {
    if (range) {
      const said = this.#said.get(range.file) ?? new Set();
      const key = `${range.start} ${message}`;
      if (said.has(key)) return;
      this.#said.set(range.file, said.add(key));
    }
    this.#all.push({ severity, message, ...(range && { range }), ...(hint !== undefined && { hint }) });
  }
}

/**
 * As people read: what is about the command line as a whole, then file by file, each from top to bottom. Parts of kplay go by subject,
 * and find what they find in another order.
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
