import { randomBytes } from 'node:crypto';
import { Problems } from '../../../src/core/diagnostic.ts';
import type { Host } from '../../../src/core/host.ts';
import type { Json } from '../../../src/core/json.ts';
import type { Connector } from '../../../src/core/session.ts';
import { type Located, SourceFile } from '../../../src/core/source.ts';
import { type ConnectorOptions, createConnector } from '../../../src/transport/connector.ts';
import { connectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import type { ConnectionOptions, HostSettings } from '../../../src/transport/settings/settings.ts';
import { KeyRing } from '../../../src/transport/ssh/key-ring.ts';

/** Variables as an inventory would give them. */
export function located(vars: Readonly<Record<string, Json>>): ReadonlyMap<string, Located<Json>> {
  const file = new SourceFile('hosts.yml', JSON.stringify(vars));
  return new Map(
    Object.entries(vars).map(([name, value]) => {
      const start = file.text.indexOf(`"${name}"`);
      return [name, { value, range: file.range(start, start + name.length) }];
    }),
  );
}

export function host(name: string, vars: Readonly<Record<string, Json>> = {}): Host {
  return { name, groups: ['all'], vars: located(vars) };
}

export const NOWHERE: ConnectionOptions = { localUser: 'nobody', home: '/nonexistent' };

/** Settings from variables that must be right. */
export function settingsOf(machine: Host, options: ConnectionOptions = NOWHERE): HostSettings {
  const problems = new Problems();
  const settings = connectionSettings(machine, machine.vars, options, problems);
  problems.throwIfErrors();
  return settings;
}

export interface TestConnectorOptions extends Partial<ConnectorOptions> {
  readonly connection?: ConnectionOptions;
}

/** A connector for these hosts, wired as the CLI wires it. */
export async function connectorFor(hosts: readonly Host[], options: TestConnectorOptions = {}): Promise<Connector> {
  const settings = (machine: Host, become?: boolean): HostSettings =>
    settingsOf(machine, { ...NOWHERE, ...options.connection, ...(become !== undefined && { become }) });
  const problems = new Problems();
  const keys = await KeyRing.load(
    hosts.map((machine) => settings(machine)),
    { skipsEncrypted: false, ...(options.agentSocket !== undefined && { agentSocket: options.agentSocket }) },
    problems,
  );
  problems.throwIfErrors();
  return createConnector({
    settings,
    keys,
    environment: process.env,
    token: () => randomBytes(16).toString('hex'),
    warn: () => undefined,
    retryDelayMs: 10,
    ...options,
  });
}
