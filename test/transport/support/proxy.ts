import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose line can go dead without anybody being told. */
export interface Proxy {
  readonly port: number;
  /** From now on nothing gets through. */
  freeze(): void;
  /** Resets its connections. */
  reset(): void;
  close(): Promise<void>;
}

export function startProxy(target: number): Promise<Proxy> {
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    sockets.push(client, upstream);
    client.on('error', () => undefined).pipe(upstream);
    upstream.on('error', () => undefined).pipe(client);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address ? address.port : 0,
        freeze: () => {
          for (const socket of sockets) socket.unpipe().pause();
        },
        reset: () => {
          for (const socket of sockets) socket.resetAndDestroy();
        },
        close: async () => {
          const closed = new Promise((done) => server.close(done));
          for (const socket of sockets) socket.destroy();
          await closed;
        },
      });
    });
  });
}
