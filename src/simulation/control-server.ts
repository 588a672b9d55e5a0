import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ControlAnswer, ControlRequest } from './control-messages.ts';

/** Services of a host for its stand-in programs. */
export interface ControlHandler {
  /** The local port behind an address; undefined if nothing listens. */
  resolve(address: string, port: number): number | undefined;
  systemctl(words: readonly string[]): Promise<ControlAnswer>;
}

const DONE: ControlAnswer = { exitCode: 0, stdout: '', stderr: '' };

/** Answers the stand-in programs of one host, on a port of 127.0.0.1. */
export class ControlServer {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, handler: ControlHandler) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
      serve(socket, handler);
    });
  }

  static async start(handler: ControlHandler): Promise<ControlServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new ControlServer(server, handler);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

function serve(socket: Socket, handler: ControlHandler): void {
  let line = '';
  const take = (chunk: Buffer): void => {
    line += chunk.toString('utf8');
    if (!line.includes('\n')) return;
    socket.off('data', take);
    socket.pause();
    const request = JSON.parse(line) as ControlRequest;
    if (request.do === 'connect') join(socket, handler.resolve(request.address, request.port));
    else
      handler.systemctl(request.words).then(
        (answer) => socket.end(encode(answer)),
        () => socket.destroy(),
      );
  };
  socket.on('data', take);
}

function join(socket: Socket, localPort: number | undefined): void {
  if (localPort === undefined) return void socket.end(encode({ ...DONE, exitCode: 1, stderr: 'connection refused' }));
  const target = connect({ host: '127.0.0.1', port: localPort, noDelay: true });
  target.on('error', () => socket.destroy());
  target.on('close', () => socket.destroy());
  socket.on('close', () => target.destroy());
  target.once('connect', () => {
    socket.write(encode(DONE));
    socket.pipe(target).pipe(socket);
  });
}

function encode(answer: ControlAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}
