import { createServer, type Server, type Socket } from 'node:net';

/** Takes connections, and says nothing. */
export class SilentServer {
  readonly port: number;
  /** When each connection came: milliseconds of a clock that only goes forward. */
  readonly arrivals: number[];
  readonly #server: Server;
  readonly #open: Set<Socket>;

  private constructor(server: Server, port: number, arrivals: number[], open: Set<Socket>) {
    this.port = port;
    this.arrivals = arrivals;
    this.#server = server;
    this.#open = open;
  }

  static async start(): Promise<SilentServer> {
    const open = new Set<Socket>();
    const arrivals: number[] = [];
    const server = createServer((socket) => {
      arrivals.push(performance.now());
      open.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new SilentServer(server, address.port, arrivals, open);
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
