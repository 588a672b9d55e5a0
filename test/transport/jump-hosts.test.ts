import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import ssh2, { type ParsedKey } from 'ssh2';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { sh } from '../../src/core/shell.ts';
import type { SshServer, SshServerOptions } from '../../src/simulation/ssh-server.ts';
import { NAMELESS } from '../support/nameless.ts';
import { startAgent } from './support/agent.ts';
import { startDeafPort } from './support/deaf-port.ts';
import { Fixture, refusal, visit } from './support/fixture.ts';
import { startHostileSshd } from './support/hostile-sshd.ts';
import { makeKey } from './support/keys.ts';
import { until } from './support/processes.ts';
import { freePort } from './support/real-sshd.ts';
import { connectorFor, NOWHERE } from './support/sessions.ts';

const fixture = new Fixture();
const key = makeKey(fixture.directory, 'key');
const users = { admin: { publicKeys: [key.publicKey] }, jumper: { publicKeys: [key.publicKey] } };
let networks = 0;

afterAll(() => fixture.close());

/** Two machines behind a jump host, which reaches them under addresses of their own. */
async function network(options: Partial<SshServerOptions> = {}) {
  networks += 1;
  const addresses = [1, 2].map((number) => `10.0.${networks}.${number}`);
  const servers: SshServer[] = [];
  for (const address of addresses) {
    const server = await fixture.serve({ users });
    fixture.know(`${address} ${server.hostKey}`);
    servers.push(server);
  }
  const jump = await fixture.serve({
    users,
    resolve: (address, port) => {
      const server = port === 22 ? servers[addresses.indexOf(address)] : undefined;
      return server && { port: server.port };
    },
    ...options,
  });
  const machine = (index: number, vars: Readonly<Record<string, Json>> = {}) =>
    fixture.at(
      22,
      {
        ansible_host: addresses[index] ?? '',
        ansible_ssh_private_key_file: key.path,
        ansible_ssh_extra_args: `-J jumper@127.0.0.1:${jump.port}`,
        ...vars,
      },
      `inner-${index}`,
    );
  return { jump, machine, addresses };
}

