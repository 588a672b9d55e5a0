import type { HostState } from '../hosts/host-state.ts';
import type { HostPlace } from '../program/place.ts';

/** The context in which the templates of a play are rendered. */
export type TemplateContext = Pick<HostPlace, 'play' | 'surroundings' | 'playHosts'>;

/** Where the templates of a host in this state are rendered. */
export function placeOf(
  { play, surroundings, playHosts }: TemplateContext,
  { compiled, registered }: Pick<HostState, 'compiled' | 'registered'>,
): HostPlace {
  return { play, host: compiled, registered, surroundings, playHosts };
}
