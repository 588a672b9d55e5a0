import { Problems } from '../../core/diagnostic.ts';
import { endpointText } from '../../core/endpoint.ts';
import { becomeValues } from '../../engine/program/play-tasks.ts';
import type { HostSettings } from '../../transport/settings/settings.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import type { SavedPlan } from '../inputs/saved-plan.ts';
import type { HostOptions } from '../options/host-options.ts';
import { connectionOptions, settingsReader } from './connections.ts';

/** What a saved plan binds its hosts to, whatever sets it: the inventory, arguments of ssh, options. */
export function plannedHosts(
  { hosts, delegates, plays, connectionVars }: Pick<Inputs, 'hosts' | 'delegates' | 'plays' | 'connectionVars'>,
  options: Partial<HostOptions>,
  environment: Pick<Environment, 'user' | 'home'>,
): SavedPlan['hosts'] {
  // What is wrong with them is reported where connections are prepared.
  const settings = settingsReader({ connectionVars }, options, connectionOptions(options, environment), new Problems());
  const accounts = new Map<string, Set<string>>();
  for (const play of plays)
    for (const become of becomeValues(play))
      for (const host of [...play.hosts.map((member) => member.host), ...delegates])
        accounts.set(host.name, (accounts.get(host.name) ?? new Set()).add(accountIn(settings(host, become))));
  return Object.fromEntries(
    [...hosts, ...delegates].map((host) => [
      host.name,
      {
        address: addressIn(settings(host, undefined)),
        account: [...(accounts.get(host.name) ?? [])].sort().join(' and '),
        ...(host.cluster !== undefined && { cluster: host.cluster }),
      },
    ]),
  );
}

/** Where it is, with the jump hosts before it, in words: `10.0.0.1:22`. */
function addressIn(settings: HostSettings): string {
  if (settings.transport === 'local') return `this machine${settings.rootfs}`;
  const { target, jumps, rootfs } = settings;
  const way = jumps.length === 0 ? '' : ` through ${jumps.map(endpointText).join(', ')}`;
  return `${endpointText(target)}${rootfs}${way}`;
}

/** As whom tasks act there. On this machine it is whoever runs kplay: the jobs that plan and apply may run on different ones. */
function accountIn(settings: HostSettings): string {
  if (settings.become) return 'root';
  return settings.transport === 'local' ? 'the user of kplay' : settings.target.user;
}