describe('jump hosts', () => {
  it('are shared by the hosts behind them, and left when the last has gone', async () => {
    const { jump, machine } = await network();
    const machines = [machine(0), machine(1)];
    const connector = await connectorFor(machines);
    const sessions = await Promise.all(machines.map((each) => connector.openForWriting(each)));
    for (const session of sessions) expect(await session.run(sh`echo in`)).toMatchObject({ stdout: 'in\n' });
    expect(jump.traffic).toMatchObject({ connections: 1, forwards: 2 });
    await Promise.all(sessions.map((session) => session.close()));
    await until(() => jump.open === 0);
    await (await connector.openForReading(machine(0))).close();
    expect(jump.traffic.connections).toBe(2);
  });

  it('are shared only by hosts that may be logged in to with the same keys', async () => {
    const held = makeKey(fixture.directory, 'held');
    const path = join(fixture.directory, 'agent');
    const agent = await startAgent(path, ssh2.utils.parseKey(readFileSync(held.path)) as ParsedKey);
    const { jump, machine } = await network({ users: { jumper: { publicKeys: [held.publicKey] } } });
    const extra = `-J jumper@127.0.0.1:${jump.port}`;
    const machines = [machine(0, { ansible_ssh_extra_args: `${extra} -o IdentitiesOnly=yes` }), machine(1)];
    const connector = await connectorFor(machines, { agentSocket: path });
    const [without, withAgent] = await Promise.allSettled(machines.map((each) => connector.openForReading(each)));
    expect(without).toMatchObject({ status: 'rejected', reason: { reason: 'authentication' } });
    expect(withAgent).toMatchObject({ status: 'fulfilled' });
    if (withAgent?.status === 'fulfilled') await withAgent.value.close();
    await agent.close();
  });

  it('are blamed when their connection is lost, and connected to again', async () => {
    const { jump, machine } = await network();
    const connector = await connectorFor([machine(0)]);
    const session = await connector.openForWriting(machine(0));
    jump.cut();
    await expect(session.run(sh`:`)).rejects.toMatchObject({
      reason: 'lost',
      message: expect.stringMatching(/^the connection was lost \(jump host 127\.0\.0\.1: /),
    });
    const again = await connector.openForWriting(machine(0));
    expect(await again.run(sh`echo in`)).toMatchObject({ stdout: 'in\n' });
    await Promise.all([session.close(), again.close()]);
  });

  it('may stand in a row', async () => {
    const { jump, machine } = await network();
    const outer = await fixture.serve({ users, resolve: (_address, port) => ({ port }) });
    const row = `jumper@127.0.0.1:${outer.port},jumper@127.0.0.1:${jump.port}`;
    await visit(machine(0, { ansible_ssh_extra_args: `-o ProxyJump=${row}` }));
    expect([outer.traffic.forwards, jump.traffic.forwards]).toEqual([1, 1]);
  });

  it('are checked for their keys, as the hosts behind them are', async () => {
    const { jump, machine, addresses } = await network();
    const file = join(fixture.directory, 'known_partly');
    const vars = { ansible_ssh_common_args: `-o UserKnownHostsFile=${file} -o GlobalKnownHostsFile=none` };
    writeFileSync(file, '');
    expect(await refusal(machine(0, vars))).toMatchObject({
      reason: 'host-key',
      message: expect.stringContaining(`jump host 127.0.0.1: the host key of [127.0.0.1]:${jump.port} is unknown`),
    });
    writeFileSync(file, `[127.0.0.1]:${jump.port} ${jump.hostKey}\n`);
    expect(await refusal(machine(0, vars))).toMatchObject({
      reason: 'host-key',
      message: expect.stringContaining(`the host key of ${addresses[0]} is unknown`),
    });
  });

  it('do not go by the alias of the host behind them', async () => {
    const { jump, machine } = await network();
    const file = join(fixture.directory, 'known_alias');
    const [inner] = [await fixture.serve({ users })];
    writeFileSync(file, `[127.0.0.1]:${jump.port} ${jump.hostKey}\nalias ${inner.hostKey}\n`);
    const args = `-o UserKnownHostsFile=${file} -o GlobalKnownHostsFile=none -o HostKeyAlias=alias`;
    // The machine behind has another key than the alias: what counts is that the jump host was not looked for under it.
    expect(await refusal(machine(0, { ansible_ssh_common_args: args }))).toMatchObject({
      reason: 'host-key',
      message: expect.stringMatching(/^the host key of alias has changed/),
    });
  });

  it('are logged in to with a default key if the named one is that of the host behind them, as by ssh', async () => {
    const home = mkdtempSync(join(fixture.directory, 'home-'));
    mkdirSync(join(home, '.ssh'));
    const usual = makeKey(join(home, '.ssh'), 'id_ed25519');
    const { machine } = await network({ users: { jumper: { publicKeys: [usual.publicKey] } } });
    await visit(machine(0), { connection: { localUser: 'admin', home } });
  });

  it('are offered the keys of the agent behind the named one and before the default ones, as by ssh', async () => {
    const home = mkdtempSync(join(fixture.directory, 'home-'));
    mkdirSync(join(home, '.ssh'));
    const usual = makeKey(join(home, '.ssh'), 'id_ed25519');
    const held = makeKey(fixture.directory, 'held-too');
    const stranger = makeKey(fixture.directory, 'stranger');
    const agentSocket = join(fixture.directory, 'agent-too');
    const agent = await startAgent(agentSocket, ssh2.utils.parseKey(readFileSync(held.path)) as ParsedKey);
    const { machine } = await network({ users: { jumper: { publicKeys: [stranger.publicKey] } } });
    const error = await refusal(machine(0), { agentSocket, connection: { localUser: 'admin', home } });
    const [named, last] = [key.path, usual.path].map((path) => `key ${path} (ssh-ed25519)`);
    expect(error.message).toContain(`tried ${named}, the keys of the agent, ${last}`);
    await agent.close();
  });

  it('are logged in to with keys of their own, which the host behind them is not offered', async () => {
    const own = makeKey(fixture.directory, 'own');
    const { jump, machine } = await network({ users: { jumper: { publicKeys: [own.publicKey] } } });
    const vars = { kplay_jump_private_key_file: own.path };
    await visit(machine(0, vars));
    expect(
      await refusal(machine(0, { ...vars, ansible_ssh_private_key_file: null, ansible_password: null })),
    ).toMatchObject({
      reason: 'authentication',
      message: expect.stringMatching(/: there was no key or password to try/),
    });
    expect(jump.traffic.forwards).toBe(2);
  });

  it.each(['accept-new', 'no'])('are checked strictly where the host behind them has %s, as by ssh', async (mode) => {
    const { jump, machine } = await network();
    const file = join(fixture.directory, `known_${mode}`);
    const files = `-o UserKnownHostsFile=${file} -o GlobalKnownHostsFile=none`;
    const vars = { ansible_ssh_common_args: `${files} -o StrictHostKeyChecking=${mode}` };
    writeFileSync(file, '');
    const unknown = { message: expect.stringMatching(/^jump host 127.0.0.1: the host key of .* is unknown/) };
    expect(await refusal(machine(0, vars))).toMatchObject(unknown);
    writeFileSync(file, `[127.0.0.1]:${jump.port} ${jump.hostKey}\n`);
    await visit(machine(0, vars));
    await visit(machine(1), { connection: { ...NOWHERE, hostKeys: 'no' } });
  });

  it('never get the password of the host behind them', async () => {
    const { machine } = await network({ users: { jumper: { password: 'x' } } });
    const error = await refusal(machine(0, { ansible_ssh_private_key_file: null }));
    expect(error).toMatchObject({ reason: 'authentication', message: expect.stringMatching(/^jump host 127.0.0.1: /) });
  });

  it.each([
    [
      'that know the user by another key',
      'publickey',
      /^check its user in ProxyJump \(USER@HOST\), and that the public key/,
    ],
    ['that want a password', 'password', /^check its user in ProxyJump .* log in with a key$/],
  ])('%s are mended in ProxyJump: no variable of the host behind them is named', async (_which, method, remedy) => {
    const other = makeKey(fixture.directory, 'unknown-here');
    const jumper = method === 'password' ? { password: 'x' } : { publicKeys: [other.publicKey] };
    const { machine } = await network({ users: { jumper } });
    expect(await refusal(machine(0))).toMatchObject({
      reason: 'authentication',
      remedy: expect.stringMatching(remedy),
    });
  });

  it.each([
    ['127.0.0.1', 'refused', 'check its port in ProxyJump, and that sshd runs on the host'],
    [NAMELESS, 'address', 'check its address in ProxyJump, and the DNS'],
  ])('that are not at %s are mended in ProxyJump', async (address, reason, remedy) => {
    const { machine } = await network();
    const lost = machine(0, { ansible_ssh_extra_args: `-J jumper@${address}:${await freePort()}` });
    expect(await refusal(lost)).toMatchObject({ reason, remedy });
  });

  it('are blamed when they do not let us through', async () => {
    const { machine, addresses } = await network({ refuseForwarding: true });
    expect(await refusal(machine(0))).toMatchObject({
      reason: 'refused',
      message: `the jump host 127.0.0.1 cannot connect to ${addresses[0]}:22: sshd forbids forwarding`,
    });
  });

  it('that refuse the login are not tried again for the next host', async () => {
    const { jump, machine } = await network({ users: { jumper: { publicKeys: [] } } });
    const connector = await connectorFor([machine(0), machine(1)]);
    for (const index of [0, 1]) {
      await expect(connector.openForReading(machine(index))).rejects.toMatchObject({
        host: `inner-${index}`,
        reason: 'authentication',
      });
    }
    expect(jump.traffic.connections).toBe(1);
    await expect(connector.openForReading(machine(0), { again: true })).rejects.toMatchObject({ host: 'inner-0' });
    expect(jump.traffic.connections).toBe(2);
  });

  it('that cannot be connected to are left alone for the time that connecting may take', async () => {
    const { machine } = await network();
    let asked = 0;
    const port = await fixture.listen((socket) => {
      asked += 1;
      socket.destroy();
    });
    const extra = { ansible_ssh_extra_args: `-J jumper@127.0.0.1:${port} -o ConnectTimeout=7` };
    const connector = await connectorFor([machine(0, extra), machine(1, extra)]);
    const attempt = (index: number) =>
      expect(connector.openForReading(machine(index, extra))).rejects.toMatchObject({
        host: `inner-${index}`,
        reason: 'refused',
        message: expect.stringContaining('jump host 127.0.0.1: '),
      });
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      await attempt(0);
      const once = asked;
      vi.advanceTimersByTime(6_999);
      await attempt(1);
      expect(asked).toBe(once);
      vi.advanceTimersByTime(1);
      await attempt(1);
      expect(asked).toBe(2 * once);
    } finally {
      vi.useRealTimers();
    }
  });

  it('can be given up while they are connected to', async () => {
    const abort = new AbortController();
    const port = await fixture.listen(() => abort.abort(new Error('interrupted')));
    const { machine } = await network();
    const behind = machine(0, { ansible_ssh_extra_args: `-J jumper@127.0.0.1:${port}` });
    const opening = (await connectorFor([behind])).openForReading(behind, { signal: abort.signal });
    await expect(opening).rejects.toThrow('interrupted');
  });

  it('are asked again for a host that does not listen yet, as a host without them is tried again', async () => {
    const port = await freePort();
    const target = await fixture.serve({ users });
    let asked = 0;
    const { jump, machine, addresses } = await network({
      resolve: () => {
        asked += 1;
        return { port: asked === 1 ? port : target.port };
      },
    });
    fixture.know(`${addresses[0]} ${target.hostKey}`);
    await visit(machine(0, { ansible_host: addresses[0] ?? '' }));
    expect([asked, jump.traffic.connections]).toEqual([2, 1]);
  });

  it('can be given up while they connect to a host that does not answer', async () => {
    const deaf = await startDeafPort();
    const { machine } = await network({ resolve: () => ({ port: deaf.port }) });
    const abort = new AbortController();
    const opening = (await connectorFor([machine(0)])).openForReading(machine(0), { signal: abort.signal });
    const failed = expect(opening).rejects.toThrow('interrupted');
    await until(() => deaf.unanswered() > 0);
    abort.abort(new Error('interrupted'));
    await failed;
    deaf.close();
  });
});

