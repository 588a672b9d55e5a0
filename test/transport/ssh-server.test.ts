import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { sh } from '../../src/core/shell.ts';
import { SshServer } from '../../src/simulation/ssh-server.ts';
import { Fixture, visit } from './support/fixture.ts';
import { makeKey } from './support/keys.ts';
import { processesWith, until } from './support/processes.ts';
import { connectorFor } from './support/sessions.ts';

const fixture = new Fixture();
afterAll(() => fixture.close());

async function sessionAt(server: SshServer) {
  fixture.know(`[127.0.0.1]:${server.port} ${server.hostKey}`);
  const machine = fixture.at(server.port);
  return (await connectorFor([machine])).openForWriting(machine);
}

describe('SshServer', () => {
  it('leaves no process behind when it is closed', async () => {
    const server = await SshServer.start({
      users: { admin: { password: 'x' } },
      environment: { PATH: process.env['PATH'] },
    });
    const session = await sessionAt(server);
    const mark = `2${Date.now()}`;
    await session.run(sh`sleep ${mark} >/dev/null 2>&1 & echo started`);
    const running = session.run(sh`sleep ${mark}`).catch(() => undefined);
    await until(() => processesWith(mark) >= 2);
    server.cut();
    await running;
    expect(processesWith(mark)).toBeGreaterThan(0);
    await server.close();
    await until(() => processesWith(mark) === 0);
    await session.close();
  });

  it('lets a process that still runs when the client has gone go on, as sshd does', async () => {
    const server = await fixture.serve();
    const session = await sessionAt(server);
    const mark = `1${Date.now()}`;
    const running = session.run(sh`sleep ${mark}`).catch(() => undefined);
    await until(() => processesWith(mark) > 0);
    server.cut();
    await running;
    expect(processesWith(mark)).toBeGreaterThan(0);
    await session.close();
  });

  it('delivers late what it is told to deliver late', async () => {
    const server = await fixture.serve({ delayMs: 80 });
    const session = await sessionAt(server);
    const started = performance.now();
    expect(await session.run(sh`echo late`)).toMatchObject({ stdout: 'late\n' });
    expect(performance.now() - started).toBeGreaterThan(75);
    await session.close();
  });

  it('counts what has come', async () => {
    const server = await fixture.serve();
    await visit(fixture.at(server.port));
    expect(server.traffic).toEqual({
      connections: 1,
      commands: [expect.stringContaining('exec sh')],
      forwards: 0,
      inputs: 1,
    });
    await until(() => server.open === 0);
  });

  it('keeps its key when it is given one', async () => {
    const hostKey = readFileSync(makeKey(fixture.directory, 'host-key').path, 'utf8');
    const [first, second] = [await fixture.serve({ hostKey }), await fixture.serve({ hostKey })];
    expect(first.hostKey).toBe(second.hostKey);
    await visit(fixture.at(second.port));
  });
});
