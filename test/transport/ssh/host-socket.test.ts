import { createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { connectTcp, HostSocket } from '../../../src/transport/ssh/host-socket.ts';
import { startDeafPort } from '../support/deaf-port.ts';
import { everyNameIs } from '../support/every-name.ts';
import { until } from '../support/processes.ts';

/** A stream below that notes what reaches it, a write at a time. */
class Below extends Duplex {
  readonly writes: string[] = [];
  /** Takes what is written, and never more. */
  isStuck = false;

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(bytes.toString());
    if (!this.isStuck) done();
  }

  override _read(): void {}
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the pieces of a packet', () => {
  it('go out together and in order', async () => {
    const below = new Below();
    const socket = new HostSocket(below);
    for (const piece of ['length ', 'payload ', 'mac']) socket.write(Buffer.from(piece));
    await turn();
    socket.write(Buffer.from('the next'));
    await turn();
    expect(below.writes).toEqual(['length payload mac', 'the next']);
  });

  it('are not lost when the socket is ended at once', async () => {
    const below = new Below();
    const socket = new HostSocket(below);
    socket.write(Buffer.from('good'));
    socket.write(Buffer.from('bye'));
    socket.end();
    await turn();
    expect(below.writes.join('')).toBe('goodbye');
  });
});

describe('a socket', () => {
  it('reads nothing while much waits to be sent', async () => {
    const below = new Below();
    const socket = new HostSocket(below);
    let received = 0;
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    below.push(Buffer.alloc(10));
    await turn();
    expect(received).toBe(10);
    below.isStuck = true;
    socket.write(Buffer.alloc(5 * 1024 * 1024));
    await turn();
    below.push(Buffer.alloc(10));
    await turn();
    expect(received).toBe(10);
    expect(below.isPaused()).toBe(true);
  });

  it('is closed when it is destroyed, whatever the stream below says', async () => {
    const below = new Below();
    below.destroy = () => {
      throw new Error('unusable');
    };
    const socket = new HostSocket(below);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.destroy();
    await closed;
  });

  it('ends with the error of a stream that has ended before', async () => {
    const below = new Below();
    const ended = new Promise((resolve) => below.once('close', resolve));
    below.on('error', () => undefined);
    below.destroy(new Error('reset'));
    await ended;
    const failed = new Promise((resolve) => new HostSocket(below).once('error', resolve));
    expect(await failed).toMatchObject({ message: 'reset' });
  });

  it('that was ended is closed when all is sent: the other side need not agree', async () => {
    const below = new Below();
    const socket = new HostSocket(below);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(Buffer.from('bye'));
    await closed;
    expect(below.writes).toEqual(['bye']);
    expect(below.destroyed).toBe(true);
  });

  it('that was ended stays as long as not all is sent', async () => {
    const below = new Below();
    below.isStuck = true;
    const socket = new HostSocket(below);
    socket.end(Buffer.from('bye'));
    await turn();
    await turn();
    expect(socket.destroyed).toBe(false);
  });

  it('ends with an error when the stream below throws', async () => {
    const below = new Below();
    below.write = () => {
      throw new Error('unusable');
    };
    const socket = new HostSocket(below);
    const failed = new Promise((resolve) => socket.once('error', resolve));
    socket.write(Buffer.from('x'));
    expect(await failed).toMatchObject({ message: 'unusable' });
  });
});

it('an address that answers late is waited for, although the host has another one, which does not work', async () => {
  const deaf = await startDeafPort();
  const lookup = everyNameIs([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  const connecting = connectTcp({ address: 'both.example.org', port: deaf.port, user: 'admin' }, 20_000);
  await until(() => deaf.unanswered() > 0);
  deaf.hear();
  const socket = await connecting;
  expect(socket.remoteAddress).toBe('127.0.0.1');
  socket.destroy();
  lookup.mockRestore();
  deaf.close();
});

it('an address that does not answer is given up for the next one soon, however long the timeout is', async () => {
  const deaf = await startDeafPort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(deaf.port, '127.0.0.2', resolve));
  const lookup = everyNameIs([
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ]);
  const socket = await connectTcp({ address: 'both.example.org', port: deaf.port, user: 'admin' }, 600_000);
  expect(socket.remoteAddress).toBe('127.0.0.2');
  socket.destroy();
  lookup.mockRestore();
  server.close();
  deaf.close();
});
