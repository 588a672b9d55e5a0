/**
 * What stand-in programs, which run in processes of their own, ask of the host that they belong to: one line of JSON on a
 * local connection, answered by another.
 */
export type ControlRequest =
  /** The rest of the connection is then one to this address, as the host itself would make it. */
  | { readonly do: 'connect'; readonly address: string; readonly port: number }
  | { readonly do: 'systemctl'; readonly words: readonly string[] };

export interface ControlAnswer {
  /** Of `connect`: 0 when something listens there. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
