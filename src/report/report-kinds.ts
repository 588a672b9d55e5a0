/** All ways in which what a command has come to is told besides the screen. */
export interface ReportKinds<Content> {
  /** Those that are files, by the word that asks for them: `--report junit=FILE`. Each gives the whole text. */
  readonly files: ReadonlyMap<string, (content: Content) => string>;
  /** Those that stand in the log of a job, where its runner reads them: `--report github`. */
  readonly logs: ReadonlyMap<string, (content: Content) => string>;
  /** Words that another command alone knows, and which: `kplay check`. */
  readonly elsewhere?: ReadonlyMap<string, string>;
  /** In GitHub Actions it is added to the summary of the job. */
  readonly summary: (content: Content) => string;
}
