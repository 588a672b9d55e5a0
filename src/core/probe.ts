import type { ShellScript } from './shell.ts';

/**
 * A question to a host that leaves no trace on it. All probes of one observation are sent together: their scripts in one
 * message to the host's shell, their dials at the same time.
 *
 * A script is POSIX sh. `$R` is the directory that stands for `/` (empty on a real host): every path is written `"$R"/etc/…`.
 * `tool NAME` prints the path of a program of the host, or fails; programs that can change a machine are called only through
 * it.
 */
export interface Probe {
  readonly script?: ShellScript;
  readonly dials?: readonly Dial[];
}

/** A connection from the host itself to one of its ports: what a client on that host would see. */
export type Dial = TlsDial | HttpDial | TcpDial;

/** A TLS handshake without a client certificate: asks which certificate the port serves. */
export interface TlsDial {
  readonly kind: 'tls';
  readonly address: string;
  readonly port: number;
}

/** A GET over HTTP, or over TLS without checking the certificate (that is the TLS dial's job). */
export interface HttpDial {
  readonly kind: 'http' | 'https';
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

/** Asks whether anything listens on the port. */
export interface TcpDial {
  readonly kind: 'tcp';
  readonly address: string;
  readonly port: number;
}

/** The result of a dial. */
export type DialOutcome =
  /** Something accepted a `tcp` dial. */
  | { readonly kind: 'open' }
  /** DER of the certificates that the server presented, the leaf first. */
  | { readonly kind: 'tls'; readonly chain: readonly Uint8Array[] }
  | { readonly kind: 'http'; readonly status: number; readonly body: string }
  /** No answer: connection refused, reset, timed out, or no TLS. */
  | {
      readonly kind: 'closed';
      readonly reason: string;
      /** Nothing has refused or ended it: the answer did not come in time. */
      readonly isLate?: true;
    }
  /** The dial was impossible: the host's sshd forbids forwarding, and it has no relay. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** A host's answer to a probe. */
export interface ProbeOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status of the script; 0 without a script. */
  readonly exitCode: number;
  /** The output was too long; the rest of stdout is missing. */
  readonly truncated: boolean;
  /** One for each dial, in order. */
  readonly dials: readonly DialOutcome[];
}
