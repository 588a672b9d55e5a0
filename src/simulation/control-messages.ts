/**
 * Requests of stand-in programs, which run in processes of their own, to their host: one line of JSON on a local connection,
 * answered by another.
 */
export type ControlRequest =
  /** The rest of the connection is then forwarded to this address, as seen from the host. */
  | { readonly do: 'connect'; readonly address: string; readonly port: number }
  | { readonly do: 'systemctl'; readonly words: readonly string[] };

export interface ControlAnswer {
  /** For `connect`: 0 if something listens there. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
