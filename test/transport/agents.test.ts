import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';
import { afterAll, describe, expect, it } from 'vitest';
import { sh } from '../../src/core/shell.ts';
import { Authentication } from '../../src/transport/ssh/authentication.ts';
import { type AgentFault, startAgent } from './support/agent.ts';
import { Fixture, refusal, visit } from './support/fixture.ts';
import { makeKey } from './support/keys.ts';
import { until } from './support/processes.ts';
import { connectorFor, NOWHERE } from './support/sessions.ts';
import { failOnUncaught } from './support/uncaught.ts';

const fixture = new Fixture();
const { directory } = fixture;
const held = makeKey(directory, 'held');
const onDisk = makeKey(directory, 'id_ed25519');
const home = join(directory, 'home');
mkdirSync(join(home, '.ssh'), { recursive: true });
copyFileSync(onDisk.path, join(home, '.ssh', 'id_ed25519'));
const key = ssh2.utils.parseKey(readFileSync(held.path)) as ParsedKey;
afterAll(() => fixture.close());

failOnUncaught();

const FAULTS: readonly AgentFault[] = [
  'dies',
  'dies when it should sign',
  'hangs',
  'hangs when it should sign',
  'refuses to sign',
  'talks nonsense',
  'has broken keys',
  'signs wrongly',
];

describe.each(FAULTS)('an agent that %s', (fault) => {
  const users = { admin: { publicKeys: [held.publicKey, onDisk.publicKey] } };
  const path = join(directory, fault.replaceAll(' ', '-'));

  it('does not keep a key on disk from being tried', async () => {
    const agent = await startAgent(path, key, fault);
    const server = await fixture.serve({ users });
    const options = { agentSocket: path, connection: { ...NOWHERE, home, connectTimeoutMs: 2_000 } };
    await visit(fixture.at(server.port, { ansible_password: null }), options);
    expect(agent.asked()).toBeGreaterThan(0);
    await agent.close();
  });

  it('is told of when nothing else is there', async () => {
    const agent = await startAgent(path, key, fault);
    const server = await fixture.serve({ users });
    const options = { agentSocket: path, connection: { ...NOWHERE, connectTimeoutMs: 2_000 } };
    const error = await refusal(fixture.at(server.port, { ansible_password: null }), options);
    expect(error.reason).toBe('authentication');
    expect(error.message).toContain('tried the keys of the agent');
    if (fault.startsWith('hangs'))
      expect(error.message).toContain(`the agent at ${path}: it does not answer within 1 s`);
    await agent.close();
  });

  it('can be waited for no longer than the run goes on', async () => {
    const agent = await startAgent(path, key, fault);
    const server = await fixture.serve({ users });
    const abort = new AbortController();
    const machine = fixture.at(server.port, { ansible_password: null });
    const connector = await connectorFor([machine], { agentSocket: path });
    const opening = connector.openForReading(machine, { signal: abort.signal }).catch((error: unknown) => error);
    await until(() => agent.asked() > 0);
    abort.abort(new Error('interrupted'));
    expect(await opening).toBeInstanceOf(Error);
    await agent.close();
  });
});

describe('an agent that dies in the midst of a run', () => {
  const users = { admin: { publicKeys: [held.publicKey] } };
  const both = { admin: { publicKeys: [held.publicKey, onDisk.publicKey] } };

  it('takes no session with it, and the next host is logged in to with the key on disk', async () => {
    const path = join(directory, 'dies-later');
    const agent = await startAgent(path, key);
    const [first, second] = [await fixture.serve({ users }), await fixture.serve({ users: both })];
    const [one, other] = [first, second].map((server) => fixture.at(server.port, { ansible_password: null }));
    if (!one || !other) throw new Error('two hosts');
    const connector = await connectorFor([one, other], { agentSocket: path, connection: { ...NOWHERE, home } });
    const session = await connector.openForWriting(one);
    await agent.close();
    expect(await session.run(sh`echo in`)).toMatchObject({ stdout: 'in\n' });
    const next = await connector.openForWriting(other);
    expect(await next.run(sh`echo in`)).toMatchObject({ stdout: 'in\n' });
    await Promise.all([session.close(), next.close()]);
  });

  it('is told of where a host has to be logged in to again and nothing else is there', async () => {
    const path = join(directory, 'dies-before-return');
    const agent = await startAgent(path, key);
    const server = await fixture.serve({ users });
    const machine = fixture.at(server.port, { ansible_password: null });
    const connector = await connectorFor([machine], { agentSocket: path });
    const session = await connector.openForWriting(machine);
    await agent.close();
    server.cut();
    await expect(session.run(sh`:`)).rejects.toMatchObject({ reason: 'lost' });
    const again = connector.openForWriting(machine);
    await expect(again).rejects.toMatchObject({ reason: 'authentication', message: expect.stringContaining(path) });
  });
});

it('an agent whose key a host does not know keeps no key on disk from being tried', async () => {
  const path = join(directory, 'other-key');
  const agent = await startAgent(path, key);
  const server = await fixture.serve({ users: { admin: { publicKeys: [onDisk.publicKey] } } });
  const machine = fixture.at(server.port, { ansible_password: null });
  await visit(machine, { agentSocket: path, connection: { ...NOWHERE, home } });
  const error = await refusal(machine, { agentSocket: path });
  expect([error.reason, error.message]).toEqual([
    'authentication',
    expect.stringContaining('tried the keys of the agent'),
  ]);
  expect(agent.asked()).toBeGreaterThan(0);
  await agent.close();
});

it('an agent offers first what it alone can sign with and what is in files, and with IdentitiesOnly nothing else', async () => {
  const path = join(directory, 'many');
  const [first, second, third] = ['first', 'second', 'third'].map(
    (name) => ssh2.utils.parseKey(readFileSync(makeKey(directory, name).path)) as ParsedKey,
  ) as [ParsedKey, ParsedKey, ParsedKey];
  const agent = await startAgent(path, [first, second, third]);
  const offered = async (onlyNamed: boolean): Promise<readonly Buffer[]> => {
    const [named, files] = [[second.getPublicSSH()], [third.getPublicSSH()]];
    const access = { socket: path, named, files, onlyNamed };
    const credentials = { keys: [], keysAreDefaults: false, password: undefined, agent: access, sha1: false };
    const login = { ssh2, timeoutMs: 5_000, isOver: () => false, onBroken: () => undefined };
    const methods: unknown[] = [];
    new Authentication('admin', credentials).handler(login)(
      null as never,
      false,
      (method) => void methods.push(method),
    );
    const [method] = methods as [{ readonly agent: BaseAgent }];
    const keys = await new Promise<readonly ParsedKey[]>((resolve, reject) =>
      method.agent.getIdentities((error, found) => (error ? reject(error) : resolve((found ?? []) as ParsedKey[]))),
    );
    return keys.map((one) => one.getPublicSSH());
  };
  expect(await offered(false)).toEqual([second, third, first].map((one) => one.getPublicSSH()));
  expect(await offered(true)).toEqual([second.getPublicSSH()]);
  await agent.close();
});
