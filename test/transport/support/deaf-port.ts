import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** A port of 127.0.0.1 at which who connects gets no answer, as behind a firewall that drops packets. */
export interface DeafPort {
  readonly port: number;
  /** How many sockets of this machine are waiting to be connected to it (proc_net_tcp(5): state 02). */
  unanswered(): number;
  /** From now on it answers: who waits is connected when the kernel asks the next time, a second after the first. */
  hear(): void;
  close(): void;
}

const LISTEN = `const server = require('net').createServer((socket) => process.argv[1] && socket.end(process.argv[1])).listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () =>
  console.log(server.address().port))`;

/**
 * The process that listens is stopped, and as many have connected as the kernel keeps for it.
 * @param answer what it sends to each, once it hears them
 */
export async function startDeafPort(answer = ''): Promise<DeafPort> {
  const listener = spawn(process.execPath, ['-e', LISTEN, answer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(await new Promise<Buffer>((resolve) => listener.stdout.once('data', resolve)));
  listener.kill('SIGSTOP');
  const waiting: Socket[] = [];
  for (let count = 0; count < 2; count += 1) {
    const socket = connect(port, '127.0.0.1');
    waiting.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    port,
    unanswered: () =>
      readFileSync('/proc/net/tcp', 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , to, state]) => to?.endsWith(end) && state === '02').length,
    hear: () => void listener.kill('SIGCONT'),
    close: () => {
      listener.kill('SIGKILL');
      for (const socket of waiting) socket.destroy();
    },
  };
}
