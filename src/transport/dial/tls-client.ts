import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { TappedStream } from './tapped-stream.ts';
import { CLIENT_KEY_EXCHANGE, HandshakeReader, SERVER_KEY_EXCHANGE } from './tls-handshake.ts';

/** No root is trusted: certificates are not verified here, and none of the controller's own roots gets into a chain. */
const NO_ROOTS = tls.createSecureContext({ ca: [] });

/** A TLS connection whose server certificate was not verified. */
interface TlsConnection {
  readonly socket: tls.TLSSocket;
  /** The chain presented by the server, as DER, the leaf first. */
  readonly chain: readonly Uint8Array[];
}

/**
 * Performs a TLS handshake over a stream, without a client certificate and without verifying the server's.
 * @throws {TlsRefusal} if the handshake fails; it contains the chain if the server presented it before, and had proved by then
 * that it has the key
 */
export function connectTls(stream: Duplex, address: string): Promise<TlsConnection> {
  const [received, sent] = [new HandshakeReader(), new HandshakeReader()];
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      socket: new TappedStream(
        stream,
        (bytes) => received.push(bytes),
        (bytes) => sent.push(bytes),
      ),
      secureContext: NO_ROOTS,
      rejectUnauthorized: false,
      ...(isIP(address) === 0 && { servername: address }),
    });
    socket.on('error', (error) =>
      reject(new TlsRefusal(error, hasProvenKey(received, sent) ? received.chain : undefined)),
    );
    socket.on('secureConnect', () => resolve({ socket, chain: received.chain ?? peerChain(socket) }));
  });
}

/**
 * Up to TLS 1.2 a server signs its key exchange, including a random number of the client's, with its key. The client continues
 * with its own key exchange only if that signature is valid (RFC 5246, section 7.4.3): having sent it proves that it was.
 */
function hasProvenKey(received: HandshakeReader, sent: HandshakeReader): boolean {
  return received.has(SERVER_KEY_EXCHANGE) && sent.has(CLIENT_KEY_EXCHANGE);
}

/** A TLS handshake that did not reach its end. */
export class TlsRefusal extends Error {
  override readonly name = 'TlsRefusal';
  /** The chain that the server presented nevertheless, and has the key for. */
  readonly chain: readonly Uint8Array[] | undefined;

  constructor(cause: Error, chain: readonly Uint8Array[] | undefined) {
    super(describe(cause), { cause });
    this.chain = chain;
  }
}

function describe(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the connection was closed during the TLS handshake';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'it does not speak TLS';
    default:
      return `the TLS handshake failed (${error.code ?? error.message})`;
  }
}

/** The chain of a finished handshake: in TLS 1.3 it is encrypted. */
function peerChain(socket: tls.TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let next = socket.getPeerX509Certificate(); next; next = next.issuerCertificate) {
    chain.push(Uint8Array.from(next.raw));
  }
  return chain;
}
