import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Host } from '../../../src/core/host.ts';
import type { Json } from '../../../src/core/json.ts';
import { UnreachableError } from '../../../src/core/session.ts';
import { sh } from '../../../src/core/shell.ts';
import { SshServer, type SshServerOptions } from '../../../src/simulation/ssh-server.ts';
import { temporaryDirectory } from './hosts-under-test.ts';
import { connectorFor, host, type TestConnectorOptions } from './sessions.ts';

type Vars = Readonly<Record<string, Json>>;

/** Servers, and a known_hosts file that knows them, for one test file. */
export class Fixture {
  readonly directory = temporaryDirectory();
  readonly known = join(this.directory, 'known_hosts');
  readonly #servers: { close(): unknown }[] = [];

  /** Starts an SSH server whose key is known. */
  async serve(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
    const server = await SshServer.start({
      users: { admin: { password: 'x' } },
      environment: { PATH: process.env['PATH'] },
      ...options,
    });
    this.#servers.push(server);
    this.know(`[127.0.0.1]:${server.port} ${server.hostKey}`);
    return server;
  }

  /** Starts a TCP server that is no SSH server, and tells its port. */
  async listen(onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  know(line: string): void {
    writeFileSync(this.known, `${line}\n`, { flag: 'a' });
  }

  /** A host at a port of this machine, which `admin` may log in to with the password `x`. */
  at(port: number, vars: Vars = {}, name = 'machine'): Host {
    return host(name, {
      ansible_host: '127.0.0.1',
      ansible_port: port,
      ansible_user: 'admin',
      ansible_password: 'x',
      ansible_ssh_common_args: `-o UserKnownHostsFile=${this.known} -o GlobalKnownHostsFile=none`,
      ...vars,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    rmSync(this.directory, { recursive: true });
  }
}

/** Connects, looks, and goes away again. */
export async function visit(machine: Host, options: TestConnectorOptions = {}): Promise<void> {
  const session = await (await connectorFor([machine], options)).openForReading(machine);
  expect(await session.observe([{ script: sh`echo seen` }])).toMatchObject([{ stdout: 'seen\n' }]);
  await session.close();
}

/** How a visit fails. */
export async function refusal(machine: Host, options: TestConnectorOptions = {}): Promise<UnreachableError> {
  const error = await visit(machine, options).catch((caught: unknown) => caught);
  if (!(error instanceof UnreachableError)) throw error ?? new Error('it was let in');
  expect(error.host).toBe(machine.name);
  return error;
}
