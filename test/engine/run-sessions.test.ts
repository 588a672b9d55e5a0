import { expect, it } from 'vitest';
import { type Connector, type OpenOptions, type ReadSession, UnreachableError } from '../../src/core/session.ts';
import { RunSessions } from '../../src/engine/hosts/run-sessions.ts';
import { host } from '../transport/support/sessions.ts';

const tools = { emit: () => undefined, forks: 1, clock: () => new Date(0), abort: new AbortController().signal };

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
  const attempt = () => sessions.open(machine, [undefined], tools).catch(() => undefined);
  await attempt();
  await sessions.forget(machine);
  await attempt();
  await attempt();
  expect(attempts).toEqual([false, true, true]);
});

it('opens a session of its own for each host, whatever it is called', async () => {
  const open = async ({ name }: { readonly name: string }): Promise<ReadSession> => ({
    host: name,
    observe: async () => [],
    close: async () => undefined,
  });
  const sessions = RunSessions.forReading({ openForReading: open, openForWriting: async () => Promise.reject() });
  const ways = [true, undefined] as const;
  for (const name of ['web', 'web+true', 'true+web', 'undefined']) {
    const opened = await sessions.open(host(name), ways, tools);
    expect(ways.map((become) => opened.as(become).host)).toEqual([name, name]);
  }
});
