import { expect, it } from 'vitest';
import { type Connector, type OpenOptions, UnreachableError } from '../../src/core/session.ts';
import { RunSessions } from '../../src/engine/hosts/run-sessions.ts';
import { host } from '../transport/support/sessions.ts';

it('tells the connector of each attempt to connect a forgotten host that it is made again', async () => {
  const attempts: OpenOptions['again'][] = [];
  const fail = async (name: string): Promise<never> => Promise.reject(new UnreachableError(name, 'refused', 'no'));
  const connector: Connector = {
    openForReading: ({ name }, options) => {
      attempts.push(options?.again);
      return fail(name);
    },
    openForWriting: ({ name }) => fail(name),
  };
  const sessions = RunSessions.forReading(connector);
  const machine = host('web');
  const tools = { emit: () => undefined, forks: 1, clock: () => new Date(0), abort: new AbortController().signal };
  const attempt = () => sessions.open(machine, [undefined], tools).catch(() => undefined);
  await attempt();
  await sessions.forget(machine);
  await attempt();
  await attempt();
  expect(attempts).toEqual([false, true, true]);
});
