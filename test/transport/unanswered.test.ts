import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../src/core/host.ts';
import { needing } from '../support/programs.ts';
import { type DeafPort, startDeafPort } from './support/deaf-port.ts';
import { Fixture } from './support/fixture.ts';
import { makeKey } from './support/keys.ts';
import { until } from './support/processes.ts';
import { startSshd } from './support/real-sshd.ts';
import { connectorFor, host } from './support/sessions.ts';

const fixture = new Fixture();
let deaf: DeafPort;

beforeAll(async () => {
  deaf = await startDeafPort();
});
afterAll(async () => {
  deaf.close();
  await fixture.close();
});

/** A host is asked for the port more often than sshd allows sessions, and nothing is left that goes on trying. */
async function expectPatience(machine: Host, kind: 'tcp' | 'tls'): Promise<void> {
  const session = await (await connectorFor([machine], { dialTimeoutMs: 300 })).openForReading(machine);
  for (let count = 0; count < 12; count += 1) {
    const [output] = await session.observe([{ dials: [{ kind, address: '127.0.0.1', port: deaf.port }] }]);
    expect(output?.dials).toEqual([{ kind: 'closed', reason: 'no answer within 0.3 s', isLate: true }]);
  }
  await until(() => deaf.unanswered() === 0);
  await session.close();
}

describe.each(['tcp', 'tls'] as const)('a port that does not answer (%s)', (kind) => {
  it('is asked for as often as need be from this machine', async () => {
    await expectPatience(host('here', { ansible_connection: 'local' }), kind);
  });

  it('is asked for as often as need be where sshd forbids forwarding', needing('sshd', 'bash'), async () => {
    const key = makeKey(fixture.directory, kind);
    const sshd = await startSshd(fixture.directory, key, ['AllowTcpForwarding no']);
    fixture.know(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}`);
    const vars = { ansible_user: sshd.user, ansible_password: null, ansible_ssh_private_key_file: key.path };
    await expectPatience(fixture.at(sshd.port, vars), kind);
    await sshd.stop();
  });
});
