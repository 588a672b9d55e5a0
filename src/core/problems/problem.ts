/** What is behind a refusal or a failure, for whoever meets it: `kplay explain CODE` and docs/troubleshooting.md tell it. */
export interface Problem {
  /** One clause, for lists. */
  readonly title: string;
  /** What it means, and why kplay does not go on. Sentences; commands and paths between backticks. */
  readonly why: string;
  /** What to do. Written in the same way. */
  readonly remedy: string;
}
