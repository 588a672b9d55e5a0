import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { ServerIdentity } from './certificates.ts';
import { freePort } from './real-sshd.ts';

/** Local ports, each of which answers in its own way. */
export interface Ports {
  readonly tls12: number;
  readonly tls12Mutual: number;
  readonly tls13: number;
  readonly tls13Mutual: number;
  readonly http: number;
  readonly https: number;
  readonly httpsMutual: number;
  /** Accepts connections and says nothing. */
  readonly silent: number;
  /** Accepts connections and closes them. */
  readonly closing: number;
  /** Nothing listens. */
  readonly free: number;
  close(): Promise<void>;
}

export const LARGE_BODY = 'x'.repeat(300 * 1024);

export async function openPorts({ key, cert, ca }: ServerIdentity): Promise<Ports> {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const open = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };
  const tls = (options: TlsOptions): Promise<number> =>
    open(createTlsServer({ key, cert, ...options }, (socket) => socket.on('error', () => undefined).end()));
  const mutual = { ca, requestCert: true, rejectUnauthorized: true };
  const answer: Parameters<typeof createHttpServer>[1] = (request, response) => {
    if (request.url === '/large') response.end(LARGE_BODY);
    else if (request.url === '/livez?verbose')
      response.write('[+]ping ok\n', () => response.end('livez check passed\n'));
    else response.writeHead(500).end(`${request.method} ${request.url}`);
  };
  return {
    tls12: await tls({ maxVersion: 'TLSv1.2' }),
    tls12Mutual: await tls({ maxVersion: 'TLSv1.2', ...mutual }),
    tls13: await tls({ minVersion: 'TLSv1.3' }),
    tls13Mutual: await tls({ minVersion: 'TLSv1.3', ...mutual }),
    http: await open(createHttpServer(answer)),
    https: await open(createHttpsServer({ key, cert }, answer)),
    httpsMutual: await open(createHttpsServer({ key, cert, ...mutual }, answer)),
    silent: await open(createServer()),
    closing: await open(createServer((socket) => socket.end())),
    free: await freePort(),
    close: async () => {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}
