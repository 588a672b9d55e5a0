import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** What a call is answered with: a status code of gRPC, a message, or an empty one, at once or after a while as when there is no work. */
export type GrpcAnswer = number | Uint8Array | 'empty' | 'no work';

/** So long a caller waits for work that does not come. */
const NO_WORK_MS = 500;

/** A server on loopback that speaks gRPC and knows nothing: it says to each call what it was told to say. */
export class GrpcServer {
  /** The methods that were called, in that order: `StartWorkflowExecution`. */
  readonly called: string[] = [];
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(server: Http2Server) {
    this.#server = server;
  }

  /** @param answers by the method; the others are answered with an empty message */
  static async open(answers: Readonly<Record<string, GrpcAnswer>>): Promise<GrpcServer> {
    const http = createServer();
    const server = new GrpcServer(http);
    http.on('session', (session) => server.#sessions.add(session));
    http.on('stream', (stream, { ':path': path = '' }) => {
      const method = path.slice(path.lastIndexOf('/') + 1);
      server.called.push(method);
      const answer = answers[method] ?? 'empty';
      const head = { ':status': 200, 'content-type': 'application/grpc' };
      stream.on('error', () => undefined);
      if (typeof answer === 'number') {
        stream.respond(
          { ...head, 'grpc-status': String(answer), 'grpc-message': `says ${answer}` },
          { endStream: true },
        );
        return;
      }
      stream.respond(head, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      setTimeout(() => stream.end(framed(answer)), answer === 'no work' ? NO_WORK_MS : 0);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A message as it goes over the wire: not compressed, with its length before it. */
function framed(answer: GrpcAnswer): Buffer {
  const message = answer instanceof Uint8Array ? answer : new Uint8Array();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
