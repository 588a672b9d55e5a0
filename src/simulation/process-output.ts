import type { Readable, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';

/**
 * Sends a process's output, on both streams, to the client of a channel.
 *
 * One chunk at a time: ssh2 1.17 keeps a chunk that had to wait for the client's window, and when later a chunk of the other
 * stream has to wait, it sends the old one again in its place. So no two may wait at once, and the kept chunk is cleared.
 */
export function sendOutput(stdout: Readable, stderr: Readable, channel: ServerChannel): void {
  let turn: Promise<void> = Promise.resolve();
  const forward = (source: Readable, sink: Writable): void => {
    source.on('data', (piece: Buffer) => {
      source.pause();
      turn = turn
        .then(() => {
          Object.assign(channel, NO_KEPT_CHUNK);
          return new Promise<void>((resolve) => sink.write(piece, () => resolve()));
        })
        .then(() => void source.resume());
    });
  };
  forward(stdout, channel);
  forward(stderr, channel.stderr);
  // As with sshd: a process that still writes after the client has gone gets a broken pipe.
  channel.on('close', () => {
    stdout.destroy();
    stderr.destroy();
  });
}

/** Fields of ssh2's Channel. */
const NO_KEPT_CHUNK = { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined };
