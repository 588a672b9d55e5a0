/** The text of a report, or pieces of it: for a large fleet it need never be in memory as a whole. */
export type ReportText = string | Iterable<string>;

/** The complete text. */
export function wholeText(text: ReportText): string {
  return typeof text === 'string' ? text : [...text].join('');
}

/** The path of a user's file relative to the repository that a job has checked out; undefined for a file outside of it. */
export type InRepository = (file: string) => string | undefined;

/** All reports of a command besides the screen. */
export interface ReportKinds<Content> {
  /** Reports in files, by the keyword of the option: `--report junit=FILE`. */
  readonly files: ReadonlyMap<string, (content: Content, inRepository: InRepository) => ReportText>;
  /** Reports in the log of a job, where its runner reads them: `--report github`. */
  readonly logs: ReadonlyMap<string, (content: Content, inRepository: InRepository) => string>;
  /** Keywords that only another command supports, and which: `kplay check`. */
  readonly ofOtherCommands?: ReadonlyMap<string, string>;
  /** Added to the summary of the job in GitHub Actions. */
  readonly summary: (content: Content) => string;
}