describe('a jump host that lies', () => {
  const HASTY = { connection: { ...NOWHERE, connectTimeoutMs: 1_000 } };

  /** A jump host that connects to this in place of the machine. */
  async function leadingTo(port: number) {
    const jump = await fixture.serve({ users, resolve: () => ({ port }) });
    const extra = `-J jumper@127.0.0.1:${jump.port}`;
    const vars = { ansible_host: '10.9.9.9', ansible_ssh_private_key_file: key.path, ansible_ssh_extra_args: extra };
    return fixture.at(22, vars, 'behind');
  }

  it('and leads to another machine is found out by the host key, before anything is told to it', async () => {
    const right = await fixture.serve({ users });
    const other = await fixture.serve({ users });
    fixture.know(`10.9.9.9 ${right.hostKey}`);
    expect(await refusal(await leadingTo(other.port), HASTY)).toMatchObject({
      reason: 'host-key',
      message: expect.stringMatching(/^the host key of 10\.9\.9\.9 has changed, or another machine answers/),
    });
    expect(other.traffic.commands).toEqual([]);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['closes each channel', (socket) => void socket.end()],
    ['cuts each channel', (socket) => void socket.destroy()],
    ['says nothing', () => undefined],
    ['talks without end', (socket) => void Readable.from(endless('a line of a banner\r\n')).pipe(socket)],
    ['talks without a line end', (socket) => void Readable.from(endless('x'.repeat(1_000))).pipe(socket)],
    ['says that it is an sshd and no more', (socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
  ])('and %s makes the host behind it unreachable', async (_what, behave) => {
    const machine = await leadingTo(await fixture.listen(behave));
    expect((await refusal(machine, HASTY)).reason).toMatch(/^(refused|timeout)$/);
  });

  it('and answers neither yes nor no makes the host behind it unreachable', async () => {
    const jump = await startHostileSshd({ kind: 'message', moment: 'input', payload: Buffer.from([2]), goesOn: true });
    fixture.know(`[127.0.0.1]:${jump.port} ${jump.hostKey}`);
    const extra = `-J admin@127.0.0.1:${jump.port}`;
    const vars = { ansible_ssh_private_key_file: key.path, ansible_ssh_extra_args: extra };
    expect(await refusal(fixture.at(22, vars), HASTY)).toMatchObject({
      reason: 'refused',
      message: expect.stringMatching(
        /^the jump host 127.0.0.1 cannot connect to .*: the host does not answer within 1 s$/,
      ),
    });
    await jump.close();
  });
});

function* endless(text: string): Generator<string> {
  for (;;) yield text;
}
