import { afterAll, describe, expect, it } from 'vitest';
import { sh } from '../../src/core/shell.ts';
import { Fixture } from './support/fixture.ts';
import { connectorFor } from './support/sessions.ts';

const fixture = new Fixture();
afterAll(() => fixture.close());

/** Long enough for timers of one millisecond: they run out several times. */
const AWHILE = sh`sleep 0.3; echo in`;

// A timer of Node.js ends at once if it is given more than 2 ** 31 - 1 ms.
describe('times of more than 24 days', () => {
  it('are no moment for connecting', async () => {
    const server = await fixture.serve();
    const machine = fixture.at(server.port, { ansible_ssh_extra_args: '-o ConnectTimeout=3000000' });
    const session = await (await connectorFor([machine])).openForWriting(machine);
    expect(await session.run(AWHILE)).toMatchObject({ stdout: 'in\n', timedOut: false });
    await session.close();
  });

  it('are no moment for a script', async () => {
    const server = await fixture.serve();
    const machine = fixture.at(server.port);
    const session = await (await connectorFor([machine])).openForWriting(machine);
    const result = await session.run(AWHILE, { timeoutMs: 3_000_000_000 });
    expect(result).toMatchObject({ stdout: 'in\n', timedOut: false });
    await session.close();
  });
});
