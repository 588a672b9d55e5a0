import type { Event } from '../../core/events/event.ts';

type IsWanted = (host: string) => boolean;

/** An event reduced to some hosts; undefined when it is only about others. Events about no particular host are kept. */
export function narrowed(event: Event, isWanted: IsWanted): Event | undefined {
  switch (event.type) {
    case 'play-planned': {
      const hosts = event.plan.hosts.filter(({ host }) => isWanted(host));
      return hosts.length === 0 ? undefined : { ...event, plan: { ...event.plan, hosts } };
    }
    case 'run-finished':
      return { ...event, hosts: event.hosts.filter(({ host }) => isWanted(host)) };
    default:
      if ('host' in event) return isWanted(event.host) ? event : undefined;
      if (!('hosts' in event) || event.hosts.length === 0) return event;
      return ofHosts(event, event.hosts.filter(isWanted));
  }
}

type OfHosts = Extract<Event, { readonly hosts: readonly string[] }>;

function ofHosts(event: OfHosts, hosts: readonly string[]): Event | undefined {
  return hosts.length === 0 ? undefined : { ...event, hosts };
}
