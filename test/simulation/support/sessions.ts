import { randomBytes } from 'node:crypto';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { FactRef } from '../../../src/core/fact.ts';
import type { Host } from '../../../src/core/host.ts';
import type { CommandResult, Connector, WriteSession } from '../../../src/core/session.ts';
import { userScript } from '../../../src/core/shell.ts';
import { loadInventory } from '../../../src/inventory/load.ts';
import type { EmbeddedHost } from '../../../src/simulation/embedded-host.ts';
import type { Fleet } from '../../../src/simulation/fleet.ts';
import { createConnector } from '../../../src/transport/connector.ts';
import { connectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import type { HostSettings } from '../../../src/transport/settings/settings.ts';
import { KeyRing } from '../../../src/transport/ssh/key-ring.ts';

/** Connects to the hosts of an inventory as kplay does. */
export async function connectorFor(hosts: readonly Host[], problems: Problems): Promise<Connector> {
  const settings = (host: Host, become: boolean | undefined): HostSettings => {
    const options = { localUser: 'nobody', home: '/nonexistent', ...(become !== undefined && { become }) };
    return connectionSettings(host, host.vars, options, problems);
  };
  const keys = await KeyRing.load(
    hosts.map((host) => settings(host, true)),
    { skipsEncrypted: false },
    problems,
  );
  return createConnector({
    settings,
    keys,
    environment: {},
    token: () => randomBytes(16).toString('hex'),
    warn: () => undefined,
    retryDelayMs: 10,
  });
}

/** A session with one host of a fleet, for as long as `work` takes. */
export async function withSession<T>(
  fleet: Fleet,
  host: EmbeddedHost | undefined,
  work: (session: WriteSession) => Promise<T>,
): Promise<T> {
  const problems = new Problems();
  const machine = loadInventory([fleet.inventoryFile], problems)?.hosts.get(host?.name ?? '');
  problems.throwIfErrors();
  if (!machine) throw new Error('the inventory does not have the host');
  const session = await (await connectorFor([machine], problems)).openForWriting(machine, { become: true });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Runs a script on the first host of a fleet. */
export function runOn(fleet: Fleet, script: string): Promise<CommandResult> {
  return withSession(fleet, fleet.hosts[0], (session) => session.run(userScript(script)));
}

/** What a fact says of a host of a fleet, the first if no other is named. */
export function ask<Value>(fleet: Fleet, fact: FactRef<Value>, host = fleet.hosts[0]): Promise<Value> {
  return withSession(fleet, host, async (session) => {
    const [output] = await session.observe([fact.probe()]);
    if (!output) throw new Error('no answer');
    return fact.parse(output);
  });
}
