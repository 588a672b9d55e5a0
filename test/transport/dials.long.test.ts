import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/core/host.ts';
import type { Dial, DialOutcome } from '../../src/core/probe.ts';
import type { ReadSession } from '../../src/core/session.ts';
import { SshServer, type SshServerOptions } from '../../src/simulation/ssh-server.ts';
import { needing, type ProgramName, program } from '../support/programs.ts';
import { makeIdentity } from './support/certificates.ts';
import { sshHost, temporaryDirectory } from './support/hosts-under-test.ts';
import { makeKey } from './support/keys.ts';
import { LARGE_BODY, openPorts, type Ports } from './support/ports.ts';
import { startSshd } from './support/real-sshd.ts';
import { connectorFor, host } from './support/sessions.ts';

const directory = temporaryDirectory();
const identity = await makeIdentity();
const client = makeKey(directory, 'client');
let ports: Ports;

beforeAll(async () => {
  ports = await openPorts(identity);
});
afterAll(async () => {
  await ports.close();
  rmSync(directory, { recursive: true });
});

interface Way {
  readonly name: string;
  readonly needs?: readonly ProgramName[];
  start(): Promise<{ host: Host; stop(): Promise<void> }>;
}

const WAYS: readonly Way[] = [
  {
    name: 'from the controller',
    start: async () => ({ host: host('here', { ansible_connection: 'local' }), stop: async () => undefined }),
  },
  { name: 'forwarded by the ssh server in this process', start: () => startInProcess({}) },
  {
    name: 'through bash, where forwarding is forbidden',
    needs: ['bash'],
    start: () => startInProcess({ refuseForwarding: true, environment: onlyWith('bash') }),
  },
  {
    name: 'through nc, where forwarding is forbidden',
    needs: ['busybox'],
    start: () => startInProcess({ refuseForwarding: true, environment: onlyWith('busybox', 'nc') }),
  },
  ...(['socat', 'ncat'] as const).map(
    (tool): Way => ({
      name: `through ${tool}, where forwarding is forbidden`,
      needs: [tool],
      start: () => startInProcess({ refuseForwarding: true, environment: onlyWith(tool) }),
    }),
  ),
  ...(['yes', 'no'] as const).map(
    (allowed): Way => ({
      name: `over OpenSSH with AllowTcpForwarding ${allowed}`,
      needs: ['sshd'],
      start: () => startOpenSsh([`AllowTcpForwarding ${allowed}`]),
    }),
  ),
];

async function startInProcess(options: Partial<SshServerOptions>) {
  const server = await SshServer.start({
    users: { admin: { publicKeys: [client.publicKey] } },
    environment: { PATH: process.env['PATH'] },
    resolve: (address, port) => (address === '127.0.0.1' ? { port } : undefined),
    ...options,
  });
  const known = join(directory, `known-${server.port}`);
  writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  return { host: sshHost('inner', 'admin', server.port, client.path, known), stop: () => server.close() };
}

