import type { Event } from '../../core/events/event.ts';
import type { Standing } from '../../core/signal.ts';
import { nameList } from '../../report/words.ts';

/** What a run waits for, and what ends that. */
const WAITS: ReadonlySet<Event['type']> = new Set<Event['type']>([
  'wave-waiting',
  'window-waiting',
  'wave-soaking',
  'wave-approved',
  'wave-settled',
  'wave-started',
  'cluster-started',
  'rollout-stopped',
  'run-finished',
]);

/**
 * What a run that goes on waits for before it begins another cluster, in a clause, by what it has told; undefined: for nothing. Where
 * somebody has to do something, the command stands there.
 * @param standing what was said to it, which it may not have come to yet
 * @param approve the command that approves a wave
 */
export function waitText(
  events: readonly Event[],
  { approvals }: Pick<Standing, 'approvals'>,
  approve: (wave: string) => string,
): string | undefined {
  const last = events.findLast(({ type }) => WAITS.has(type));
  switch (last?.type) {
    case 'wave-waiting':
      return approvals.has(last.wave) ? undefined : `wave ${last.wave} is waiting for approval: ${approve(last.wave)}`;
    case 'wave-soaking':
      return `wave ${last.wave} soaks until ${last.until.slice(0, 19)}Z`;
    case 'window-waiting':
      return `the window of ${nameList(last.clusters)} opens ${last.opens.slice(0, 16)}Z`;
    default:
      return undefined;
  }
}
