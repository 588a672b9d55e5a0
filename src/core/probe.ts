import type { ShellScript } from './shell.ts';

/**
 * A question to a host that leaves no trace on it. All probes of one observation travel together: their scripts in one
 * message to the host's shell, their dials at the same time.
 *
 * A script is POSIX sh. `$R` is the directory that stands for `/` (empty on a real host): every path is written `"$R"/etc/…`.
 * `tool NAME` prints the path of a program of the host, or fails; programs that change a machine are called only through it.
 */
export interface Probe {
  readonly script?: ShellScript;
  readonly dials?: readonly Dial[];
}

/** A connection from the host itself to one of its ports: what a client on that host would see. */
export type Dial = TlsDial | HttpDial | TcpDial;

/** A TLS handshake without a client certificate: which certificate does the port serve? */
export interface TlsDial {
  readonly kind: 'tls';
  readonly address: string;
  readonly port: number;
}

/** A GET, in the clear or over TLS whose certificate is not judged (that is the TLS dial's job). */
export interface HttpDial {
  readonly kind: 'http' | 'https';
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

/** Does anything listen there? */
export interface TcpDial {
  readonly kind: 'tcp';
  readonly address: string;
  readonly port: number;
}

/** What came of a dial. */
export type DialOutcome =
  /** Of a `tcp` dial: something accepted the connection. */
  | { readonly kind: 'open' }
  /** DER of the certificates that the server presented, the leaf first. */
  | { readonly kind: 'tls'; readonly chain: readonly Uint8Array[] }
  | { readonly kind: 'http'; readonly status: number; readonly body: string }
  /** Nothing answers: connection refused, reset, timed out, or no TLS spoken. */
  | { readonly kind: 'closed'; readonly reason: string }
  /** The question could not be asked: the host's sshd forbids forwarding and no relay was found on it. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What the host answered to a probe. */
export interface ProbeOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status of the script; 0 when there was none. */
  readonly exitCode: number;
  /** The host sent more than was taken; the rest of stdout is missing. */
  readonly truncated: boolean;
  /** One for each dial, in order. */
  readonly dials: readonly DialOutcome[];
}