async function startOpenSsh(lines: readonly string[]) {
  const sshd = await startSshd(directory, client, lines);
  const known = join(directory, `known-${sshd.port}`);
  writeFileSync(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
  return { host: sshHost('outer', sshd.user, sshd.port, client.path, known), stop: () => sshd.stop() };
}

/** A PATH on which, of all programs that can relay, only this one is; `name` is what it is called there. */
function onlyWith(tool: string, name = tool): { PATH: string } {
  const bin = join(directory, `only-${tool}`);
  mkdirSync(bin, { recursive: true });
  for (const [link, target] of [
    ['sh', 'sh'],
    ['cat', 'cat'],
    ['grep', 'grep'],
    ['true', 'true'],
    [name, tool],
  ] as const) {
    symlinkSync(program(target) ?? target, join(bin, link));
  }
  return { PATH: bin };
}

for (const { name, needs = [], start } of WAYS)
  describe(`dials ${name}`, needing(...needs), () => {
    let session: ReadSession;
    let stop: () => Promise<void>;

    beforeAll(async () => {
      const machine = await start();
      stop = machine.stop;
      // Login shells may take seconds on a busy machine; that is not what is tested.
      session = await (await connectorFor([machine.host], { dialTimeoutMs: 20_000 })).openForReading(machine.host);
    });
    afterAll(async () => {
      await session.close();
      await stop();
    });

    async function ask(dial: Omit<Dial, 'address'>): Promise<DialOutcome | undefined> {
      const [output] = await session.observe([{ dials: [{ address: '127.0.0.1', ...dial } as Dial] }]);
      return output?.dials[0];
    }

    it.each(['tls12', 'tls12Mutual', 'tls13', 'tls13Mutual'] as const)(
      'read the chain that is presented: %s',
      async (name) => {
        expect(await ask({ kind: 'tls', port: ports[name] })).toEqual({ kind: 'tls', chain: identity.chain });
      },
    );

    it('tell whether anything listens', async () => {
      expect(await ask({ kind: 'tcp', port: ports.silent })).toEqual({ kind: 'open' });
      expect(await ask({ kind: 'tcp', port: ports.closing })).toEqual({ kind: 'open' });
      expect(await ask({ kind: 'tcp', port: ports.free })).toMatchObject({ kind: 'closed' });
    });

    it('read an HTTP answer', async () => {
      const outcome = await ask({ kind: 'http', port: ports.http, path: '/livez?verbose' } as Dial);
      expect(outcome).toEqual({ kind: 'http', status: 200, body: '[+]ping ok\nlivez check passed\n' });
    });

    it('read an HTTPS answer without judging the certificate', async () => {
      const outcome = await ask({ kind: 'https', port: ports.https, path: '/other' } as Dial);
      expect(outcome).toEqual({ kind: 'http', status: 500, body: 'GET /other' });
    });

    it('read at most 256 KiB of a body', async () => {
      const outcome = await ask({ kind: 'http', port: ports.http, path: '/large' } as Dial);
      expect(outcome).toEqual({ kind: 'http', status: 200, body: LARGE_BODY.slice(0, 256 * 1024) });
    });

    it('say why they read nothing', async () => {
      const dials: readonly Dial[] = [
        { kind: 'tls', address: '127.0.0.1', port: ports.free },
        { kind: 'tls', address: '127.0.0.1', port: ports.http },
        { kind: 'tls', address: '127.0.0.1', port: ports.closing },
        { kind: 'http', address: '127.0.0.1', port: ports.closing, path: '/' },
        { kind: 'https', address: '127.0.0.1', port: ports.httpsMutual, path: '/' },
      ];
      const [output] = await session.observe([{ dials }]);
      expect(output?.dials.map(({ kind }) => kind)).toEqual(['closed', 'closed', 'closed', 'closed', 'closed']);
      expect(output?.dials[0]).toMatchObject({ reason: expect.stringMatching(/refused|closed without an answer/) });
      expect(output?.dials[1]).toMatchObject({ reason: expect.stringMatching(/does not speak TLS/) });
    });

    it('run while a script runs, many at once, and keep their order', async () => {
      const tls: Dial = { kind: 'tls', address: '127.0.0.1', port: ports.tls13 };
      const closed: Dial = { kind: 'tls', address: '127.0.0.1', port: ports.free };
      const dials = Array.from({ length: 20 }, (_, index) => (index % 3 === 0 ? closed : tls));
      const outputs = await session.observe([{ dials }, { dials: [closed, tls] }]);
      expect(outputs[0]?.dials.map(({ kind }) => kind)).toEqual(dials.map((dial) => (dial === tls ? 'tls' : 'closed')));
      expect(outputs[1]?.dials.map(({ kind }) => kind)).toEqual(['closed', 'tls']);
    });
  });

describe('dials', () => {
  it('do not wait longer than they should', async () => {
    const here = host('here', { ansible_connection: 'local' });
    const session = await (await connectorFor([here], { dialTimeoutMs: 100 })).openForReading(here);
    const dials: readonly Dial[] = (['tls', 'http', 'https'] as const).map((kind) => ({
      kind,
      address: '127.0.0.1',
      port: ports.silent,
      path: '/',
    }));
    const [output] = await session.observe([{ dials }]);
    expect(output?.dials).toEqual(
      dials.map(() => ({ kind: 'closed', reason: 'no answer within 0.1 s', isLate: true })),
    );
    await session.close();
  });

  it('are unavailable where sshd forbids forwarding and no program can relay', async () => {
    const { host: machine, stop } = await startInProcess({ refuseForwarding: true, environment: onlyWith('env') });
    const session = await (await connectorFor([machine])).openForReading(machine);
    const dials: readonly Dial[] = [{ kind: 'tls', address: '127.0.0.1', port: ports.tls12 }];
    expect(await session.observe([{ dials }])).toMatchObject([
      { dials: [{ kind: 'unavailable', reason: expect.stringMatching(/forbids forwarding/) }] },
    ]);
    await session.close();
    await stop();
  });

  it('are lost with the connection', async () => {
    const server = await SshServer.start({
      users: { admin: { publicKeys: [client.publicKey] } },
      environment: { PATH: process.env['PATH'] },
      resolve: () => ({ port: ports.silent }),
    });
    const known = join(directory, `known-${server.port}`);
    writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
    const machine = sshHost('lost', 'admin', server.port, client.path, known);
    const session = await (await connectorFor([machine])).openForReading(machine);
    const looking = session.observe([{ dials: [{ kind: 'tls', address: 'h', port: 1 }] }]);
    while (server.traffic.forwards === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    server.cut();
    await expect(looking).rejects.toMatchObject({ reason: 'lost' });
    await session.close();
    await server.close();
  });
});
