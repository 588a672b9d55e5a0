import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UnreachableError } from '../../src/core/session.ts';
import { sh } from '../../src/core/shell.ts';
import { makeSshKey } from '../../src/simulation/ssh-key.ts';
import { Fixture } from './support/fixture.ts';
import { type Misbehaviour, type Moment, startHostileSshd } from './support/hostile-sshd.ts';
import { misbehaviours } from './support/misbehaviours.ts';
import { connectorFor, NOWHERE, type TestConnectorOptions } from './support/sessions.ts';
import { failOnUncaught } from './support/uncaught.ts';

const fixture = new Fixture();
afterAll(() => fixture.close());

failOnUncaught();

/** Everything waits a second at most. */
const IMPATIENT: TestConnectorOptions = {
  shellTimeoutMs: 1_000,
  stopTimeoutMs: 1_000,
  dialTimeoutMs: 500,
  retryDelayMs: 1,
  connection: { ...NOWHERE, connectTimeoutMs: 1_000, keepAlive: { intervalMs: 400, count: 2 } },
};

/** What a look at such a host comes to: `seen`, or why not. */
async function lookAt(misbehaviour: Misbehaviour): Promise<string | UnreachableError> {
  const sshd = await startHostileSshd(misbehaviour);
  const known = join(fixture.directory, `known-${sshd.port}`);
  writeFileSync(known, `[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
  const vars = { ansible_ssh_common_args: `-o UserKnownHostsFile=${known} -o GlobalKnownHostsFile=none` };
  const machine = fixture.at(sshd.port, vars);
  try {
    const session = await (await connectorFor([machine], IMPATIENT)).openForReading(machine);
    try {
      const dials = [{ kind: 'tcp', address: '127.0.0.1', port: 1 } as const];
      const [output] = await session.observe([{ script: sh`echo seen`, dials }], { timeoutMs: 1_000 });
      return output?.stdout ?? '';
    } finally {
      await session.close();
    }
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  } finally {
    await sshd.close();
  }
}

describe('an sshd that breaks the rules', () => {
  const SIDE_BY_SIDE = 16;
  const cases = misbehaviours(20_260_101, 420);
  const groups = Array.from({ length: Math.ceil(cases.length / SIDE_BY_SIDE) }, (_, group) => ({
    first: group * SIDE_BY_SIDE + 1,
    kinds: cases.slice(group * SIDE_BY_SIDE, (group + 1) * SIDE_BY_SIDE),
  }));

  it.each(groups)('makes its host unreachable, and no more than that (kind $first and next)', async ({ kinds }) => {
    const outcomes = await Promise.all(
      kinds.map(async ({ name, misbehaviour }) => {
        const outcome = await lookAt(misbehaviour).catch((error: unknown) => error);
        const isRight = outcome === 'seen\n' || outcome instanceof UnreachableError;
        return isRight ? [] : [`${name}: ${String(outcome)}`];
      }),
    );
    expect(outcomes.flat()).toEqual([]);
  });

  it.each(['zlib@openssh.com', 'zlib'] as const)('and compresses with %s in any case is refused', async (compress) => {
    const outcome = await lookAt({ kind: 'algorithms', algorithms: { compress: [compress] } });
    expect(outcome).toMatchObject({
      reason: 'refused',
      message: expect.stringMatching(/ have no compression \(kplay uses none\) in common; the host offers zlib/),
    });
  });
});

it('an sshd that shows another host key when keys are exchanged again is left', async () => {
  const { privateKey } = await makeSshKey();
  expect(await lookAt({ kind: 'other-key', moment: 'input', hostKey: privateKey })).toMatchObject({
    reason: 'lost',
    message: expect.stringContaining('the connection was lost (its host key has changed)'),
  });
});

describe('an sshd that sends without end', () => {
  const MIB = 1024 * 1024;
  const message = (type: number, ...parts: readonly Buffer[]): Buffer => Buffer.concat([Buffer.from([type]), ...parts]);
  const uint32 = (value: number): Buffer => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value]);
  const text = (value: Buffer): Buffer => Buffer.concat([uint32(value.length), value]);

  it.each<[string, Moment, Buffer]>([
    [
      'questions, and reads no answer',
      'input',
      message(80, text(Buffer.from('keepalive@openssh.com')), Buffer.from([1])),
    ],
    ['channels to open', 'input', message(90, text(Buffer.from('x11')), uint32(1), uint32(1), uint32(1))],
    ['output', 'input', message(94, uint32(0), text(Buffer.alloc(30_000, 'x')))],
    ['error output', 'input', message(95, uint32(0), uint32(1), text(Buffer.alloc(30_000, 'x')))],
    ['banners', 'handshake', message(53, text(Buffer.alloc(30_000, 'x')), text(Buffer.alloc(0)))],
  ])('fills no memory: %s', async (_what, moment, payload) => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 20);
    const outcome = await lookAt({ kind: 'flood', moment, payload });
    clearInterval(timer);
    expect(outcome).toBeInstanceOf(UnreachableError);
    // What is read is bounded by 64 MiB. Twice that again may be what the sender, in this same process, has in its hands, and
    // what the collector has not yet come to: without a bound it was 376 and 511 MiB.
    expect(most / MIB).toBeLessThan(192);
  });
});
