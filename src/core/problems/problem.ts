/** The explanation of a refusal or failure, for `kplay explain CODE` and docs/troubleshooting.md. */
export interface Problem {
  /** One clause, for lists. */
  readonly title: string;
  /** What it means, and why kplay does not go on. Sentences; commands and paths between backticks. */
  readonly why: string;
  /** What to do, in the same format. */
  readonly remedy: string;
}
