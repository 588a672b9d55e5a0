/** A certificate or key cannot be read, or must not be issued; the message is a clause that follows `path: `. */
export class PkiError extends Error {
  override readonly name = 'PkiError';
  /** What to do, in one line. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}
