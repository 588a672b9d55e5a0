import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import type { JsonObject } from '../core/json.ts';

/** A client's credentials and trusted CAs, in PEM. */
export interface ClientIdentity {
  readonly authority: string;
  readonly certificate?: string;
  readonly key?: string;
  /** A bearer token, instead of a certificate. */
  readonly token?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const TIMEOUT_MS = 2_000;

export interface HttpRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: JsonObject;
}

/** A GET. @throws {Error} like `httpsSend` */
export function httpsGet(stream: Duplex, host: string, path: string, identity: ClientIdentity): Promise<HttpAnswer> {
  return httpsSend(stream, host, { path }, identity);
}

/**
 * A request with mutual TLS, or with a token. The server's certificate is verified for `host`.
 * @throws {Error} if there is no connection, or either side rejects the other
 */
export function httpsSend(
  stream: Duplex,
  host: string,
  { method = 'GET', path, body }: HttpRequest,
  { authority, certificate, key, token }: ClientIdentity,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host,
      method,
      path,
      timeout: TIMEOUT_MS,
      headers: {
        connection: 'close',
        'user-agent': 'kplay-simulation',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
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
    outgoing.on('response', (incoming) =>
      readBody(incoming).then((text) => resolve({ status: incoming.statusCode ?? 0, body: text }), reject),
    );
    outgoing.end(body && JSON.stringify(body));
  });
}

/** A connection to a port of this machine. */
export function dialLocal(port: number): Duplex {
  return connectTcp({ host: '127.0.0.1', port, noDelay: true });
}

/** The body of a request or response. */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
