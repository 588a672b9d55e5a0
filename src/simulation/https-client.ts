import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect as connectTls } from 'node:tls';

/** What a client shows, and whom it trusts; in PEM. */
export interface ClientIdentity {
  readonly authority: string;
  readonly certificate?: string;
  readonly key?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 2_000;

/**
 * A GET with mutual TLS. The server's certificate is judged, for `host`.
 * @throws {Error} when there is no connection, or either side does not accept the other.
 */
export function httpsGet(
  stream: Duplex,
  host: string,
  path: string,
  { authority, certificate, key }: ClientIdentity,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host,
      path,
      timeout: TIMEOUT_MS,
      headers: { connection: 'close', 'user-agent': 'kplay-simulation' },
      createConnection: () =>
        connectTls({
          socket: stream,
          ca: authority,
          ...(certificate !== undefined && { cert: certificate }),
          ...(key !== undefined && { key }),
          checkServerIdentity: (_name, peer) => checkServerIdentity(host, peer),
        }),
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('context deadline exceeded')));
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => readBody(incoming).then(resolve, reject));
    outgoing.end();
  });
}

/** A connection to a port of this machine. */
export function dialLocal(port: number): Duplex {
  return connectTcp({ host: '127.0.0.1', port, noDelay: true });
}

async function readBody(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}
