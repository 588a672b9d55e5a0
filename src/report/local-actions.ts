import type { EventOf } from './reporter.ts';
import { groupBy } from './words.ts';

/** What a run of the play calls on the machine of kplay: `hooks of a run: on_start 'Silence alerts'; on_wave 'Tell the channel'`. None: no line. */
export function hookLines({ hooks = [] }: EventOf<'play-started'>): readonly string[] {
  const moments = [...groupBy(hooks, ({ moment }) => moment)].map(
    ([moment, own]) => `on_${moment} ${own.map(({ name }) => `'${name}'`).join(', ')}`,
  );
  return moments.length > 0 ? [`hooks of a run: ${moments.join('; ')}`] : [];
}

/** That something done on the machine of kplay went well; that it did not is told elsewhere. */
export function goodEnd(event: EventOf<'hook-finished' | 'cluster-check'>): readonly string[] {
  if (event.type === 'hook-finished')
    return event.succeeded ? [`on_${event.moment}: '${event.hook}' has been called`] : [];
  return event.outcome === 'passed' ? [`check '${event.check}' has passed`] : [];
}
