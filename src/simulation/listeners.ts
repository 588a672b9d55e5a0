import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { HostNetwork } from './network.ts';

/** The address of a host's server, as its clients know it. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The listening sockets of one simulated process: they are closed at its end. */
export class Listeners {
  readonly #network: HostNetwork;
  readonly #endings: (() => Promise<void>)[] = [];

  constructor(network: HostNetwork) {
    this.#network = network;
  }

  http(endpoints: readonly Endpoint[], listener: RequestListener): Promise<void> {
    return this.#open(createHttpServer(listener), endpoints);
  }

  /** @throws {Error} if certificate and key cannot be loaded */
  https(endpoints: readonly Endpoint[], options: ServerOptions, listener: RequestListener): Promise<void> {
    return this.#open(createHttpsServer(options, listener), endpoints);
  }

  /** Also ends the connections, like the end of a process. */
  async close(): Promise<void> {
    await Promise.all(this.#endings.splice(0).map((end) => end()));
  }

  async #open(server: Server, endpoints: readonly Endpoint[]): Promise<void> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      // A connection accepted while the process ended.
      if (!server.listening) socket.destroy();
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port: localPort } = server.address() as AddressInfo;
    const releases = endpoints.map(({ address, port }) => this.#network.open(address, port, localPort));
    this.#endings.push(async () => {
      for (const release of releases) release();
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    });
  }
}
