import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/core/host.ts';
import { needing } from '../support/programs.ts';
import { Fixture } from './support/fixture.ts';
import { makeKey } from './support/keys.ts';
import { until } from './support/processes.ts';
import { startSshd } from './support/real-sshd.ts';
import { connectorFor, host } from './support/sessions.ts';

/** Listens, tells its port and does nothing more, so that the kernel soon keeps no more connections for it. */
const LISTEN = `const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('fs').writeSync(1, server.address().port + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
})`;

const fixture = new Fixture();
const listener = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
const waiting: Socket[] = [];
/** As behind a firewall that drops packets: who connects gets no answer. */
let port = 0;

beforeAll(async () => {
  port = Number(await new Promise<Buffer>((resolve) => listener.stdout.once('data', resolve)));
  for (let count = 0; count < 2; count += 1) {
    const socket = connect(port, '127.0.0.1');
    waiting.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
});
afterAll(async () => {
  listener.kill('SIGKILL');
  for (const socket of waiting) socket.destroy();
  await fixture.close();
});

/** How many sockets of this machine are waiting to be connected to the port (proc_net_tcp(5): state 02). */
function unanswered(): number {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.map((line) => line.trim().split(/\s+/)).filter(([, , to, state]) => to?.endsWith(end) && state === '02')
    .length;
}

/** A host is asked for the port more often than sshd allows sessions, and nothing is left that goes on trying. */
async function expectPatience(machine: Host): Promise<void> {
  const session = await (await connectorFor([machine], { dialTimeoutMs: 100 })).openForReading(machine);
  for (let count = 0; count < 12; count += 1) {
    const [output] = await session.observe([{ dials: [{ kind: 'tcp', address: '127.0.0.1', port }] }]);
    expect(output?.dials).toEqual([{ kind: 'closed', reason: 'no answer within 0.1 s' }]);
  }
  await until(() => unanswered() === 0);
  await session.close();
}

describe('a port that does not answer', () => {
  it('is asked for as often as need be from this machine', async () => {
    await expectPatience(host('here', { ansible_connection: 'local' }));
  });

  it('is asked for as often as need be where sshd forbids forwarding', needing('sshd', 'bash'), async () => {
    const key = makeKey(fixture.directory, 'key');
    const sshd = await startSshd(fixture.directory, key, ['AllowTcpForwarding no']);
    fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
    const vars = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: key.path };
    await expectPatience(fixture.at(sshd.port, vars));
    await sshd.stop();
  });
});
