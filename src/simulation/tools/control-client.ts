import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ControlAnswer, ControlRequest } from '../control-messages.ts';

/** Sends a request to the program's host. After `connect`, the socket is the requested connection. */
export async function askHost(
  port: number,
  request: ControlRequest,
): Promise<{ readonly answer: ControlAnswer; readonly socket: Socket }> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.write(`${JSON.stringify(request)}\n`);
  let received = Buffer.alloc(0);
  while (!received.includes('\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  const end = received.indexOf('\n');
  if (end + 1 < received.length) socket.unshift(received.subarray(end + 1));
  return { answer: JSON.parse(received.toString('utf8', 0, end)) as ControlAnswer, socket };
}
