import { createServer, type Socket } from 'node:net';
import ssh2, { type ParsedKey } from 'ssh2';

/** How an agent misbehaves. */
export type AgentFault =
  /** Closes each connection at once. */
  | 'dies'
  /** Closes the connection when it is asked for a signature. */
  | 'dies when it should sign'
  /** Never says anything. */
  | 'hangs'
  | 'hangs when it should sign'
  | 'refuses to sign'
  /** Answers with bytes that are no answer. */
  | 'talks nonsense'
  /** Has keys that are none. */
  | 'has broken keys'
  /** Signs something else. */
  | 'signs wrongly';

/** An SSH agent at a socket, with a key, which it uses as it should where it has no fault, or with several, of which the first one signs. */
export async function startAgent(path: string, key: ParsedKey | readonly ParsedKey[], fault?: AgentFault) {
  const keys = [key].flat();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (fault === 'dies') socket.destroy();
    else if (fault === 'talks nonsense') socket.on('data', () => socket.write(Buffer.alloc(300, 0x7f)));
    else if (fault !== 'hangs') serve(socket, keys, fault);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    /** Connections so far. */
    asked: () => sockets.size,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function serve(socket: Socket, keys: readonly ParsedKey[], fault: AgentFault | undefined): void {
  const [key] = keys as [ParsedKey];
  const protocol = new ssh2.AgentProtocol(false);
  protocol.on('error', () => socket.destroy());
  protocol.pipe(socket).pipe(protocol);
  protocol.on('identities', (request) => {
    if (fault === 'has broken keys') {
      // Two keys are announced (12), and one is there, which is none.
      socket.write(Buffer.from([0, 0, 0, 17, 12, 0, 0, 0, 2, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0]));
    } else protocol.getIdentitiesReply(request, [...keys]);
  });
  protocol.on('sign', (request, _key, data) => {
    if (fault === 'dies when it should sign') socket.destroy();
    else if (fault === 'refuses to sign') protocol.failureReply(request);
    else if (fault === 'signs wrongly') protocol.signReply(request, key.sign(Buffer.concat([data, data])) as Buffer);
    else if (fault === undefined) protocol.signReply(request, key.sign(data) as Buffer);
  });
}
