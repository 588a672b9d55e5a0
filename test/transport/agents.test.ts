import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AgentFault, startAgent } from './support/agent.ts';
import { Fixture, refusal, visit } from './support/fixture.ts';
import { makeKey } from './support/keys.ts';
import { until } from './support/processes.ts';
import { connectorFor, NOWHERE } from './support/sessions.ts';

const fixture = new Fixture();
const { directory } = fixture;
const held = makeKey(directory, 'held');
const onDisk = makeKey(directory, 'id_ed25519');
const home = join(directory, 'home');
mkdirSync(join(home, '.ssh'), { recursive: true });
copyFileSync(onDisk.path, join(home, '.ssh', 'id_ed25519'));
const key = ssh2.utils.parseKey(readFileSync(held.path)) as ParsedKey;
afterAll(() => fixture.close());

/** What nobody has caught: in kplay it would end the process. */
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);
beforeEach(() => {
  uncaught.length = 0;
  process.on('uncaughtException', note).on('unhandledRejection', note);
});
afterEach(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note);
  expect(uncaught).toEqual([]);
});

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
