import type { HostRecap } from './events/recap.ts';

/** States of hosts of a rollout that a Temporal server may still keep, although it is no longer followed here. */
export const NOT_FOLLOWED = 'the rollout is not followed any more';

/** The same if the server no longer knows the rollout. */
export const LOST_ELSEWHERE = 'what has become of the rollout is not known';

/** The state of a host in words, to follow its name: `restored`, `partly changed: stopped at 'Restart'`. */
export function stateText({ state, stopped }: Pick<HostRecap, 'state' | 'stopped'>): string {
  const at = stopped?.at ?? 'a task';
  switch (state) {
    case 'unchanged':
    case 'changed':
    case 'restored':
      return state;
    case 'restoring':
      return `restoring itself: the run stopped at '${at}'`;
    case 'partly-changed':
      return `partly changed: stopped at '${at}'`;
    case 'not-restored':
      return `partly changed: '${at}' failed, and the host could not be restored`;
    case 'unknown':
      // Of a cluster whose worker was lost, nothing more is known.
      if (!stopped) return 'unknown: no worker has reported it';
      return at === NOT_FOLLOWED || at === LOST_ELSEWHERE
        ? `unknown: ${at}`
        : `unknown: the connection was lost in '${at}'`;
    default:
      // The first versions of kplay recorded words.
      return state;
  }
}
