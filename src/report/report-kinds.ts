/** The whole text of a report, or its pieces: that of a large fleet need never be in memory as a whole. */
export type ReportText = string | Iterable<string>;

/** All of it at once. */
export function wholeText(text: ReportText): string {
  return typeof text === 'string' ? text : [...text].join('');
}

/** A file of the user as the repository names it that a job has checked out: relative to its root. Undefined of one outside of it. */
export type InRepository = (file: string) => string | undefined;

/** All ways in which what a command has come to is told besides the screen. */
export interface ReportKinds<Content> {
  /** Those that are files, by the word that asks for them: `--report junit=FILE`. */
  readonly files: ReadonlyMap<string, (content: Content, inRepository: InRepository) => ReportText>;
  /** Those that stand in the log of a job, where its runner reads them: `--report github`. */
  readonly logs: ReadonlyMap<string, (content: Content, inRepository: InRepository) => string>;
  /** Words that another command alone knows, and which: `kplay check`. */
  readonly elsewhere?: ReadonlyMap<string, string>;
  /** In GitHub Actions it is added to the summary of the job. */
  readonly summary: (content: Content) => string;
}
