import { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { shortenExchange } from '../../src/transport/ssh2-protocol.ts';

/** A socket that notes what reaches the system, a write at a time. */
class Socket extends Duplex {
  readonly writes: string[] = [];

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(bytes.toString());
    done();
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => chunk.toString()).join(''));
    done();
  }

  override _read(): void {}
}

function connecting(): Socket {
  const socket = new Socket();
  const protocol = { authPK: () => undefined, requestFailure: () => undefined, _handlers: {} };
  shortenExchange({ _protocol: protocol, _sock: socket } as unknown as Client);
  return socket;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the pieces of a packet', () => {
  it('reach the socket together and in order', async () => {
    const socket = connecting();
    for (const piece of ['length ', 'payload ', 'mac']) socket.write(Buffer.from(piece));
    await turn();
    socket.write(Buffer.from('the next'));
    await turn();
    expect(socket.writes).toEqual(['length payload mac', 'the next']);
  });

  it('are not lost when the socket is ended at once', async () => {
    const socket = connecting();
    socket.write(Buffer.from('good'));
    socket.write(Buffer.from('bye'));
    socket.end();
    await turn();
    expect(socket.writes.join('')).toBe('goodbye');
  });
});
