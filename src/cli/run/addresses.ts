import { Problems } from '../../core/diagnostic.ts';
import { endpointText } from '../../core/endpoint.ts';
import type { HostSettings } from '../../transport/settings/settings.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { SavedPlan } from '../inputs/saved-plan.ts';
import type { HostOptions } from '../options/host-options.ts';
import { connectionOptions, settingsReader } from './connections.ts';

/** Where each host is, with the jump hosts before it, in words: `10.0.0.1:22`. Whatever sets it: variables, arguments of ssh, options. */
export function addressesOf(
  { hosts, delegates, connectionVars }: Pick<Inputs, 'hosts' | 'delegates' | 'connectionVars'>,
  options: Partial<HostOptions>,
  environment: Pick<Environment, 'user' | 'home'>,
): SavedPlan['addresses'] {
  // What is wrong with them is reported where connections are prepared.
  const settings = settingsReader({ connectionVars }, options, connectionOptions(options, environment), new Problems());
  return Object.fromEntries([...hosts, ...delegates].map((host) => [host.name, addressIn(settings(host, undefined))]));
}

function addressIn(settings: HostSettings): string {
  if (settings.transport === 'local') return `this machine${settings.rootfs}`;
  const { target, jumps, rootfs } = settings;
  const way = jumps.length === 0 ? '' : ` through ${jumps.map(endpointText).join(', ')}`;
  return `${endpointText(target)}${rootfs}${way}`;
}
