import type { HostRecap } from './events/recap.ts';

/** In what state a host is, as it is said behind its name: `restored`, `partly changed: stopped at 'Restart'`. */
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
      return `unknown: the connection was lost in '${at}'`;
  }
}
